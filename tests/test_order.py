"""The order of the tests: none is lost, and every process begins with what takes long."""

from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.order import LONG, long_first

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("processes", [1, 2, 3, 4])
@pytest.mark.parametrize("short", [0, 1, 300])
def test_every_test_runs_once_and_each_stretch_begins_with_long_ones(
    processes: int, short: int
) -> None:
    places = [f"tests/a/test_{n}.py" for n in range(short)] + list(LONG)
    items: list[Any] = [
        SimpleNamespace(nodeid=f"{place}::x{n}") for place in places for n in (1, 2)
    ]
    ordered = long_first(items, processes)
    assert Counter(one.nodeid for one in ordered) == Counter(one.nodeid for one in items)
    if short > 1:
        stretch = len(items) // processes
        begins = [ordered[n * stretch + 1].nodeid for n in range(processes)]
        assert all(one.startswith(tuple(LONG)) for one in begins)


def test_every_long_module_is_there() -> None:
    assert [place for place in LONG if not (ROOT / place).exists()] == []
