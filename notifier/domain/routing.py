"""Which gateway takes a message next.

A route is an ordered list of steps. A step holds gateways that are equal at that place, each with
its share, and may be for some languages or encodings only. Nothing here looks at the phone: which
network a prefix belongs to is a guess since numbers are ported.
"""

import hashlib
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from notifier.domain.events import Language
from notifier.domain.operators import Operator
from notifier.domain.text import Encoding

MOST_STEPS = 16
MOST_SHARE = 1000
_EMPTY: Mapping[str, float] = MappingProxyType({})


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


class RouteError(ValueError):
    """A route that cannot be; `path` is the field, the text says what is wrong."""

    def __init__(self, path: str, text: str) -> None:
        super().__init__(text)
        self.path = path


@dataclass(frozen=True, slots=True)
class Step:
    """Gateways of equal rank with their shares, and the messages that they are for.

    An empty condition is for every message.
    """

    shares: Mapping[str, int]
    languages: frozenset[str] = frozenset()
    encodings: frozenset[str] = frozenset()
    operators: frozenset[str] = frozenset()  # as a provider last told; never by prefix

    def takes(self, message: "Traits") -> bool:
        return (
            (not self.languages or message.language in self.languages)
            and (not self.encodings or message.encoding in self.encodings)
            and (not self.operators or message.operator in self.operators)
        )

    def as_json(self) -> dict[str, Any]:
        """What `read` reads back to the same step."""
        return {
            "gateways": dict(self.shares),
            "languages": sorted(self.languages),
            "encodings": sorted(self.encodings),
            "operators": sorted(self.operators),
        }


@dataclass(frozen=True, slots=True)
class Route:
    """The steps of an office; `cheapest_first` orders all that may take a message by price."""

    steps: tuple[Step, ...]
    cheapest_first: bool = False

    @property
    def asks_operators(self) -> bool:
        """Whether a phone's operator decides."""
        return any(step.operators for step in self.steps)


@dataclass(frozen=True, slots=True)
class Traits:
    """What of a message decides its way."""

    message_id: str
    language: str
    encoding: str | None
    operator: str | None = None  # nobody told it: steps for some operators pass it over


def ordered(gateways: Sequence[str]) -> Route:
    """A route that tries these in turn."""
    return Route(tuple(Step(MappingProxyType({name: 1})) for name in gateways))


def read_steps(steps: Sequence[Mapping[str, Any]], *, known: Collection[str]) -> tuple[Step, ...]:
    """Steps as people write them. Raises `RouteError`; `known` are the gateways in use."""
    if not 1 <= len(steps) <= MOST_STEPS:
        raise RouteError("steps", f"A route has 1 to {MOST_STEPS} steps.")
    return tuple(_read_step(step, f"steps.{n}", known) for n, step in enumerate(steps))


def _read_step(step: Mapping[str, Any], path: str, known: Collection[str]) -> Step:
    shares: Mapping[str, int] = step.get("gateways", {})
    if not shares:
        raise RouteError(f"{path}.gateways", "A step names at least one gateway.")
    for name, share in shares.items():
        if name not in known:
            raise RouteError(
                f"{path}.gateways.{name}",
                f"No such gateway is in use; those are {', '.join(known)}.",
            )
        if not 1 <= share <= MOST_SHARE:
            raise RouteError(f"{path}.gateways.{name}", f"A share is 1 to {MOST_SHARE}.")
    languages, encodings = step.get("languages", ()), step.get("encodings", ())
    operators = step.get("operators", ())
    if not set(languages) <= set(Language):
        raise RouteError(f"{path}.languages", f"Languages are {', '.join(Language)}.")
    if not set(encodings) <= set(Encoding):
        raise RouteError(f"{path}.encodings", f"Encodings are {', '.join(Encoding)}.")
    if not set(operators) <= set(Operator):
        raise RouteError(f"{path}.operators", f"Operators are {', '.join(Operator)}.")
    return Step(
        MappingProxyType(dict(shares)),
        frozenset(languages),
        frozenset(encodings),
        frozenset(operators),
    )


def candidates(route: Route, message: Traits, prices: Mapping[str, float] = _EMPTY) -> list[str]:
    """The gateways that may take the message, the wanted one first, each named once.

    The same message gets the same order each time it is asked. `prices` are for one segment; a
    gateway whose price nobody said counts as the dearest.
    """
    found: dict[str, None] = {}
    for step in route.steps:
        if step.takes(message):
            found.update(dict.fromkeys(_by_share(step.shares, message.message_id)))
    if not route.cheapest_first:
        return list(found)
    return sorted(found, key=lambda name: prices.get(name, math.inf))  # stable among equals


def way(
    route: Route,
    message: Traits,
    *,
    in_use: Sequence[str],
    prices: Mapping[str, float] = _EMPTY,
) -> list[str]:
    """The gateways in use that the message is tried at, the wanted one first.

    All of them in their order for a message that no step of the route takes, or none in use.
    """
    found = [name for name in candidates(route, message, prices) if name in in_use]
    return found or list(in_use)


def reach(route: Route, in_use: Sequence[str]) -> frozenset[str]:
    """Every gateway in use that some message on this route may be tried at."""
    operators = {None, *(one for step in route.steps for one in step.operators)}
    return frozenset(
        name
        for language in Language
        for encoding in (*Encoding, None)
        for operator in operators
        for name in way(route, Traits("", language, encoding, operator), in_use=in_use)
    )


def left(route: Sequence[str], history: History = NO_HISTORY) -> list[str]:
    """The gateways of a way that may still take the message, now or later."""
    gone = history.refused_by | history.unknown_at
    return [name for name in route if name not in gone]


def _by_share(shares: Mapping[str, int], message_id: str) -> list[str]:
    """The gateways in an order drawn by their shares (Efraimidis and Spirakis, 2006)."""
    if len(shares) == 1:
        return list(shares)

    def draw(name: str) -> float:
        digest = hashlib.sha256(f"{message_id}\0{name}".encode()).digest()
        chance = (int.from_bytes(digest[:8]) + 1) / 2**64  # over 0, at most 1
        return -math.log(chance) / shares[name]

    return sorted(shares, key=draw)


def choose(
    route: Sequence[str], *, free: Collection[str], history: History = NO_HISTORY
) -> str | NoRoute:
    """The first of the candidates that may take it now, one that just failed last."""
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
