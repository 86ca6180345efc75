"""What the recorder counts of each group of calls, and how a scrape reads it.

A histogram's figures hold what fell into each bucket alone; a scrape adds them up.
"""

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from notifier.store.figures import Place

SHARES = 8  # rows of one figure, at most: processes wait for each other only within one


@dataclass(frozen=True, slots=True)
class Histogram:
    """Durations by gateway, in seconds."""

    name: str
    ends: Sequence[float]  # of its buckets; one without an end comes last

    def count(self, gateway: str, seconds: float) -> Iterator[tuple[Place, float]]:
        """What one duration adds to the figures."""
        place = bisect_left(self.ends, seconds)
        end = self.ends[place] if place < len(self.ends) else math.inf
        yield (self.name, gateway, f"{end:g}"), 1
        yield (f"{self.name}_sum", gateway, ""), seconds

    def buckets(
        self, figures: Mapping[Place, float], gateway: str
    ) -> tuple[list[tuple[str, float]], float]:
        """Prometheus' buckets, each with all that is below it, and the sum."""
        total, found = 0.0, []
        for end in (*self.ends, math.inf):
            total += figures.get((self.name, gateway, f"{end:g}"), 0)
            found.append(("+Inf" if end == math.inf else f"{end:g}", total))
        return found, figures.get((f"{self.name}_sum", gateway, ""), 0.0)

    def gateways(self, figures: Mapping[Place, float]) -> list[str]:
        """Those that anything was counted of."""
        return sorted({gateway for name, gateway, _ in figures if name == self.name})


CALLS = "calls"
FAILOVERS = "failovers"
SEGMENTS = "segments"
CALL_SECONDS = Histogram("call_seconds", (0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8))
HANDOVER_SECONDS = Histogram("handover_seconds", (0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 3600))


def tally(each: Iterable[tuple[Place, float]]) -> dict[Place, float]:
    """The sum of what each adds."""
    counted: defaultdict[Place, float] = defaultdict(float)
    for place, value in each:
        counted[place] += value
    return dict(counted)
