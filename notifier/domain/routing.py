"""Which gateway takes a message next."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum


class NoRoute(StrEnum):
    """Why no gateway can be named."""

    REFUSED = "refused"  # every gateway of the route refused these words or this phone
    BUSY = "busy"  # the ones that are left are paused, waiting, failing or full


@dataclass(frozen=True, slots=True)
class History:
    """What earlier attempts of the message tell."""

    refused_by: frozenset[str] = frozenset()  # content or channel: never again
    unknown_at: frozenset[str] = frozenset()  # it may lie there: never a second time
    deferred_by: str | None = None  # the last one tried: avoided where another is free


NO_HISTORY = History()


def choose(
    route: Sequence[str], *, free: Collection[str], history: History = NO_HISTORY
) -> str | NoRoute:
    """The first gateway of the route that may take it now, one that just failed last."""
    left = [name for name in route if name not in history.refused_by]
    if not left:
        return NoRoute.REFUSED
    elsewhere = [name for name in left if name not in history.unknown_at]
    if not elsewhere and history.refused_by:
        return NoRoute.REFUSED
    candidates = [name for name in elsewhere if name in free]
    if not candidates:
        return NoRoute.BUSY
    others = [name for name in candidates if name != history.deferred_by]
    return (others or candidates)[0]
