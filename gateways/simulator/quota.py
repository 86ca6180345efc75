"""A provider's limit: so many messages a second, and whoever calls too often is asked to wait."""

import time
from collections.abc import Callable

WAIT_S = 1.0
"""How long: what every dialect's answer to `http_429` says."""

_UNDER_WAY_S = 0.25  # a call that was begun before our answer came is not impatient


class Quota:
    """Lets `per_s` calls pass in a second, that many at once at most; 0: all. Not thread-safe."""

    def __init__(self, per_s: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_s = per_s
        self._clock = clock
        self._left = float(per_s)
        self._counted_at = clock()
        self._full_at = float("-inf")
        self.refused = 0
        self.impatient = 0  # of them: came while they had been asked to wait

    def passes(self) -> bool:
        """Whether a call that comes now is let through."""
        if not self._per_s:
            return True
        now = self._clock()
        if now < self._full_at + WAIT_S:
            self.refused += 1
            self.impatient += now > self._full_at + _UNDER_WAY_S
            return False
        refilled = self._left + (now - self._counted_at) * self._per_s
        self._left, self._counted_at = min(float(self._per_s), refilled), now
        if self._left < 1:
            self._full_at = now
            self.refused += 1
            return False
        self._left -= 1
        return True

    def as_json(self) -> dict[str, int]:
        return {"refused": self.refused, "impatient": self.impatient}
