"""How a gateway behaves today: its latency, its receipts, and its faults.

`PUT /sim/behaviour/{gateway}` replaces all of it; a field left out takes its default. Every
send costs exactly one draw of a generator seeded by `seed`; the faults' shares are slices of
that one draw in the order given, so that the same seed and the same sends fail alike.
"""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from gateways.simulator.quota import Quota

_MOST_LATENCY_MS = 60_000
_MOST_PER_S = 100_000
_ROUNDING = 1e-9  # ten shares of 0.1 add up to a little over 1


class FaultKind(StrEnum):
    """What goes wrong. The first five take the message: it is in the ledger."""

    TIMEOUT_AFTER = "timeout_after"  # taken, never answered
    DRIP = "drip"  # taken, answered one byte a second
    TRUNCATE = "truncate"  # taken, the answer breaks off
    GARBAGE = "garbage"  # taken, answered 200 with a web page
    HUGE = "huge"  # taken, answered 200 with 50 MB
    HTTP_400 = "http_400"
    HTTP_429 = "http_429"  # with Retry-After: 1
    HTTP_500 = "http_500"
    HTTP_503 = "http_503"
    RESET = "reset"  # TCP RST instead of an answer
    TIMEOUT_BEFORE = "timeout_before"  # neither taken nor answered
    REFUSE = "refuse"  # the port is closed until the next PUT, whatever the share


TAKING = frozenset(
    {
        FaultKind.TIMEOUT_AFTER,
        FaultKind.DRIP,
        FaultKind.TRUNCATE,
        FaultKind.GARBAGE,
        FaultKind.HUGE,
    }
)
"""Faults of the answer only: the provider took the message."""

FAILURES = frozenset(
    {FaultKind.HTTP_400, FaultKind.HTTP_429, FaultKind.HTTP_500, FaultKind.HTTP_503}
)
"""Faults that are a plain answer in the dialect's words."""


class Receipts(StrEnum):
    """Which receipts a gateway posts."""

    NORMAL = "normal"  # sent, then delivered, within 2 s
    NONE = "none"
    LATE = "late"  # 10 to 20 s after the send
    DUPLICATE = "duplicate"  # each several times
    SHUFFLED = "shuffled"  # delivered before sent


class BadBehaviour(ValueError):
    """A body that describes no behaviour; `path` is the field, the text says what is wrong."""

    def __init__(self, path: str, text: str) -> None:
        super().__init__(text)
        self.path = path


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to fail, and the share of sends it hits: from 0 to 1, all of them if left out."""

    kind: FaultKind
    share: float


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One gateway's behaviour; the defaults are those of a good day."""

    latency_ms: float = 0
    seed: int = 1
    receipts: Receipts = Receipts.NORMAL
    faults: tuple[Fault, ...] = ()
    per_s: int = 0  # sends it takes in a second, the rest is answered `http_429`; 0: all

    @property
    def refuses(self) -> bool:
        """Whether the dialect's port is to be closed."""
        return any(f.kind is FaultKind.REFUSE and f.share > 0 for f in self.faults)

    def as_json(self) -> dict[str, object]:
        """The body that `parse` reads back to the same behaviour."""
        return {
            "latency_ms": self.latency_ms,
            "per_s": self.per_s,
            "seed": self.seed,
            "receipts": self.receipts.value,
            "faults": [{"kind": f.kind.value, "share": f.share} for f in self.faults],
        }


class Draws:
    """One behaviour at work: the seeded draws of its sends. Not thread-safe."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        # Not for secrets: a repeatable sequence is the point.
        self._random = random.Random(behaviour.seed)  # noqa: S311
        self._slices = _slices(behaviour.faults)
        self.quota = Quota(behaviour.per_s)

    def draw(self) -> FaultKind | None:
        """The fault of the next send, or None for a good one. Costs one draw either way."""
        drawn = self._random.random()
        if not self.quota.passes():
            return FaultKind.HTTP_429
        for end, kind in self._slices:
            if drawn < end:
                return kind
        return None


def _slices(faults: Sequence[Fault]) -> list[tuple[float, FaultKind]]:
    end, slices = 0.0, []
    for fault in faults:
        end += fault.share
        slices.append((end, fault.kind))
    if slices and end > 1 - _ROUNDING:
        slices[-1] = (math.inf, slices[-1][1])
    return slices


def parse(body: object) -> Behaviour:
    """Read a PUT body. Raises `BadBehaviour` for anything it does not know."""
    fields = _object(body, "", {"latency_ms", "per_s", "seed", "receipts", "faults"})
    good = Behaviour()
    latency_ms = _number(
        fields.get("latency_ms", good.latency_ms), "latency_ms", most=_MOST_LATENCY_MS
    )
    per_s = fields.get("per_s", good.per_s)
    if isinstance(per_s, bool) or not isinstance(per_s, int) or not 0 <= per_s <= _MOST_PER_S:
        raise BadBehaviour("per_s", f"a whole number from 0 to {_MOST_PER_S}")
    seed = fields.get("seed", good.seed)
    if isinstance(seed, bool) or not isinstance(seed, int):
        raise BadBehaviour("seed", "a whole number")
    faults = fields.get("faults", [])
    if not isinstance(faults, list):
        raise BadBehaviour("faults", "a list")
    parsed = tuple(_fault(fault, f"faults.{index}") for index, fault in enumerate(faults))
    if sum(fault.share for fault in parsed) > 1 + _ROUNDING:
        raise BadBehaviour("faults", "the shares add up to more than 1")
    return Behaviour(
        latency_ms=latency_ms,
        per_s=per_s,
        seed=seed,
        receipts=Receipts(_choice(fields.get("receipts", good.receipts), "receipts", Receipts)),
        faults=parsed,
    )


def _fault(value: object, path: str) -> Fault:
    fields = _object(value, path, {"kind", "share"})
    share = _number(fields.get("share", 1), f"{path}.share", most=1)
    return Fault(FaultKind(_choice(fields.get("kind"), f"{path}.kind", FaultKind)), share)


def _object(value: object, path: str, known: set[str]) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise BadBehaviour(path, "an object")
    for name in value:
        if name not in known:
            raise BadBehaviour(f"{path}.{name}".lstrip("."), "unknown field")
    return value


def _number(value: object, path: str, *, most: float) -> float:
    # A NaN is in no range.
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        raise BadBehaviour(path, f"a number from 0 to {most}")
    return value


def _choice(value: object, path: str, choices: type[StrEnum]) -> str:
    names = [choice.value for choice in choices]
    if value not in names:
        raise BadBehaviour(path, f"one of {', '.join(names)}")
    return str(value)
