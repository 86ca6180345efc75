"""What a drilled send worker calls at its named points: it may die or freeze there, by order.

Named by BAOTIN_PROBE; its orders lie in the file that DRILL_ORDERS names. Imports nothing of
ours, so that a point costs one look at a file that is mostly not there.
"""

import json
import os
import signal
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

ORDERS = "DRILL_ORDERS"
POINTS = (
    "before_claim",
    "after_claim",
    "after_open",
    "before_call",
    "after_call",
    "before_record",
    "after_record",
)

_guard = threading.Lock()
_passed: Counter[str] = Counter()  # by order, in this process


def passed(point: str) -> None:
    """Obey the order for this point, if there is one and its passing has come."""
    orders = Path(os.environ[ORDERS])
    try:
        order: dict[str, Any] = json.loads(orders.read_bytes())
    except FileNotFoundError:
        return
    if order["point"] != point:
        return
    with _guard:
        _passed[order["id"]] += 1
        if _passed[order["id"]] != order["passing"]:
            return
        try:
            orders.rename(taken_name(orders))  # by one process, and once
        except FileNotFoundError:
            return
        _obey(orders, order)


def taken_name(orders: Path) -> Path:
    """Where an order lies that a worker has taken."""
    return orders.with_suffix(".taken")


def _obey(orders: Path, order: dict[str, Any]) -> None:
    told = {**order, "at": time.time(), "pid": os.getpid()}
    partial = orders.with_suffix(".partial")
    partial.write_text(json.dumps(told))
    partial.rename(orders.with_suffix(".obeyed"))
    os.kill(os.getpid(), signal.SIGSTOP if order["signal"] == "STOP" else signal.SIGKILL)
