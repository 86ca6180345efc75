"""Pulses: who lives, what it says of itself, and that a jump of its clock is told."""

import threading
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from redis import Redis

from notifier import pulses, queue
from notifier.domain.clock import ManualClock, SystemClock
from notifier.pulses import About, Living, Pulse, Role

ABOUT = About("node-1", 7, "1.0", ("k2", "k1"))


@pytest.fixture
def redis(redis_url: str) -> Iterator[Redis]:
    with closing(queue.connect(redis_url)) as client:
        client.flushall()
        yield client


def pulse(redis: Redis, role: Role = Role.SEND, process_id: str = "wrk_1") -> Pulse:
    return Pulse(redis, role, process_id, ABOUT, SystemClock())


def wait_for(redis: Redis, how_many: int) -> list[Living]:
    ends = time.monotonic() + 30
    while len(found := pulses.living(redis)) != how_many and time.monotonic() < ends:
        time.sleep(0.01)
    return found


def test_a_pulse_tells_who_lives_and_ends_with_it(redis: Redis) -> None:
    assert pulses.living(redis) == []
    stopping = threading.Event()
    for role, name in ((Role.SEND, "wrk_1"), (Role.SEND, "wrk_2"), (Role.SCHEDULER, "sch_1")):
        pulse(redis, role, name).start(stopping)
    assert wait_for(redis, 3) == [
        Living(Role.SCHEDULER, "sch_1", ABOUT),
        Living(Role.SEND, "wrk_1", ABOUT),
        Living(Role.SEND, "wrk_2", ABOUT),
    ]
    assert queue.live_workers(redis) == {"send": 2, "upkeep": 0}
    for key in redis.scan_iter("baotin:pulse:*"):
        assert 0 < redis.ttl(key) <= 5  # a killed process is not counted for longer
    stopping.set()
    assert wait_for(redis, 0) == []


def test_a_pulse_outlives_a_redis_that_is_away() -> None:
    stopping = threading.Event()
    with closing(queue.connect("redis://127.0.0.1:1/0")) as away:
        beat = threading.Thread(target=pulse(away).beat, args=(stopping,))
        beat.start()
        time.sleep(0.1)
        assert beat.is_alive()
        stopping.set()
        beat.join(30)
    assert not beat.is_alive()


def test_a_jump_of_the_wall_clock_is_told_for_an_hour(redis: Redis) -> None:
    clock = ManualClock(datetime(2026, 11, 25, tzinfo=UTC))
    watching = Pulse(redis, Role.UPKEEP, "wrk_1", ABOUT, clock)

    def told(passed: timedelta, jumped: timedelta = timedelta()) -> float:
        clock.advance(passed)
        clock.jump(jumped)
        return watching._watched().jumped_by_s

    second = timedelta(seconds=1)
    assert told(second) == 0
    assert told(second, timedelta(seconds=0.5)) == 0
    assert told(second, timedelta(minutes=-10)) == -600
    assert told(timedelta(minutes=59)) == -600
    assert told(timedelta(minutes=2)) == 0


def test_what_another_release_says_is_no_error(redis: Redis) -> None:
    redis.set("baotin:pulse:api:a", "1", ex=5)
    redis.set("baotin:pulse:api:b", '{"host": "x"}', ex=5)
    redis.set("baotin:pulse:astronomer:c", "1", ex=5)
    assert pulses.living(redis) == [Living(Role.API, "a", None), Living(Role.API, "b", None)]
