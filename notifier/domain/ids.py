"""Prefixed ids that sort by the time they were made.

The 26 characters after the prefix are a ULID (github.com/ulid/spec): 48 bits of
milliseconds, then 80 random bits, in Crockford's base 32. Within one millisecond one
source counts up, so that ids of one process sort in the order in which they were made.
"""

import os
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NewType

from notifier.domain.clock import Clock

EventId = NewType("EventId", str)
MessageId = NewType("MessageId", str)
AttemptId = NewType("AttemptId", str)
CaseId = NewType("CaseId", str)
OfficeId = NewType("OfficeId", str)
SourceId = NewType("SourceId", str)

# An id is made a moment before its row, and by another machine's clock.
CLOCKS_APART = timedelta(hours=1)

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_RANDOM_BITS = 80
_LENGTH = 26


class IdSource:
    """Makes ids. Thread-safe; collisions between processes are as likely as 80 random bits."""

    def __init__(self, clock: Clock, random_bytes: Callable[[int], bytes] = os.urandom) -> None:
        self._clock = clock
        self._random_bytes = random_bytes
        self._lock = threading.Lock()
        self._last_ms = -1
        self._last_random = 0

    def event(self) -> EventId:
        return EventId(self.new("evt"))

    def message(self) -> MessageId:
        return MessageId(self.new("msg"))

    def attempt(self) -> AttemptId:
        return AttemptId(self.new("att"))

    def case(self) -> CaseId:
        return CaseId(self.new("case"))

    def new(self, prefix: str) -> str:
        """`prefix_` and 26 characters that sort after every id this source made before."""
        with self._lock:
            ms = int(self._clock.now().timestamp() * 1000)
            if ms <= self._last_ms:
                # The clock stood or went back: keep counting, so that order holds.
                ms = self._last_ms
                self._last_random += 1
            else:
                self._last_ms = ms
                # One bit is left free so that counting up cannot overflow.
                self._last_random = int.from_bytes(self._random_bytes(10)) >> 1
            value = (ms << _RANDOM_BITS) | self._last_random
        return f"{prefix}_{_base32(value)}"


def earliest(prefix: str, at: datetime, *, later: timedelta = timedelta(0)) -> str:
    """Sorts before every id of that prefix that was made so much `later` than `at`, or after it."""
    ms = max(0, int((at.timestamp() + later.total_seconds()) * 1000))
    return f"{prefix}_{_base32(ms << _RANDOM_BITS)}"


_PAIRS = tuple(high + low for high in _ALPHABET for low in _ALPHABET)
_SHIFTS = tuple(range((_LENGTH - 2) * 5, -1, -10))  # two characters at a time


def _base32(value: int) -> str:
    return "".join([_PAIRS[(value >> shift) & 1023] for shift in _SHIFTS])
