"""The schedule: what runs by the clock is rung here, in this process, not kept in Redis.

RQ's CronScheduler keeps the intervals by the wall clock and ends at the first lost connection;
this one keeps them by the monotonic clock and outlives any outage and a clock that jumps.
"""

import signal
import threading
from datetime import timedelta
from types import FrameType

import structlog
from redis import Redis, RedisError
from rq import Queue as RqQueue
from rq.cron import CronJob, CronScheduler
from rq.serializers import JSONSerializer

from config.settings import Settings
from notifier import queue
from notifier.domain.clock import Clock, SystemClock
from notifier.domain.ids import IdSource
from notifier.domain.timing import (
    MARK_UNREPORTED_EVERY,
    NIGHTLY_LOOK_EVERY,
    RESEAL_LOOK_EVERY,
    SWEEP_EVERY,
)
from notifier.pulses import About, Pulse, Role
from notifier.queue import QueueName
from workers import jobs

log = structlog.get_logger(__name__)

_LOOK_EVERY_S = 0.25
_JOB_TIMEOUT_S = 60


class Schedule(CronScheduler):
    """RQ's scheduler with its registered jobs, driven by the monotonic clock."""

    def __init__(self, redis: Redis, clock: Clock) -> None:
        super().__init__(redis, logging_level="WARNING")
        self._clock = clock
        self._due: dict[int, float] = {}
        self._upkeep = RqQueue(QueueName.UPKEEP, connection=redis, serializer=JSONSerializer)

    def enqueue_jobs(self) -> list[CronJob]:
        """Ring what is due, unless the last ring of it still waits: upkeep never piles up."""
        rung = []
        for place, job in enumerate(self.get_jobs()):
            now = self._clock.monotonic()
            if now < self._due.get(place, now):
                continue
            if self._upkeep.count < len(self.get_jobs()) and job.func is not None:
                self._upkeep.enqueue(
                    job.func, job_timeout=_JOB_TIMEOUT_S, result_ttl=0, failure_ttl=3600
                )
                rung.append(job)
            self._due[place] = now + (job.interval or 0)
        return rung

    def run(self, stopping: threading.Event) -> None:
        """Ring until told to stop, whatever Redis does."""
        away = False
        while not stopping.wait(_LOOK_EVERY_S):
            try:
                self.enqueue_jobs()
                if away:
                    log.info("redis_back")
                away = False
            except RedisError as problem:
                if not away:
                    log.warning("redis_away", error=type(problem).__name__)
                away = True


def build(redis: Redis, clock: Clock) -> Schedule:
    """The product's schedule."""
    schedule = Schedule(redis, clock)
    for job, every in (
        (jobs.sweep, SWEEP_EVERY),
        (jobs.mark_unreported, MARK_UNREPORTED_EVERY),
        (jobs.work_nightly, NIGHTLY_LOOK_EVERY),
        (jobs.reseal, RESEAL_LOOK_EVERY),
    ):
        schedule.register(job, QueueName.UPKEEP, interval=_seconds(every))
    return schedule


def _seconds(interval: timedelta) -> int:
    return int(interval.total_seconds())


def run(settings: Settings) -> None:
    """Ring by the schedule until SIGTERM or SIGINT."""
    stopping = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    redis, clock = queue.connect(settings.redis_url), SystemClock()
    process_id = IdSource(clock).new("sch")
    Pulse(redis, Role.SCHEDULER, process_id, About.this_process(settings), clock).start(stopping)
    log.info("scheduler_started")
    build(redis, clock).run(stopping)
    log.info("scheduler_stopped")
