"""Rings and pulses on a real Valkey: few, disposable, and never an error to whoever rings."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest
from redis import Redis, RedisError
from rq import Queue as RqQueue
from rq.serializers import JSONSerializer

from config.settings import SettingsError
from notifier import queue
from notifier.domain.timing import RING_EXPIRES
from notifier.queue import QueueName, RqRings

RING_KEY = "baotin:ring:send"


@pytest.fixture
def redis(redis_url: str) -> Iterator[Redis]:
    with closing(queue.connect(redis_url)) as client:
        client.flushall()
        yield client
        client.flushall()


@pytest.fixture
def rings(redis: Redis) -> RqRings:
    return RqRings(redis)


def jobs(redis: Redis) -> int:
    return RqQueue(QueueName.SEND, connection=redis, serializer=JSONSerializer).count


def test_many_rings_make_one_job_until_the_job_silences_them(redis: Redis, rings: RqRings) -> None:
    for _ in range(100):
        rings.ring_send()
    assert jobs(redis) == 1
    rings.silence()
    rings.ring_send()
    assert jobs(redis) == 2


def test_rings_of_many_threads_at_once_make_one_job(redis: Redis, rings: RqRings) -> None:
    threads = [threading.Thread(target=rings.ring_send) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert jobs(redis) == 1


def test_a_ring_is_forgotten_after_its_time(redis: Redis, rings: RqRings) -> None:
    """A worker that died with it silences nobody for longer."""
    rings.ring_send()
    left = redis.pttl(RING_KEY)
    assert 0 < left <= RING_EXPIRES.total_seconds() * 1000
    redis.delete(RING_KEY)  # as if that time had passed
    rings.ring_send()
    assert jobs(redis) == 2


def test_the_sweep_rings_whatever_was_rung_before(redis: Redis, rings: RqRings) -> None:
    """The job of the first ring was lost: popped by a worker that died."""
    rings.ring_send()
    redis.delete("rq:queue:send")
    rings.ring_send()
    assert jobs(redis) == 0
    rings.ring_send_again()
    assert jobs(redis) == 1


@pytest.mark.parametrize(("workers", "waiting"), [(0, 1), (1, 1), (3, 3)])
def test_the_sweep_never_piles_up_more_jobs_than_there_are_workers(
    redis: Redis, rings: RqRings, workers: int, waiting: int
) -> None:
    for number in range(workers):
        redis.set(f"baotin:pulse:send:{number}", "1", ex=5)
    redis.set("baotin:pulse:upkeep:x", "1", ex=5)
    for _ in range(10):
        rings.ring_send_again()
    assert jobs(redis) == waiting


def test_a_ring_carries_no_work(redis: Redis, rings: RqRings) -> None:
    rings.ring_send()
    job = RqQueue(QueueName.SEND, connection=redis, serializer=JSONSerializer).jobs[0]
    assert (job.func_name, job.args, job.kwargs) == ("workers.jobs.send_due", [], {})
    assert {key.decode().partition(":")[0] for key in redis.scan_iter()} <= {"rq", "baotin"}


@pytest.mark.parametrize("url", ["redis://127.0.0.1:1/0", "unix:///nowhere/valkey.sock"])
def test_whoever_rings_a_redis_that_is_away_never_hears_of_it(url: str) -> None:
    with closing(queue.connect(url)) as away:
        rings = RqRings(away)
        rings.ring_send()
        rings.ring_send_again()
        rings.silence()
        with pytest.raises(RedisError):
            queue.live_workers(away)


def test_a_redis_that_hangs_holds_up_one_ring_in_two_seconds_and_for_a_moment() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        with closing(queue.connect(url, timeout_s=queue.RING_TIMEOUT_S)) as hangs:
            rings = RqRings(hangs)
            began = time.monotonic()
            for _ in range(200):
                rings.ring_send()
            assert time.monotonic() - began < 10  # each by itself: 50


def test_rings_go_on_two_seconds_after_one_was_lost(redis: Redis, redis_url: str) -> None:
    now = 0.0
    with closing(queue.connect(redis_url, timeout_s=queue.RING_TIMEOUT_S)) as impatient:
        rings = RqRings(impatient, lambda: now)
        redis.client_pause(60_000, all=False)
        rings.ring_send()
        redis.client_unpause()
        rings.ring_send()
        assert jobs(redis) == 0
        now = 2.0
        rings.ring_send()
    assert jobs(redis) == 1


def test_a_redis_that_may_drop_jobs_is_refused(redis: Redis) -> None:
    assert queue.policy_problem(redis) is None
    queue.refuse_lossy(redis)
    try:
        redis.config_set("maxmemory-policy", "allkeys-lru")
        with pytest.raises(SettingsError, match="REDIS_URL has maxmemory-policy allkeys-lru"):
            queue.refuse_lossy(redis)
    finally:
        redis.config_set("maxmemory-policy", "noeviction")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"username": "nobody", "password": "hush"}, "refuses the user and password of REDIS_URL"),
        ({"db": 99}, "refuses REDIS_URL: is the number of its database right?"),
        ({"path": "/nowhere"}, "does not answer: is it running there?"),
    ],
)
def test_what_is_wrong_with_a_redis_is_told_in_words(
    redis_url: str, wrong: dict[str, str | int], said: str
) -> None:
    with closing(queue.connect(redis_url)) as client:
        client.connection_pool.connection_kwargs.update(wrong)
        with pytest.raises(RedisError) as raised:
            client.ping()
    assert queue.told(raised.value) == said
