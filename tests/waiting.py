"""Waiting for what comes about by itself: for long, since the machine may stall; a hang ends it."""

import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import text

from notifier.store.engine import Sessions


def eventually(
    look: Callable[[], Any], *, within_s: float = 30, every_s: float = 0.02, what: object = ""
) -> Any:
    """What `look` answers, once that is true."""
    ends = time.monotonic() + within_s
    while not (found := look()):
        assert time.monotonic() < ends, f"not within {within_s} s: {what}"
        time.sleep(every_s)
    return found


def somebody_waits(sessions: Sessions) -> bool:
    """Whether a transaction waits for another one's lock, on PostgreSQL."""
    waits = (
        "SELECT true FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    with sessions.read() as session:
        return session.scalar(text(waits)) is not None
