"""The doctor: looks at every part of an installation and says what is wrong and what to do.

Each part is looked at by itself, so that one that is down hides none of the others. Looking
changes nothing and sends nothing.
"""

from collections.abc import Collection, Iterator

from config import fitness
from config.settings import Settings, SettingsError
from notifier.domain.clock import Clock
from notifier.services.doctor import machine, names, offices, processes, providers, stores
from notifier.services.doctor.findings import Finding, Health, fail, ok, warn
from notifier.services.wiring import Wiring, wire

__all__ = ["Finding", "Health", "examine"]


def examine(
    settings: Settings, *, clock: Clock, variables: Collection[str] = ()
) -> Iterator[Finding]:
    """What there is to say of each part, as it is found. Never raises.

    `variables` are the names of all that are set in the environment.
    """
    yield from _settings(settings)
    yield from names.misspelt(variables, settings)
    database = stores.Database(settings, clock)
    yield from database.findings()
    redis = stores.Broker(settings)
    yield from redis.findings()
    yield from stores.clocks(database, redis, clock)
    yield from processes.findings(redis.living(), settings)
    wiring = _wired(settings)
    if wiring is None:
        yield warn("gateways", "not looked at", "mend the settings first")
    else:
        yield from providers.findings(wiring, database.reachable)
        if database.reachable:
            yield from offices.findings(wiring)
        wiring.close()
    yield from machine.findings(settings)
    yield from database.backlog()
    database.close()
    redis.close()


def _settings(settings: Settings) -> Iterator[Finding]:
    problems = list(fitness.problems(settings))
    for problem in problems:
        yield fail("settings", problem, "see docs/reference/settings.md")
    if problems:
        return
    try:
        wire(settings).close()
    except SettingsError as problem:
        yield fail("settings", str(problem), "see docs/reference/settings.md")
        return
    if settings.rehearsal:
        said = "complete, for a rehearsal: no SMS reaches a citizen"
        yield warn("settings", said, "unset BAOTIN_REHEARSAL to go live")
    else:
        yield ok("settings", f"complete for {settings.environment}")


def _wired(settings: Settings) -> Wiring | None:
    try:
        return wire(settings)
    except SettingsError:
        return None
