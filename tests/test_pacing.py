"""The pace of a gateway account: one for all workers, and still kept without Redis."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from notifier import queue
from notifier.pacing import TIMEOUT_S, Pacing, Slot

NOW = 1000.0


@pytest.fixture
def redis(redis_url: str) -> Redis:
    client = queue.connect(redis_url, timeout_s=TIMEOUT_S)
    client.flushall()
    return client


def worker(
    redis: Redis,
    name: str = "one",
    monotonic: Callable[[], float] = lambda: NOW,
    **rates: float,
) -> Pacing:
    """Its own clock stands still, unless given: what is looked at is what Redis counts."""
    pacing = Pacing(redis, worker=name, monotonic=monotonic, sleep=time.sleep)
    pacing.adopt(rates or {"a": 20})
    return pacing


def offsets(pacing: Pacing, *units: int) -> list[float]:
    return [slot.at - NOW for slot in pacing.reserve("a", units)]


def test_slots_follow_each_other_at_the_rate_whoever_asks(redis: Redis) -> None:
    one, other = worker(redis), worker(redis, "other")
    began = time.monotonic()
    assert offsets(one, 1, 1, 1) == pytest.approx([0, 0.05, 0.1], abs=0.001)
    first, second = offsets(other, 1, 1)
    passed = time.monotonic() - began
    assert max(0, 0.15 - passed) - 0.001 < first < 0.151
    assert second - first == pytest.approx(0.05, abs=0.001)


def test_segments_take_as_many_units_as_there_are(redis: Redis) -> None:
    assert offsets(worker(redis), 3, 1) == pytest.approx([0, 0.15], abs=0.001)


def test_slots_are_given_out_only_a_little_ahead(redis: Redis) -> None:
    one = worker(redis)
    assert one.look(["a", "b"])["a"].units == 16
    assert len(one.reserve("a", [1] * 50)) == 16
    assert one.look(["a", "b"])["a"].units == 0
    assert one.look(["a", "b"])["b"].units is None


def test_a_rate_of_less_than_one_a_minute_is_kept_to_by_all_workers(redis: Redis) -> None:
    one, other = worker(redis, a=1 / 300), worker(redis, "other", a=1 / 300)
    assert offsets(one, 2, 1) == [0]
    assert offsets(other, 1) == []
    assert redis.pttl("baotin:pace:next:a") > 600_000


def test_a_slot_that_lies_beyond_any_rate_is_of_a_clock_that_went_back(redis: Redis) -> None:
    redis.set("baotin:pace:next:a", time.time() + 3600)
    assert offsets(worker(redis), 1) == [0]


def test_what_was_not_used_is_not_kept_for_a_burst(redis: Redis) -> None:
    one = worker(redis)
    one.reserve("a", [1])
    time.sleep(0.3)
    assert offsets(one, 1, 1) == pytest.approx([0, 0.05], abs=0.001)


def test_a_wait_holds_for_every_worker_and_a_shorter_one_does_not_end_it(redis: Redis) -> None:
    one, other = worker(redis), worker(redis, "other")
    one.ask_to_wait("a", 300)
    one.ask_to_wait("a", 1)
    assert other.waits_s("a") == pytest.approx(300, abs=30)
    assert other.reserve("a", [1]) == []
    assert one.look(["a"])["a"].waits_s == pytest.approx(300, abs=30)
    other.ask_to_wait("b", 50)
    assert one.look(["b"])["b"].waits_s == pytest.approx(50, abs=20)


def test_calls_whose_slots_are_over_still_keep_the_rate(redis: Redis) -> None:
    one = worker(redis, monotonic=time.monotonic, a=50)

    def held(slot: Slot) -> float:
        one.hold(slot)
        return time.monotonic()

    def spread_s() -> float:
        slots = one.reserve("a", [1] * 10)
        time.sleep(0.3)
        with ThreadPoolExecutor(10) as pool:
            began = sorted(pool.map(held, slots))
        return began[-1] - began[0]

    # Whom a stall of the machine holds up in its very wait begins late all the same.
    assert any(spread_s() > 9 / 50 - 0.05 for _ in range(5))


@pytest.mark.parametrize(("workers", "part"), [(1, 2), (3, 3)])
def test_without_redis_each_worker_keeps_to_its_part(
    start_valkey: Callable[..., Any], tmp_path: Path, workers: int, part: int
) -> None:
    valkey = start_valkey()
    redis = queue.connect(valkey.url, timeout_s=TIMEOUT_S)
    for n in range(workers):
        one = worker(redis, str(n), a=60)
        one.reserve("a", [1])
    valkey.stop()
    apart = 1 / 60 * part
    got = offsets(one, 1, 1, 1)
    assert got == pytest.approx([0, apart, 2 * apart], abs=0.001)
    assert one.look(["a"])["a"].units is not None
    one.ask_to_wait("a", 3)
    assert one.waits_s("a") == pytest.approx(3, abs=0.001)


LEARNED = "baotin:pace:learned:u"


def taken(pacing: Pacing, count: int) -> None:
    for _ in range(count):
        pacing.note_taken("u")


def refused(pacing: Pacing, times: int = 11, wait_s: float = 0.05, **how: Any) -> None:
    """Calls that were under way together."""
    for _ in range(times):
        pacing.ask_to_wait("u", wait_s, **how)


def test_a_wait_tells_all_workers_the_rate_that_nobody_told(redis: Redis) -> None:
    one, other = worker(redis), worker(redis, "other")
    assert one.look(["u"])["u"].units is None
    taken(one, 20)
    refused(one)
    time.sleep(0.06)
    for each in (one, other):
        assert each.look(["u"])["u"].units is not None
        assert each.is_paced("u")
    first, second = (slot.at for slot in other.reserve("u", [1, 1]))
    assert second - first == pytest.approx(1 / 20, rel=0.05)


@pytest.mark.parametrize(
    ("count", "tells", "times"), [(0, True, 11), (4, True, 11), (40, False, 11), (40, True, 10)]
)
def test_one_that_took_few_or_refused_few_or_was_only_asked_tells_no_rate(
    redis: Redis, count: int, tells: bool, times: int
) -> None:
    one = worker(redis)
    taken(one, count)
    refused(one, times, 30, tells_rate=tells)
    looked = one.look(["u"])["u"]
    assert looked.units is None
    assert looked.waits_s > 0


def test_a_refusal_now_and_then_among_calls_that_are_taken_tells_no_rate(redis: Redis) -> None:
    one = worker(redis)
    taken(one, 40)
    for _ in range(40):
        one.ask_to_wait("u", 30)
        taken(one, 1)
        assert one.look(["u"])["u"].units is None


@pytest.mark.parametrize(
    ("took", "base", "growth"),
    [(950, 92.15, 0.0025), (800, 77.6, 0.005), (100, 70, 0.005), (0, 100, 0.005)],
    ids=["right", "less", "far less", "nothing"],
)
def test_a_further_wait_goes_back_to_what_was_taken_while_calls_were_wanted(
    redis: Redis, took: int, base: float, growth: float
) -> None:
    one = worker(redis)
    seconds, microseconds = redis.time()
    began = seconds + microseconds / 1e6 - 12
    was = 100 / 1.06 if took == 100 else 100  # and grew since
    held: dict[Any, Any] = {"base": was, "growth": 0.005, "at": began, "taken": took, "waited": 2}
    redis.hset(LEARNED, mapping=held)
    one.ask_to_wait("u", 0.01)
    told = redis.hgetall(LEARNED)
    assert float(told[b"base"]) == pytest.approx(base, rel=0.02)
    assert float(told[b"growth"]) == growth
    one.ask_to_wait("u", 0.01)  # of a call that was under way
    assert redis.hget(LEARNED, "base") == told[b"base"]


def test_one_that_asks_again_and_again_however_slowly_it_is_called_tells_no_rate(
    redis: Redis,
) -> None:
    one = worker(redis)
    taken(one, 20)
    refused(one)
    time.sleep(0.06)
    for paced in (True, True, False):
        assert one.look(["u"])["u"].units is not None
        taken(one, 5)
        time.sleep(0.02)  # the wait before is over
        redis.hincrbyfloat(LEARNED, "at", -0.6)  # so long ago
        one.ask_to_wait("u", 0.01)
        assert (one.look(["u"])["u"].units is not None) is paced
    taken(one, 20)
    refused(one)
    assert one.look(["u"])["u"].units is None
    assert 0 < redis.ttl(LEARNED) <= 60


def test_a_learned_rate_grows_and_is_forgotten_and_a_told_one_stays(redis: Redis) -> None:
    one = worker(redis)
    taken(one, 20)
    refused(one)
    assert 500 < redis.ttl(LEARNED) <= 600
    redis.hincrbyfloat(LEARNED, "at", -20)  # so long ago
    one.look(["u"])
    assert one._rate("u") == pytest.approx(40, rel=0.02)
    redis.delete(LEARNED)
    assert one.look(["u"])["u"].units is None
    for _ in range(20):
        one.note_taken("a")
    one.ask_to_wait("a", 0.01)
    time.sleep(0.02)
    assert offsets(one, 1, 1) == pytest.approx([0, 0.05], abs=0.001)


def test_without_redis_a_learned_rate_is_kept_to_in_part(
    start_valkey: Callable[..., Any], tmp_path: Path
) -> None:
    valkey = start_valkey()
    one = worker(queue.connect(valkey.url, timeout_s=TIMEOUT_S))
    taken(one, 20)
    refused(one)
    one.look(["u"])
    valkey.stop()
    first, second = (slot.at for slot in one.reserve("u", [1, 1]))
    assert second - first == pytest.approx(2 / 20, rel=0.05)
