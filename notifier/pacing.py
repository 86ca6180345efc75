"""How fast each gateway account is called, kept to by all workers together through Redis.

A call gets a slot: an instant at which it may begin. Slots follow each other at the account's
rate and are given out a little ahead, so that calls are even and none of the rate is lost. A
provider that asks us to wait is left alone by all workers; where nobody told us its rate, that
tells it, and it is kept to from then on (`pacing_scripts.py`). All of it is disposable: without
Redis each worker goes by slots of its own, at its part of the rate.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import structlog
from redis import Redis, RedisError

from notifier import pacing_scripts

log = structlog.get_logger(__name__)

TIMEOUT_S = 0.25
_NEXT = "baotin:pace:next:"
_LEARNED = "baotin:pace:learned:"
_PROOF = "baotin:pace:proof:"
_WAITS = "baotin:pace:waits:"
_WORKERS = "baotin:pace:workers"
_AWAY_FOR_S = 5.0  # how long a Redis that failed is not asked again
_LATE_S = 0.02  # how much later than its slot a call may begin, or a quarter of its spacing
_FURTHER_S = 2.0  # how much further ahead another slot for a late call may lie
_SLOTS_A_CALL = 5
_PART_AT_MOST = 2  # without Redis a worker never takes more than half, alone as it may be


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
    learned: float = 0.0  # the rate that waits told, as it was last heard; 0: none
    taken: int = 0  # calls that the provider took, not yet told to Redis
    second: int = 0  # of the monotonic clock: the last in which it took any
    in_second: int = 0  # so many
    in_last_second: int = 0  # and in the second before
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note_taken(self, second: int) -> None:
        with self.lock:
            self.taken += 1
            if second != self.second:
                self.in_last_second = self.in_second if second == self.second + 1 else 0
                self.second, self.in_second = second, 0
            self.in_second += 1

    def told(self) -> int:
        """What was taken since it was last told."""
        with self.lock:
            taken, self.taken = self.taken, 0
        return taken


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
        self._look_shared = redis.register_script(pacing_scripts.LOOK)
        self._reserve_shared = redis.register_script(pacing_scripts.RESERVE)
        self._wait_shared = redis.register_script(pacing_scripts.WAIT)
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
        """Whether the gateway has a rate: one that we were told, or that its waits told."""
        return self._rate(gateway) > 0

    def note_taken(self, gateway: str) -> None:
        """The provider took a call; of one whose rate nobody told, that tells it."""
        if gateway not in self._rates:
            self._pace(gateway).note_taken(int(self._monotonic()))

    def _rate(self, gateway: str) -> float:
        return self._rates.get(gateway) or self._pace(gateway).learned

    def look(self, gateways: Sequence[str]) -> dict[str, Outlook]:
        """What these gateways may be given now, in one question."""
        keys = [key + name for name in gateways for key in (_NEXT, _WAITS, _LEARNED)]
        paces = [self._pace(name) for name in gateways]
        taken = [pace.told() if pace.learned else 0 for pace in paces]
        args = [
            each
            for name, count in zip(gateways, taken, strict=True)
            for each in (self._rates.get(name, 0.0), count)
        ]
        try:
            told = self._ask(self._look_shared, keys, args) if gateways else []
        except _Away:
            return {name: self._look_alone(name) for name in gateways}
        looked = {}
        for n, name in enumerate(gateways):
            units, waits_ms, learned = told[3 * n : 3 * n + 3]
            if bool(paces[n].learned) != bool(learned):
                log.info("rate_learned" if learned else "rate_forgotten", gateway=name)
            paces[n].learned = int(learned) / 1000
            self._note_wait(name, int(waits_ms) / 1000)
            rated = int(units) if self.is_paced(name) else None
            looked[name] = Outlook(rated, self._waits_s(name))
        return looked

    def reserve(self, gateway: str, units: Sequence[int], *, further_s: float = 0.0) -> list[Slot]:
        """Slots for calls of so many units each: for the first ones, as many as there are.

        `further_s`: how much further ahead than usual they may lie. Without a rate: all at once.
        """
        rate, now = self._rate(gateway), self._monotonic()
        if not rate:
            return [Slot(gateway, now, unit) for unit in units]
        keys = [_NEXT + gateway, _WAITS + gateway, _WORKERS, _LEARNED + gateway]
        try:
            told = self._ask(
                self._reserve_shared,
                keys,
                [self._rates.get(gateway, 0.0), further_s, self._worker, *units],
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
        rate = self._rate(slot.gateway) or 1 / _LATE_S
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

    def ask_to_wait(self, gateway: str, seconds: float, *, tells_rate: bool = True) -> None:
        """The provider wants no call for so long: no worker calls it.

        `tells_rate`: since it got too many messages, which lowers a rate that nobody told us.
        """
        self._note_wait(gateway, seconds)
        pace = self._pace(gateway)
        learns = tells_rate and gateway not in self._rates
        guess = max(pace.in_second, pace.in_last_second)
        asked = [max(1, round(seconds * 1000)), int(learns), pace.told(), guess]
        try:
            keys = [_WAITS + gateway, _LEARNED + gateway, _PROOF + gateway]
            self._ask(self._wait_shared, keys, asked)
        except _Away:
            return

    def waits_s(self, gateway: str) -> float:
        """How long no call may begin; asks what the other workers know where there is a rate."""
        if self.is_paced(gateway):
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
        rate, now = self._rate(gateway), self._monotonic()
        if not rate:
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
    least, most = pacing_scripts.AHEAD_S
    return min(most, max(least, pacing_scripts.AHEAD_CALLS / rate))
