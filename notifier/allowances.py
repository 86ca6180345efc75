"""What each source may still post, shared by all processes through Redis.

Redis holds the bucket of each source (`notifier/domain/allowance.py`) and keeps its time. A
process takes a little more than it needs at once, so that a busy source costs some twenty
questions a second and not one a request. Without Redis each process goes by its own bucket: the
limit then holds in every process by itself.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from redis import Redis, RedisError

from notifier.domain import allowance
from notifier.domain.allowance import Bucket

log = structlog.get_logger(__name__)

TIMEOUT_S = 0.25  # a question that takes longer is not worth a request's time
_KEY = "baotin:allowance:"
_AHEAD_S = 0.05  # how much of a second's events is taken ahead
_AHEAD_FOR_S = 1.0  # and for how long that may be used
_AWAY_FOR_S = 5.0  # how long a Redis that failed is not asked again

# The bucket of KEYS[1]: ARGV are events a minute, events asked for, and what to take ahead.
# Answers the milliseconds to wait, 0 if the events were taken, and how many were taken ahead.
_TAKE = """
local per_minute, events, ahead = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local held = redis.call('HMGET', KEYS[1], 'left', 'at')
local left, at = tonumber(held[1] or per_minute), tonumber(held[2] or now)
left = math.min(per_minute, left + math.max(0, now - at) * per_minute / 60)
if left < 1 then
  return {math.ceil((1 - left) * 60000 / per_minute), 0}
end
ahead = math.max(0, math.min(ahead, math.floor(left - events)))
left = left - events - ahead
redis.call('HSET', KEYS[1], 'left', string.format('%.6f', left), 'at', string.format('%.6f', now))
redis.call('PEXPIRE', KEYS[1], math.ceil((per_minute - left) * 60000 / per_minute) + 1000)
return {0, ahead}
"""


class OverAllowance(Exception):
    """The source has used what it may; `retry_after_s` tells when it may go on."""

    def __init__(self, retry_after_s: float) -> None:
        super().__init__(f"again in {retry_after_s:.1f} seconds")
        self.retry_after_s = retry_after_s


@dataclass(slots=True)
class _Local:
    """One source as this process sees it."""

    per_minute: int
    bucket: Bucket
    ahead: float = 0.0  # events that were taken ahead
    ahead_until: float = 0.0


class Allowances:
    """Takes events from the sources' allowances. Thread-safe; one per process.

    `redis`: a client that fails within `TIMEOUT_S`. `monotonic`: seconds of this process.
    """

    def __init__(self, redis: Redis, monotonic: Callable[[], float]) -> None:
        self._take_shared = redis.register_script(_TAKE)
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._locals: dict[str, _Local] = {}
        self._away_until = float("-inf")

    def take(self, source_id: str, events: int, *, per_minute: int) -> None:
        """Take the events. Raises `OverAllowance`, and then takes none."""
        now = self._monotonic()
        with self._lock:
            local = self._local(source_id, per_minute, now)
            if now < local.ahead_until and local.ahead >= events:
                local.ahead -= events
                local.bucket = allowance.taken(local.bucket, events)
                return
            alone = now < self._away_until
        wait_s = None if alone else self._ask(source_id, events, per_minute)
        with self._lock:
            if wait_s is None:
                wait_s = allowance.wait_s(local.bucket, per_minute)
            if wait_s:
                raise OverAllowance(wait_s)
            local.bucket = allowance.taken(local.bucket, events)

    def _local(self, source_id: str, per_minute: int, now: float) -> _Local:
        local = self._locals.get(source_id)
        if local is None or local.per_minute != per_minute:
            local = _Local(per_minute, allowance.full(per_minute, now))
            self._locals[source_id] = local
        local.bucket = allowance.refilled(local.bucket, per_minute, now)
        return local

    def _ask(self, source_id: str, events: int, per_minute: int) -> float | None:
        """Seconds to wait, 0 if the events were taken; None if Redis cannot tell."""
        ahead = int(per_minute / 60 * _AHEAD_S)
        try:
            wait_ms, ahead = self._take_shared(
                keys=[_KEY + source_id], args=[per_minute, events, ahead]
            )
        except RedisError as problem:
            log.warning("allowances_alone", error=type(problem).__name__, for_s=_AWAY_FOR_S)
            with self._lock:
                self._away_until = self._monotonic() + _AWAY_FOR_S
            return None
        if ahead:
            with self._lock:
                local, now = self._locals[source_id], self._monotonic()
                local.ahead = ahead + (local.ahead if now < local.ahead_until else 0)
                local.ahead_until = now + _AHEAD_FOR_S
        return float(wait_ms) / 1000
