"""Time as a thing that is passed in."""

import re
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

_RFC_3339 = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)
_YEARS = (1900, 2999)  # what every calendar and database here can hold, in any zone


def read_instant(text: str) -> datetime:
    """An instant as RFC 3339 §5.6 writes it, offset included. Raises `ValueError`."""
    if not _RFC_3339.fullmatch(text):
        raise ValueError("not an RFC 3339 time with an offset")
    instant = datetime.fromisoformat(text.upper())
    if not _YEARS[0] <= instant.year <= _YEARS[1]:
        raise ValueError(f"lies before {_YEARS[0]} or after {_YEARS[1]}")
    return instant


class Clock(Protocol):
    """Wall time to compare with what is stored, monotonic time to measure waits."""

    def now(self) -> datetime:
        """The instant, aware and in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds from an arbitrary start; never goes back, whatever the wall clock does."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


class ManualClock:
    """A clock that stands still until it is told to move: for tests and drills."""

    def __init__(self, at: datetime) -> None:
        self._now = at.astimezone(UTC)
        self._monotonic = 0.0

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    def advance(self, by: timedelta) -> None:
        """Move both clocks on, as time does."""
        self._now += by
        self._monotonic += by.total_seconds()

    def jump(self, by: timedelta) -> None:
        """Set only the wall clock, as an operator or NTP does."""
        self._now += by
