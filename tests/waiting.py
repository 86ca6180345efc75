"""Waiting for what comes about by itself: for long, since the machine may stall; a hang ends it."""

import time
from collections.abc import Callable
from typing import Any


def eventually(
    look: Callable[[], Any], *, within_s: float = 30, every_s: float = 0.02, what: object = ""
) -> Any:
    """What `look` answers, once that is true."""
    ends = time.monotonic() + within_s
    while not (found := look()):
        assert time.monotonic() < ends, f"not within {within_s} s: {what}"
        time.sleep(every_s)
    return found
