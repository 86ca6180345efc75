"""When a gateway is left alone, and how it comes back."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.domain import breaker
from notifier.domain.breaker import HEALTHY, Answer, Breaker, Heard, Lately

NOW = datetime(2026, 11, 25, tzinfo=UTC)
SECOND = timedelta(seconds=1)
GOOD = Heard(Answer.GOOD)
TIMEOUT = Heard(Answer.FAILED, "timeout")
NOT_NOW = Heard(Answer.NOT_NOW, "http_429")
HANGING = Heard(Answer.NOT_NOW, "http_429", ms=4000)
GOOD_PROBE = Heard(Answer.GOOD, is_probe=True)
BAD_PROBE = Heard(Answer.FAILED, "reset", is_probe=True)


def after(*failures_at: float, heard: Heard = TIMEOUT) -> Breaker:
    """The breaker after such calls ended at these seconds."""
    state = HEALTHY
    for at in failures_at:
        state = breaker.after(state, heard, at=NOW + SECOND * at)
    return state


@pytest.mark.parametrize(
    ("heard", "ended_at", "is_open"),
    [
        (TIMEOUT, (0,), False),
        (TIMEOUT, (0, 1), False),
        (TIMEOUT, (0, 0, 0), True),
        (TIMEOUT, (0, 720), True),  # five an hour
        (TIMEOUT, (0, 4.9), False),
        (TIMEOUT, (0, 5), True),  # nothing else came for five seconds
        (NOT_NOW, (0, 1, 2, 3, 4), False),  # asked to wait: the limit's business
        (NOT_NOW, (0, 1, 2, 3, 4, 5), True),
        (HANGING, (0, 0, 0), True),
    ],
)
def test_a_few_failures_open_it_however_far_apart(
    heard: Heard, ended_at: tuple[float, ...], is_open: bool
) -> None:
    assert after(*ended_at, heard=heard).is_open is is_open


def test_it_says_why() -> None:
    assert after(0, 0, 0).reason == "timeout"


def test_a_success_between_starts_the_count_anew() -> None:
    state = breaker.after(after(0, 1), GOOD, at=NOW + SECOND * 2)
    assert state == HEALTHY
    assert not breaker.after(state, TIMEOUT, at=NOW + SECOND * 60).is_open


def test_calls_that_began_before_it_opened_or_closed_change_nothing() -> None:
    state = after(0, 0, 0)
    assert breaker.after(state, GOOD, at=NOW + SECOND) == state
    assert breaker.after(state, TIMEOUT, at=NOW + SECOND) == state
    closed = breaker.after(state, GOOD_PROBE, at=NOW + SECOND * 2)
    left_over = Heard(Answer.FAILED, "timeout", ms=3000)
    assert breaker.after(closed, left_over, at=NOW + SECOND * 3) == closed


def test_one_probe_at_a_time_and_further_and_further_apart() -> None:
    state, at, waits = after(0, 0, 0), NOW, []
    for _ in range(18):
        waits.append(state.wait)
        assert not breaker.may_probe(state, at=at + state.wait - SECOND / 10)
        at += state.wait
        assert breaker.may_probe(state, at=at)
        state = breaker.probing(state, at=at)
        assert not breaker.may_probe(state, at=at + SECOND * 8, longest=SECOND)
        state = breaker.after(state, BAD_PROBE, at=at)
    assert waits[:4] == [SECOND, SECOND * 2, SECOND * 4, SECOND * 8]
    assert waits[-1] == breaker.LONGEST_WAIT


def test_where_nothing_else_goes_or_a_probe_costs_nothing_it_is_tried_sooner() -> None:
    state = after(0, 720, 1440)
    soon = NOW + SECOND * 720 + breaker.LONGEST_ALONE
    assert not breaker.may_probe(state, at=soon)
    assert breaker.may_probe(state, at=soon, longest=breaker.LONGEST_ALONE)


def test_at_five_an_hour_not_every_message_is_a_probe() -> None:
    """A day of messages, twelve minutes apart, against a gateway that stays dead."""
    state, probes = HEALTHY, 0
    for n in range(120):
        at = NOW + SECOND * 720 * n
        if breaker.may_probe(state, at=at):
            probes += 1
            state = breaker.after(breaker.probing(state, at=at), BAD_PROBE, at=at)
        elif not state.is_open:
            state = breaker.after(state, TIMEOUT, at=at)
    assert probes == 25


def test_a_probe_whose_worker_died_is_made_again() -> None:
    state = breaker.probing(after(0, 0, 0), at=NOW)
    assert not breaker.may_probe(state, at=NOW + SECOND * 11)
    assert breaker.may_probe(state, at=NOW + breaker.PROBE_TAKES)


def test_a_clock_that_went_back_does_not_keep_it_open() -> None:
    assert breaker.may_probe(after(3600, 3600, 3600), at=NOW)


def test_a_clock_that_went_back_leaves_one_that_closed_neither_narrow_nor_deaf() -> None:
    tomorrow = NOW + timedelta(days=1)
    opened = after(86_400, 86_400, 86_400)
    closed = breaker.after(opened, GOOD_PROBE, at=tomorrow)
    assert breaker.places(closed, at=NOW, share=128) == 128
    state = closed
    for _ in range(3):
        state = breaker.after(state, TIMEOUT, at=NOW)
    assert (state.is_open, state.wait) == (True, breaker.FIRST_WAIT)


def test_one_that_fails_again_at_once_waits_longer_than_before() -> None:
    state, at = after(0, 0, 0), NOW
    for _ in range(3):
        at += state.wait
        state = breaker.after(state, BAD_PROBE, at=at)
    state = breaker.after(state, GOOD_PROBE, at=at)
    for _ in range(3):
        at += SECOND
        state = breaker.after(state, TIMEOUT, at=at)
    assert (state.is_open, state.wait) == (True, SECOND * 16)


def test_traffic_returns_by_and_by() -> None:
    closed = breaker.after(after(0, 0, 0), GOOD_PROBE, at=NOW)
    told = [breaker.places(closed, at=NOW + SECOND * n / 2, share=128) for n in range(9)]
    assert told == [4, 8, 16, 32, 64, 128, 128, 128, 128]
    assert breaker.places(closed, at=NOW - SECOND, share=2) == 2
    assert breaker.places(HEALTHY, at=NOW, share=128) == 128
    assert breaker.places(after(0, 0, 0), at=NOW, share=128) == 0


@pytest.mark.parametrize(
    ("good", "bad", "too_many"), [(10, 9, False), (10, 10, True), (400, 300, False)]
)
def test_too_many_failures_among_the_last_calls(good: int, bad: int, too_many: bool) -> None:
    lately = Lately()
    assert lately.note([GOOD] * 500, at=0) is False
    assert lately.note([GOOD] * good, at=10.5) is False
    assert lately.note([TIMEOUT] * bad, at=11) is too_many


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.floats(0, 900)), max_size=60))
def test_it_is_open_exactly_from_too_many_failures_to_a_good_probe(
    calls: list[tuple[bool, bool, float]],
) -> None:
    state, at = HEALTHY, NOW
    for good, is_probe, wait_s in calls:
        before, at = state, at + timedelta(seconds=wait_s)
        answer = Answer.GOOD if good else Answer.FAILED
        state = breaker.after(state, Heard(answer, "reset", is_probe=is_probe), at=at)
        if before.is_open:
            assert state.is_open is not (good and is_probe)
        else:
            assert state.is_open is (state.failures > 0 and state.opened_at == at)
            assert state.failures < breaker.FAILURES_IN_A_ROW or state.is_open
