"""The figures as people and as programs read them."""

import os
import platform
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from notifier.bench.figures import Figure


def machine() -> dict[str, Any]:
    """Where it was measured."""
    return {
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }


def as_json(figures: Sequence[Figure], *, database: str) -> dict[str, Any]:
    """Everything that was measured."""
    return {
        "machine": machine(),
        "database": database,
        "figures": [asdict(figure) for figure in figures],
    }


def lines(figure: Figure) -> list[str]:
    """One figure for a person."""
    mark = "reached" if figure.reached else "MISSED"
    times = ""
    if figure.p50_ms is not None:
        times = f", p50 {figure.p50_ms:,.1f} ms, p99 {figure.p99_ms:,.1f} ms"
    costs = sorted(figure.costs.items(), key=lambda cost: -cost[1].cores)
    busy = ", ".join(f"{name} {cost.cores:.2f}" for name, cost in costs if cost.cores)
    told = [
        f"{figure.what}",
        f"  {figure.per_s:,.0f}/s{times} (target {figure.target}: {mark})",
    ]
    if busy:
        told.append(f"  cores kept busy: {busy}")
    if (worker := figure.costs.get("worker")) is not None and worker.cores:
        told.append(
            f"  the worker: {worker.cpu_ms:.2f} ms of CPU a message, {worker.memory_mib:.0f} MiB"
        )
    return told
