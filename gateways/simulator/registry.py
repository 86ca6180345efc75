"""Finds dialects through the `baotin.dialects` entry points: one outside this package too."""

from collections.abc import Mapping
from importlib.metadata import entry_points

from gateways.simulator.dialect import Dialect

GROUP = "baotin.dialects"


def names() -> tuple[str, ...]:
    """The adapters that can be pointed at the simulator."""
    return tuple(sorted({point.name for point in entry_points(group=GROUP)}))


def load() -> Mapping[str, type[Dialect]]:
    """Every dialect, by its adapter's name."""
    found: dict[str, type[Dialect]] = {
        point.name: point.load() for point in entry_points(group=GROUP)
    }
    return dict(sorted(found.items()))
