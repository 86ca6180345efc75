"""The schedule: by the monotonic clock, never piling up, whatever Redis does."""

import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from redis import Redis
from rq import Queue as RqQueue
from rq.serializers import JSONSerializer

from notifier import queue
from notifier.domain.clock import ManualClock
from notifier.domain.timing import SWEEP_EVERY
from notifier.queue import QueueName
from workers import scheduler

SWEEP = "workers.jobs.sweep"


@pytest.fixture
def redis(redis_url: str) -> Iterator[Redis]:
    with closing(queue.connect(redis_url)) as client:
        client.flushall()
        yield client
        client.flushall()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 11, 24, tzinfo=UTC))


def upkeep(redis: Redis) -> RqQueue:
    return RqQueue(QueueName.UPKEEP, connection=redis, serializer=JSONSerializer)


def rung(made: scheduler.Schedule) -> list[str]:
    return [job.func_name for job in made.enqueue_jobs()]


def test_the_sweep_is_rung_at_once_and_then_every_two_seconds(
    redis: Redis, clock: ManualClock
) -> None:
    made = scheduler.build(redis, clock)
    rings = []
    for _ in range(41):  # ten seconds
        rings += rung(made)
        upkeep(redis).empty()  # type: ignore[no-untyped-call]  # rq
        clock.advance(timedelta(milliseconds=250))
    assert rings.count(SWEEP) == 10 / SWEEP_EVERY.total_seconds() + 1


@pytest.mark.parametrize("jump", [timedelta(days=1), timedelta(days=-1)])
def test_a_clock_that_jumps_moves_nothing(
    redis: Redis, clock: ManualClock, jump: timedelta
) -> None:
    made = scheduler.build(redis, clock)
    made.enqueue_jobs()
    upkeep(redis).empty()  # type: ignore[no-untyped-call]  # rq
    clock.jump(jump)
    assert rung(made) == []
    clock.advance(SWEEP_EVERY)
    assert SWEEP in rung(made)


def test_without_a_worker_rings_do_not_pile_up(redis: Redis, clock: ManualClock) -> None:
    made = scheduler.build(redis, clock)
    for _ in range(50):
        made.enqueue_jobs()
        clock.advance(SWEEP_EVERY)
    assert upkeep(redis).count <= len(made.get_jobs())


def test_a_job_rung_carries_nothing(redis: Redis, clock: ManualClock) -> None:
    scheduler.build(redis, clock).enqueue_jobs()
    for job in upkeep(redis).jobs:
        assert (job.args, job.kwargs) == ([], {})


def test_it_outlives_a_redis_that_is_away(clock: ManualClock) -> None:
    with closing(queue.connect("redis://127.0.0.1:1/0")) as away:
        stopping = threading.Event()
        made = scheduler.build(away, clock)
        thread = threading.Thread(target=made.run, args=(stopping,))
        thread.start()
        thread.join(0.6)  # two looks
        assert thread.is_alive()
        stopping.set()
        thread.join(5)
    assert not thread.is_alive()
