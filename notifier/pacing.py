"""How fast each gateway account is called, kept to by all workers together through Redis.

A call gets a slot: an instant at which it may begin. Slots follow each other at the account's
rate and are given out a little ahead, so that calls are even and none of the rate is lost. A
provider that asks us to wait is left alone by all workers. All of it is disposable: without Redis
each worker goes by slots of its own, at its part of the rate.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import structlog
from redis import Redis, RedisError

log = structlog.get_logger(__name__)

TIMEOUT_S = 0.25
_NEXT = "baotin:pace:next:"
_WAITS = "baotin:pace:waits:"
_WORKERS = "baotin:pace:workers"
_AWAY_FOR_S = 5.0  # how long a Redis that failed is not asked again
_AHEAD_S = (0.1, 0.75)  # how far ahead slots are given out, at the least and at the most
_AHEAD_CALLS = 48  # and about so many of them
_LATE_S = 0.02  # how much later than its slot a call may begin, or a quarter of its spacing
_FURTHER_S = 2.0  # how much further ahead another slot for a late call may lie
_SLOTS_A_CALL = 5
_PART_AT_MOST = 2  # without Redis a worker never takes more than half, alone as it may be

# KEYS: next and waits of one gateway, in turn. ARGV: rate and seconds ahead of each.
# Answers for each the units that may be had now, and the milliseconds that it asked to be let be.
_LOOK = """
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local told = {}
for n = 1, #KEYS / 2 do
  local rate, ahead = tonumber(ARGV[2 * n - 1]), tonumber(ARGV[2 * n])
  local waits = tonumber(redis.call('GET', KEYS[2 * n]) or 0) - now
  local from = math.max(now, tonumber(redis.call('GET', KEYS[2 * n - 1]) or 0))
  local units = 0
  if from - now <= ahead then units = math.floor((now + ahead - from) * rate) + 1 end
  told[2 * n - 1] = units
  told[2 * n] = math.max(0, math.ceil(waits * 1000))
end
return told
"""

# KEYS: next and waits of the gateway, the workers. ARGV: rate, seconds ahead, this worker's id,
# then each call's units. Answers how many workers there are, and the microseconds until the slot
# of each call that has one.
_RESERVE = """
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local rate, ahead = tonumber(ARGV[1]), tonumber(ARGV[2])
redis.call('ZADD', KEYS[3], now, ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now - 30)
redis.call('EXPIRE', KEYS[3], 60)
local told = {redis.call('ZCARD', KEYS[3])}
if tonumber(redis.call('GET', KEYS[2]) or 0) > now then return told end
local from = tonumber(redis.call('GET', KEYS[1]) or 0)
if from < now or from > now + 60 then from = now end
for n = 4, #ARGV do
  if from - now > ahead then break end
  told[n - 2] = math.floor((from - now) * 1000000)
  from = from + tonumber(ARGV[n]) / rate
end
redis.call('SET', KEYS[1], string.format('%.6f', from), 'PX', 120000)
return told
"""

# KEYS: waits of the gateway. ARGV: milliseconds. A later end stays.
_WAIT = """
local time = redis.call('TIME')
local till = tonumber(time[1]) + tonumber(time[2]) / 1000000 + tonumber(ARGV[1]) / 1000
if till > tonumber(redis.call('GET', KEYS[1]) or 0) then
  redis.call('SET', KEYS[1], string.format('%.6f', till), 'PX', ARGV[1])
end
"""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a gateway may be given now: units of its rate, none if it has no rate."""

    units: int | None
    waits_s: float


@dataclass(frozen=True, slots=True)
class Slot:
    """When a call may begin, in this process's monotonic seconds."""

    gateway: str
    at: float
    units: int


@dataclass(slots=True)
class _Pace:
    """One gateway as this process sees it."""

    waits_until: float = float("-inf")
    next_at: float = float("-inf")  # without Redis: the next slot
    lock: threading.Lock = field(default_factory=threading.Lock)


class Pacing:
    """Slots and waits of all gateways. Thread-safe; one per worker process.

    `redis`: a client that fails within `TIMEOUT_S`. `sleep` waits for so many seconds. Without
    rates until it is told some.
    """

    def __init__(
        self,
        redis: Redis,
        *,
        worker: str,
        monotonic: Callable[[], float],
        sleep: Callable[[float], object],
    ) -> None:
        self._look_shared = redis.register_script(_LOOK)
        self._reserve_shared = redis.register_script(_RESERVE)
        self._wait_shared = redis.register_script(_WAIT)
        self._worker = worker
        self._rates: Mapping[str, float] = {}
        self._monotonic = monotonic
        self._sleep = sleep
        self._paces: dict[str, _Pace] = {}
        self._workers = 1
        self._away_until = float("-inf")

    def adopt(self, rates: Mapping[str, float]) -> None:
        """Keep to these units a second, by gateway; one that is not among them has no rate."""
        self._rates = rates

    def is_paced(self, gateway: str) -> bool:
        """Whether the gateway has a rate."""
        return gateway in self._rates

    def look(self, gateways: Sequence[str]) -> dict[str, Outlook]:
        """What these gateways may be given now, in one question."""
        keys = [key + name for name in gateways for key in (_NEXT, _WAITS)]
        rates = [self._rates.get(name, 1.0) for name in gateways]
        args = [told for rate in rates for told in (rate, _ahead_s(rate))]
        try:
            told = self._ask(self._look_shared, keys, args) if gateways else []
        except _Away:
            return {name: self._look_alone(name) for name in gateways}
        looked = {}
        for n, name in enumerate(gateways):
            units, waits_s = int(told[2 * n]), int(told[2 * n + 1]) / 1000
            self._note_wait(name, waits_s)
            left = self._waits_s(name)
            looked[name] = Outlook(units if name in self._rates else None, left)
        return looked

    def reserve(self, gateway: str, units: Sequence[int], *, further_s: float = 0.0) -> list[Slot]:
        """Slots for calls of so many units each: for the first ones, as many as there are.

        `further_s`: how much further ahead than usual they may lie. Without a rate: all at once.
        """
        rate, now = self._rates.get(gateway), self._monotonic()
        if rate is None:
            return [Slot(gateway, now, unit) for unit in units]
        keys = [_NEXT + gateway, _WAITS + gateway, _WORKERS]
        try:
            told = self._ask(
                self._reserve_shared,
                keys,
                [rate, _ahead_s(rate) + further_s, self._worker, *units],
            )
        except _Away:
            return self._reserve_alone(gateway, units, further_s, rate)
        self._workers, *offsets = told
        return [
            Slot(gateway, now + int(offset) / 1e6, unit)
            for offset, unit in zip(offsets, units, strict=False)
        ]

    def hold(self, slot: Slot) -> None:
        """Wait for the slot. One that is over (the disk was slow) is let go and another taken:
        late calls that begin together would be a burst beyond the rate.
        """
        rate = self._rates.get(slot.gateway, 1 / _LATE_S)
        late_s = max(_LATE_S, slot.units / rate / 4)
        for _ in range(_SLOTS_A_CALL):
            if self._monotonic() <= slot.at + late_s:
                break
            again = self.reserve(slot.gateway, [slot.units], further_s=_FURTHER_S)
            if not again:
                return
            slot = again[0]
        if (waits_s := slot.at - self._monotonic()) > 0:
            self._sleep(waits_s)

    def ask_to_wait(self, gateway: str, seconds: float) -> None:
        """The provider wants no call for so long: no worker calls it."""
        self._note_wait(gateway, seconds)
        try:
            self._ask(self._wait_shared, [_WAITS + gateway], [max(1, round(seconds * 1000))])
        except _Away:
            return

    def waits_s(self, gateway: str) -> float:
        """How long no call may begin; asks what the other workers know where there is a rate."""
        if gateway in self._rates:
            return self.look([gateway])[gateway].waits_s
        return self._waits_s(gateway)

    def _waits_s(self, gateway: str) -> float:
        return max(0.0, self._pace(gateway).waits_until - self._monotonic())

    def _note_wait(self, gateway: str, seconds: float) -> None:
        if seconds > 0:
            pace = self._pace(gateway)
            pace.waits_until = max(pace.waits_until, self._monotonic() + seconds)

    def _pace(self, gateway: str) -> _Pace:
        return self._paces.setdefault(gateway, _Pace())

    def _look_alone(self, gateway: str) -> Outlook:
        rate, now = self._rates.get(gateway), self._monotonic()
        if rate is None:
            return Outlook(None, self._waits_s(gateway))
        part = self._part(rate)
        start = max(now, self._pace(gateway).next_at)
        ahead = _ahead_s(part)
        units = int((now + ahead - start) * part) + 1 if start - now <= ahead else 0
        return Outlook(units, self._waits_s(gateway))

    def _reserve_alone(
        self, gateway: str, units: Sequence[int], further_s: float, rate: float
    ) -> list[Slot]:
        part, now, pace = self._part(rate), self._monotonic(), self._pace(gateway)
        slots: list[Slot] = []
        with pace.lock:
            for unit in units:
                at = max(now, pace.next_at)
                if at - now > _ahead_s(part) + further_s:
                    break
                slots.append(Slot(gateway, at, unit))
                pace.next_at = at + unit / part
        return slots

    def _part(self, rate: float) -> float:
        """This worker's part of a rate, as many workers as there were when they were seen."""
        return rate / max(_PART_AT_MOST, self._workers)

    def _ask(self, script: Callable[..., Sequence[int]], keys: object, args: object) -> list[int]:
        if self._monotonic() < self._away_until:
            raise _Away
        try:
            return list(script(keys=keys, args=args) or ())
        except RedisError as problem:
            log.warning("pacing_alone", error=type(problem).__name__, for_s=_AWAY_FOR_S)
            self._away_until = self._monotonic() + _AWAY_FOR_S
            raise _Away from None


def waits(redis: Redis, gateways: Sequence[str]) -> dict[str, float]:
    """By gateway: the seconds for which no worker calls it. Raises `RedisError`."""
    seconds, microseconds = redis.time()
    now = seconds + microseconds / 1e6
    until = redis.mget([_WAITS + name for name in gateways])
    return {
        name: max(0.0, float(told) - now) if told else 0.0
        for name, told in zip(gateways, until, strict=True)
    }


class _Away(Exception):
    """Redis does not answer, or did not a moment ago."""


def _ahead_s(rate: float) -> float:
    least, most = _AHEAD_S
    return min(most, max(least, _AHEAD_CALLS / rate))
