"""The sources' allowances: one for all processes, and still one without Redis."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from notifier import queue
from notifier.allowances import TIMEOUT_S, Allowances, OverAllowance


class Seconds:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def redis(redis_url: str) -> Redis:
    client = queue.connect(redis_url, timeout_s=TIMEOUT_S)
    client.flushall()
    return client


def refused(allowances: Allowances, events: int = 1, per_minute: int = 6) -> float:
    with pytest.raises(OverAllowance) as over:
        allowances.take("motcua", events, per_minute=per_minute)
    return over.value.retry_after_s


def test_two_processes_share_one_allowance(redis: Redis) -> None:
    one, other = Allowances(redis, time.monotonic), Allowances(redis, time.monotonic)
    for allowances in (one, other, one, other, one, other):
        allowances.take("motcua", 1, per_minute=6)
    first = refused(one)
    assert 0 < refused(other) <= first <= 10
    one.take("another source", 1, per_minute=6)


def test_a_batch_is_let_in_whole_and_waited_for_after(redis: Redis) -> None:
    allowances = Allowances(redis, time.monotonic)
    allowances.take("motcua", 1000, per_minute=600)
    assert refused(allowances, per_minute=600) == pytest.approx(40, abs=10)


def test_the_allowance_refills(redis: Redis) -> None:
    allowances = Allowances(redis, time.monotonic)
    for source in map(str, range(10)):  # the half second may be over when a machine stalled
        allowances.take(source, 6050, per_minute=6000)
        try:
            allowances.take(source, 1, per_minute=6000)
        except OverAllowance as over:
            time.sleep(over.retry_after_s + 0.05)
            break
    else:
        pytest.fail("nothing was refused")
    allowances.take(source, 1, per_minute=6000)


def test_a_busy_source_does_not_ask_redis_each_time_and_is_held_all_the_same(redis: Redis) -> None:
    allowances = Allowances(redis, time.monotonic)
    before = redis.info("commandstats").get("cmdstat_evalsha", {}).get("calls", 0)
    began, let_in = time.monotonic(), 0
    with pytest.raises(OverAllowance):
        for _ in range(20_000):
            allowances.take("motcua", 1, per_minute=12_000)
            let_in += 1
    assert 12_000 <= let_in < 12_500 + 200 * (time.monotonic() - began)
    assert redis.info("commandstats")["cmdstat_evalsha"]["calls"] - before < let_in / 8


def test_many_threads_take_no_more_than_there_is(redis: Redis) -> None:
    allowances = Allowances(redis, time.monotonic)
    taken = []

    def post() -> None:
        for _ in range(40):
            try:
                allowances.take("motcua", 1, per_minute=60)
                taken.append(1)
            except OverAllowance:
                return

    began = time.monotonic()
    threads = [threading.Thread(target=post) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 60 <= len(taken) <= 61 + time.monotonic() - began


def test_without_redis_each_process_holds_to_the_allowance_by_itself(tmp_path: Path) -> None:
    seconds = Seconds()
    away = queue.connect(f"unix://{tmp_path / 'none.sock'}", timeout_s=TIMEOUT_S)
    allowances = Allowances(away, seconds)
    for _ in range(6):
        allowances.take("motcua", 1, per_minute=6)
    assert refused(allowances) == 10
    allowances.take("another source", 7, per_minute=6)
    seconds.now += 11
    allowances.take("motcua", 1, per_minute=6)
    assert refused(allowances) == pytest.approx(9)


def test_a_redis_that_went_away_is_asked_again_after_a_while(
    start_valkey: Callable[..., Any],
) -> None:
    seconds, server = Seconds(), start_valkey()
    allowances = Allowances(queue.connect(server.url, timeout_s=TIMEOUT_S), seconds)
    allowances.take("motcua", 6, per_minute=6)
    server.stop()
    refused(allowances)  # by what this process took itself
    server.start()
    refused(allowances)  # an empty Redis would say yes, but is not asked yet
    seconds.now += 5
    allowances.take("motcua", 1, per_minute=6)


def test_a_redis_that_hangs_holds_a_request_up_for_a_moment_only(
    start_valkey: Callable[..., Any],
) -> None:
    server = start_valkey()
    allowances = Allowances(queue.connect(server.url, timeout_s=TIMEOUT_S), time.monotonic)
    allowances.take("motcua", 1, per_minute=6000)
    Redis.from_url(server.url).client_pause(60_000)
    began = time.monotonic()
    for _ in range(100):
        allowances.take("motcua", 10, per_minute=6000)
    assert time.monotonic() - began < 50 * TIMEOUT_S
