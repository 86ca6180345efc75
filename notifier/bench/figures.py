"""What one measurement found."""

import math
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from notifier.bench import usage
from notifier.bench.stage import Stage


@dataclass(frozen=True, slots=True)
class Cost:
    """What one part of the installation cost while something was measured."""

    cpu_ms: float  # an event
    cores: float  # kept busy
    memory_mib: float  # at the end


@dataclass(frozen=True, slots=True)
class Figure:
    """One measurement, its target and what every part cost meanwhile."""

    name: str
    what: str
    events: int
    seconds: float
    per_s: float
    p50_ms: float | None  # of one request, or of one message's way
    p99_ms: float | None
    target: str
    reached: bool
    costs: Mapping[str, Cost]


class Meter:
    """Reads what every part costs, from its making on; the bench itself is one of them."""

    def __init__(self, stage: Stage) -> None:
        self._parts = {**stage.processes, "bench": (os.getpid(),)}
        self._began = time.monotonic()
        self._before = usage.of(self._parts)

    def read(self, events: int) -> dict[str, Cost]:
        """By part, for so many events."""
        passed, now = time.monotonic() - self._began, usage.of(self._parts)
        costs = {}
        for name in now.keys() & self._before.keys():
            cpu_s = now[name].cpu_s - self._before[name].cpu_s
            costs[name] = Cost(
                cpu_ms=round(cpu_s * 1000 / events, 3),
                cores=round(cpu_s / passed, 2),
                memory_mib=round(now[name].memory_mib, 1),
            )
        return costs


def percentile_ms(seconds: Sequence[float], share: float) -> float:
    """The smallest of the values that this share of them does not exceed, in milliseconds."""
    ordered = sorted(seconds)
    place = math.ceil(share * len(ordered)) - 1
    return round(ordered[max(0, place)] * 1000, 1)
