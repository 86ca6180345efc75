"""Finds dialects through the `baotin.dialects` entry points: one outside this package too."""

from collections.abc import Mapping
from functools import cache
from importlib.metadata import EntryPoints, entry_points

from gateways.simulator.dialect import Dialect

GROUP = "baotin.dialects"


@cache  # what is installed does not change under a running process
def _installed() -> EntryPoints:
    return entry_points(group=GROUP)


def names() -> tuple[str, ...]:
    """The adapters that can be pointed at the simulator."""
    return tuple(sorted({point.name for point in _installed()}))


def load() -> Mapping[str, type[Dialect]]:
    """Every dialect, by its adapter's name."""
    found: dict[str, type[Dialect]] = {point.name: point.load() for point in _installed()}
    return dict(sorted(found.items()))
