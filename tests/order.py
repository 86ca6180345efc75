"""In which order the tests run: what takes longest first, so that no process is left alone with it.

xdist's `worksteal` gives each process an equal stretch of the list, which it begins at its front;
who is done takes over from the back of another's. So each stretch begins with its share of the long
modules. A module stays together: what it started once serves all its tests.
"""

from collections.abc import Sequence

import pytest

# What takes longest, by the start of its place; about how many seconds on two cores.
LONG: dict[str, float] = {
    "tests/web/admin/test_browser.py": 40,
    "tests/faults/test_drill.py": 35,
    "tests/bench/": 60,
    "tests/up/test_running.py": 35,
    "tests/first_day/": 30,
    "tests/up/test_stopping.py": 25,
    "tests/up/test_privacy.py": 25,
    "tests/gateways/simulator/test_page.py": 40,
    "tests/gateways/test_outside.py": 15,
    "tests/workers/test_worker.py": 20,
    "tests/web/test_contract.py": 15,
    "tests/up/test_servers.py": 12,
    "tests/api/test_permissions.py": 12,
    "tests/web/admin/test_permissions.py": 10,
    "tests/rotation/": 8,
}


def long_first(items: Sequence[pytest.Item], processes: int) -> list[pytest.Item]:
    """The same tests, in a stretch for each process with its long modules at the front."""
    stretches: list[list[pytest.Item]] = [[] for _ in range(processes)]
    takes_s = [0.0] * processes
    rest = list(items)
    for place, seconds in sorted(LONG.items(), key=lambda one: -one[1]):
        least = takes_s.index(min(takes_s))
        takes_s[least] += seconds
        stretches[least] += [one for one in rest if one.nodeid.startswith(place)]
        rest = [one for one in rest if not one.nodeid.startswith(place)]
    ordered: list[pytest.Item] = []
    for n, stretch in enumerate(stretches):
        size = (len(items) - len(ordered)) // (processes - n)
        ordered += stretch + rest[: size - len(stretch)]
        rest = rest[max(0, size - len(stretch)) :]
    return ordered
