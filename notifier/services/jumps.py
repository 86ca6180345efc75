"""Notices a wall clock that jumped: leases and waits are kept in wall time, and then lie."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from notifier.domain.clock import Clock
from notifier.domain.timing import CLOCK_JUMP, LEASE

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class JumpWatch:
    """Compares the wall clock that instants are judged by with the monotonic one."""

    clock: Clock
    _wall: datetime | None = None
    _monotonic: float = 0.0
    _distrusts_until: float = float("-inf")

    @property
    def trusts(self) -> bool:
        """Whether stored instants may be judged: not for one lease's time after a jump."""
        return self.clock.monotonic() >= self._distrusts_until

    def look(self, read_wall: Callable[[], datetime]) -> bool:
        """Look at the wall clock (the database's, maybe); whether instants may be judged."""
        before = self.clock.monotonic()
        wall = read_wall()
        after = self.clock.monotonic()
        if timedelta(seconds=after - before) > CLOCK_JUMP / 2:
            return self.trusts  # the answer took too long to compare anything with
        if self._wall is not None:
            passed = timedelta(seconds=after - self._monotonic)
            jump = (wall - self._wall) - passed
            if abs(jump) > CLOCK_JUMP:
                log.warning("clock_jumped", by_s=jump.total_seconds())
                self._distrusts_until = after + LEASE.total_seconds()
        self._wall, self._monotonic = wall, after
        return self.trusts
