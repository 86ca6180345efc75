"""The drill's judge sees what it is there to see: every case is a small made-up world."""

from dataclasses import replace

import pytest

from tests.faults.judge import Verdict, judge, stretches
from tests.faults.nemesis import Disturbance
from tests.faults.sender import Promise
from tests.faults.stories import Key, PostedEvent, Story
from tests.faults.world import Row, Told


def event(id: str, mark: str) -> PostedEvent:
    return PostedEvent(id, Key("+84912345678", "H29-1", mark), {})


def row(mark: str, at: float, phone: str = "+84912345678") -> Row:
    return Row(f"sms_{at}", phone, f"UBND: ho so H29-1 da co ket qua tai {mark}.", at)


def told(id: str, state: str = "sent", **changes: object) -> Told:
    return replace(Told(f"msg_{id}", id, state, None, False, (1.0,)), **changes)  # type: ignore[arg-type]  # any field


CASE = Story("case", 0.0, (event("a", "quay 1"), event("b", "quay 2")))
PROMISES = {
    "a": Promise(0.0, "accepted", ("msg_a",), 1),
    "b": Promise(0.0, "accepted", ("msg_b",), 1),
}
BOTH = [row("quay 1", 2.0), row("quay 2", 3.0)]
SENT = [told("a"), told("b")]


def verdict(
    rows: list[Row] = BOTH,
    messages: list[Told] = SENT,
    done: tuple[Disturbance, ...] = (),
    story: Story = CASE,
) -> Verdict:
    return judge([story], PROMISES, rows, messages, done, in_doubt_s=9.0)


def test_one_sms_for_each_promise_in_their_order_is_a_pass() -> None:
    assert verdict().failures(timed=True) == []
    assert verdict().sent == 2


def test_a_promise_without_a_row_is_lost_whatever_the_product_says() -> None:
    assert verdict(rows=BOTH[:1]).lost == ["b"]


def test_a_reason_not_to_send_is_no_loss() -> None:
    settled = verdict(
        rows=BOTH[:1], messages=[told("a"), told("b", "suppressed", reason="superseded")]
    )
    assert (settled.lost, settled.settled_unsent) == ([], 1)


@pytest.mark.parametrize("state", ["queued", "sending", "unknown", "sent", "delivered"])
def test_a_state_alone_is_no_reason(state: str) -> None:
    assert verdict(rows=BOTH[:1], messages=[told("a"), told("b", state)]).lost == ["b"]


def test_a_second_row_is_a_silent_double_unless_its_message_says_so() -> None:
    doubled = [*BOTH, row("quay 1", 4.0)]
    assert verdict(rows=doubled).silently_doubled == ["a"]
    flagged = verdict(rows=doubled, messages=[told("a", possible_double=True), told("b")])
    assert (flagged.silently_doubled, flagged.doubled) == ([], 1)


def test_another_messages_flag_excuses_nothing() -> None:
    doubled = [*BOTH, row("quay 1", 4.0)]
    flagged = [told("a"), told("b", possible_double=True)]
    assert verdict(rows=doubled, messages=flagged).silently_doubled == ["a"]


def test_of_twins_one_row_is_a_loss_two_are_right_and_three_a_double() -> None:
    twins = Story("twins", 0.0, (event("a", "quay 1"), event("b", "quay 1")))
    rows = [row("quay 1", at) for at in (1.0, 2.0, 3.0)]
    assert len(verdict(rows=rows[:1], story=twins).lost) == 1
    assert verdict(rows=rows[:2], story=twins).failures(timed=True) == []
    assert verdict(rows=rows, story=twins).doubled == 1


def test_a_row_of_nobodys_event_is_told() -> None:
    assert verdict(rows=[*BOTH, row("quay 9", 4.0)]).strangers == 1
    assert verdict(rows=[*BOTH, row("quay 1", 4.0, phone="+84987654321")]).strangers == 1


def test_a_later_event_of_a_case_that_goes_first_breaks_its_order() -> None:
    swapped = [row("quay 2", 2.0), row("quay 1", 3.0)]
    assert verdict(rows=swapped).out_of_order == ["b"]


def test_overtaking_one_in_doubt_for_its_time_is_the_rule() -> None:
    swapped = [row("quay 2", 11.0), row("quay 1", 12.0)]
    overtaken = verdict(rows=swapped)
    assert (overtaken.out_of_order, overtaken.overtaken_after_doubt) == ([], 1)


def test_what_lies_over_15_seconds_after_a_disturbance_fails_a_timed_drill() -> None:
    done = (Disturbance("kill worker", 1.0, 1.0),)
    late = verdict(rows=[row("quay 1", 2.0), row("quay 2", 16.5)], done=done)
    assert late.moving["kill worker"].waited_s == 15.5
    assert late.failures(timed=True) == ["moving again only after 15.5 s"]
    assert late.failures(timed=False) == []


def test_a_wait_is_counted_from_the_end_of_each_disturbance_to_the_next() -> None:
    done = [
        Disturbance("before", 0.0, 1.0),
        Disturbance("outage", 4.0, 10.0),
        Disturbance("kill", 6.0, 6.0),
        Disturbance("kill", 12.0, 12.0),
        Disturbance("after", 20.0, 21.0),
    ]
    assert list(stretches(2.0, 15.0, done)) == [
        ("(undisturbed)", 2.0),
        ("outage", 2.0),
        ("kill", 3.0),
    ]
