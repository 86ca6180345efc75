"""What processes cost, as the kernel tells it: CPU time and memory. Linux only; else unknown."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Cost:
    """One part's processes since they began: CPU seconds, and memory in MiB now."""

    cpu_s: float
    memory_mib: float


def of(parts: Mapping[str, Iterable[int]]) -> dict[str, Cost]:
    """By part; a part whose processes cannot be looked at is left out."""
    costs = {}
    for name, pids in parts.items():
        try:
            each = [_of_process(pid) for pid in pids]
        except OSError:
            continue
        costs[name] = Cost(sum(c.cpu_s for c in each), sum(c.memory_mib for c in each))
    return costs


def _of_process(pid: int) -> Cost:
    folder = Path("/proc") / str(pid)
    # Behind the name, which may hold anything: utime and stime are fields 14 and 15 of proc(5).
    fields = (folder / "stat").read_text().rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    resident = int((folder / "statm").read_text().split()[1])
    return Cost(ticks / os.sysconf("SC_CLK_TCK"), resident * os.sysconf("SC_PAGE_SIZE") / _MIB)
