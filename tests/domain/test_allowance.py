"""The bucket of a source: what it lets in, and how long it makes wait."""

from hypothesis import given
from hypothesis import strategies as st

from notifier.domain import allowance
from notifier.domain.allowance import Bucket


def test_a_full_bucket_holds_a_minutes_events_and_refills_evenly() -> None:
    empty = allowance.taken(allowance.full(60, at=100.0), 60)
    assert empty.left == 0
    assert allowance.wait_s(empty, 60) == 1
    assert allowance.refilled(empty, 60, 101.0).left == 1
    assert allowance.refilled(empty, 60, 1000.0).left == 60


def test_what_a_batch_overdrew_is_waited_for() -> None:
    overdrawn = allowance.taken(allowance.full(60, at=0.0), 1000)
    wait = allowance.wait_s(overdrawn, 60)
    assert wait == 941
    assert allowance.wait_s(allowance.refilled(overdrawn, 60, wait), 60) == 0
    assert allowance.wait_s(allowance.refilled(overdrawn, 60, wait - 1), 60) == 1


def test_a_clock_that_goes_back_refills_nothing() -> None:
    assert allowance.refilled(Bucket(5.0, at=100.0), 60, 40.0) == Bucket(5.0, at=40.0)


@given(
    st.integers(1, 100_000),
    st.lists(st.tuples(st.floats(0, 30), st.integers(1, 1000)), max_size=60),
)
def test_no_more_is_let_in_than_a_minutes_events_the_refill_and_one_batch(
    per_minute: int, requests: list[tuple[float, int]]
) -> None:
    bucket, now, let_in = allowance.full(per_minute, at=0.0), 0.0, 0
    for passed, events in requests:
        now += passed
        bucket = allowance.refilled(bucket, per_minute, now)
        if not allowance.wait_s(bucket, per_minute):
            bucket = allowance.taken(bucket, events)
            let_in += events
    assert let_in <= per_minute + now * per_minute / 60 + 1000 + 1e-6 * per_minute
