"""The processes, by their pulse."""

from collections import Counter
from collections.abc import Iterator, Sequence
from importlib.metadata import version

from config.settings import Settings
from notifier.pulses import Living, Role
from notifier.services import restarts
from notifier.services.doctor.findings import Finding, fail, ok, warn

_STARTS = {
    Role.API: "baotin api",
    Role.SEND: "baotin worker send",
    Role.UPKEEP: "baotin worker upkeep",
    Role.SCHEDULER: "baotin scheduler",
}
_WITHOUT = {
    Role.API: "nothing is taken in",
    Role.SEND: "nothing is sent",
    Role.UPKEEP: "what is stuck stays stuck",
    Role.SCHEDULER: "nothing that runs by the clock runs",
}


def findings(living: Sequence[Living] | None, settings: Settings) -> Iterator[Finding]:
    """`living`: none where Redis cannot tell."""
    if living is None:
        yield warn("processes", "cannot be told without Redis", "mend Redis first")
        return
    counts = Counter(one.role for one in living)
    for role in Role:
        if counts[role]:
            yield ok(f"process {role}", f"{counts[role]} alive")
        else:
            yield fail(f"process {role}", f"none is alive: {_WITHOUT[role]}", _STARTS[role])
    yield from _alike(living, settings)


def _alike(living: Sequence[Living], settings: Settings) -> Iterator[Finding]:
    ours = version("baotin")
    names = {key.name for key in settings.encryption_keys}
    for one in living:
        if one.about is None:
            said = f"{one.role} {one.id} is of a release that this one cannot read"
            yield warn("releases", said, "restart it with this release")
            continue
        where = f"{one.role} (process {one.about.pid} on {one.about.host})"
        if one.about.release != ours:
            said = f"{where} runs release {one.about.release}, this is {ours}"
            yield warn("releases", said, "restart it with this release")
        if missing := names - set(one.about.encryption_keys):
            said = f"{where} lacks the encryption key {', '.join(sorted(missing))}"
            yield fail("keys", said, "restart it with the same BAOTIN_ENCRYPTION_KEYS")
        if one.about.jumped_by_s:
            said = f"the clock of {where} jumped by {one.about.jumped_by_s:g} s within the hour"
            yield warn("clock", said, "let NTP keep that clock")
    for process in restarts.among(living, settings):
        yield warn("gateways file", f"{process} than the file now", "restart needed: restart it")
