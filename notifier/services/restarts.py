"""Processes that run with other gateways than their file describes now: a restart is needed."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from redis import RedisError

from config import gateways_file
from config.gateways_file import Fingerprints
from config.settings import Settings
from notifier import pulses
from notifier.pulses import Living, Role
from notifier.services.wiring import Wiring


@dataclass(frozen=True, slots=True)
class Outdated:
    """A process that read the file before it was changed, and what of it has changed since."""

    role: Role
    host: str
    pid: int
    gateways: tuple[str, ...]
    route: bool

    def __str__(self) -> str:
        changed = [*self.gateways, *(["the route"] if self.route else [])]
        return f"{self.role} (process {self.pid} on {self.host}) has other settings of " + (
            ", ".join(changed)
        )


def outdated(*, wiring: Wiring) -> list[Outdated] | None:
    """The living processes that a restart would change; none where Redis cannot tell."""
    try:
        return among(pulses.living(wiring.redis), wiring.settings)
    except RedisError:
        return None


def among(living: Sequence[Living], settings: Settings) -> list[Outdated]:
    """Those of them. A file that cannot be read describes nothing: all of it has changed."""
    path = settings.gateways_file
    key = settings.hash_key
    now = gateways_file.fingerprints(Path(path), key) if path else Fingerprints()
    found = []
    for one in living:
        if one.about is None:
            continue
        read = one.about.gateways
        gateways, route = read.differing(now), read.route != now.route
        if gateways or route:
            found.append(Outdated(one.role, one.about.host, one.about.pid, gateways, route))
    return found
