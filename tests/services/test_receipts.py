"""Receipts: twice, late, early or out of order, the end state is the same."""

import random
import threading
import time
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import select

from gateways.base import Receipt, Report
from notifier.domain.timing import LEASE, ONE_LOOK
from notifier.services import receipts
from notifier.services.views import MessageView
from notifier.store import attempts
from notifier.store.engine import StoreUnavailable
from notifier.store.tables import Attempt
from workers.worker import build_context

S, D, U = Report.SENT, Report.DELIVERED, Report.UNDELIVERED


def receipt(report: Report, *, reference: str | None = None, sid: str | None = None) -> Receipt:
    return Receipt("simulator", report, provider_id=sid, reference=reference)


def sent(world: Any, new_event: Any) -> tuple[str, str, str]:
    message = world.post(new_event())[0].messages[0]
    world.send()
    attempt = world.message(message.id).attempts[0]
    return message.id, attempt.id, attempt.provider_id


@pytest.mark.parametrize("order", [*permutations([S, D]), (S, S, D, D), (D, U), (U, D)])
def test_delivered_wins_in_every_order(world: Any, new_event: Any, order: Any) -> None:
    message_id, attempt_id, sid = sent(world, new_event)
    for report in order:
        world.wiring.receipts([receipt(report, reference=attempt_id, sid=sid)])
    assert world.message(message_id).state == "delivered"


def test_what_no_receipt_comes_for_is_marked_and_a_late_one_takes_the_mark_away(
    world: Any, new_event: Any
) -> None:
    message_id, attempt_id, sid = sent(world, new_event)
    for hours, marked in ((23, False), (2, True)):
        world.clock.advance(timedelta(hours=hours))
        receipts.mark_unreported(sessions=world.wiring.sessions)
        assert (world.message(message_id).state, world.message(message_id).no_receipt) == (
            "sent",
            marked,
        )
    world.wiring.receipts([receipt(D, reference=attempt_id, sid=sid)])
    told = world.message(message_id)
    assert (told.state, told.no_receipt) == ("delivered", False)


def test_it_was_handed_over_when_the_provider_first_said_so(world: Any, new_event: Any) -> None:
    message_id, attempt_id, sid = sent(world, new_event)
    at = world.message(message_id).handed_over_at
    world.clock.advance(timedelta(minutes=5))
    world.wiring.receipts([receipt(D, reference=attempt_id, sid=sid)])
    assert world.message(message_id).handed_over_at == at


@pytest.mark.parametrize("report", [S, D])
def test_a_receipt_for_what_was_taken_for_absent_stops_the_second_sms(
    world: Any, new_event: Any, report: Report
) -> None:
    world.behave(faults=[{"kind": "http_429"}])  # stands for "absent": surely not sent, it seemed
    message = world.post(new_event())[0].messages[0]
    world.send()
    world.behave()
    attempt = world.message(message.id).attempts[0]
    world.wiring.receipts([receipt(report, reference=attempt.id, sid="late")])
    world.clock.advance(timedelta(minutes=1))
    world.send()
    assert world.message(message.id).state == {S: "sent", D: "delivered"}[report]
    assert world.ledger() == []


def test_a_receipt_that_came_before_is_kept_once(world: Any, new_event: Any) -> None:
    message_id, attempt_id, sid = sent(world, new_event)
    news = [
        world.wiring.receipts([receipt(D, reference=attempt_id, sid=sid)]).new for _ in range(10)
    ]
    assert news == [1] + [0] * 9
    assert len(world.message(message_id).receipts) == 1


def test_undelivered_is_final_until_delivered(world: Any, new_event: Any) -> None:
    message_id, _, sid = sent(world, new_event)
    world.wiring.receipts([receipt(U, sid=sid)])
    world.wiring.receipts([receipt(S, sid=sid)])
    assert world.message(message_id).state == "undelivered"


def test_a_receipt_by_the_providers_id_that_comes_first_is_matched_at_the_close(
    world: Any, new_event: Any
) -> None:
    message = world.post(new_event())[0].messages[0]

    def probe(at: str) -> None:
        if at == "before_record":
            world.wiring.receipts([receipt(D, sid=world.ledger()[0]["id"])])

    world.context.sender.probe = probe
    world.send()
    assert world.message(message.id).state == "delivered"


def test_a_receipt_by_our_reference_settles_a_message_still_being_sent(
    world: Any, new_event: Any
) -> None:
    message = world.post(new_event())[0].messages[0]

    def probe(at: str) -> None:
        if at == "before_record":
            row = world.ledger()[0]
            world.wiring.receipts([receipt(D, reference=row["reference"], sid=row["id"])])

    world.context.sender.probe = probe
    world.send()
    shown = world.message(message.id)
    assert (shown.state, shown.attempts[0].outcome) == ("delivered", "accepted")


def test_an_unknown_receipt_waits_and_harms_nothing(world: Any, new_event: Any) -> None:
    message_id, _, _ = sent(world, new_event)
    world.wiring.receipts([receipt(D, sid="somebody-else"), receipt(D, reference="att_x")])
    world.sweep()
    assert world.message(message_id).state == "sent"


def test_a_receipt_settles_an_unknown_message(world: Any, new_event: Any) -> None:
    world.behave(faults=[{"kind": "truncate"}])
    message = world.post(new_event())[0].messages[0]
    world.send()
    row = world.ledger()[0]
    world.wiring.receipts([receipt(D, reference=row["reference"], sid=row["id"])])
    world.behave()
    world.send()
    shown = world.message(message.id)
    assert (shown.state, shown.attempts[0].outcome, len(world.ledger())) == (
        "delivered",
        "accepted",
        1,
    )


class _Killed(BaseException):
    """Stands for SIGKILL: nothing of the process runs after it."""


def _dies(world: Any, event: Any, point: str) -> MessageView:
    """Post it, and kill the worker at a point of its sending; it is found unknown."""
    message = world.post(event)[0].messages[0]

    def probe(at: str) -> None:
        if at == point:
            raise _Killed

    dying = build_context(world.wiring, threading.Event()).sender
    dying.probe = probe
    with pytest.raises(_Killed):
        dying.run(slice_s=30, stopping=lambda: False)
    dying.pool.close()
    world.clock.advance(LEASE + timedelta(seconds=1))
    world.sweep()
    shown: MessageView = world.message(message.id)
    assert shown.state == "unknown"
    world.clock.advance(ONE_LOOK)  # it holds its case up no longer
    return shown


def test_twins_of_which_one_was_taken_for_the_other_both_go_out(
    make_world: Any, new_event: Any
) -> None:
    """The second died before its call; a look-up by words gives it the SMS of the first.

    The receipts of that SMS name the first's attempt, whose id the second now has.
    """
    world = make_world(gateways=("twilio",))
    first = _dies(world, new_event("e1"), "before_record")
    later = world.clock.now() + LEASE * 2
    with world.wiring.sessions.begin() as session:
        attempts.ask_again(session, first.attempts[0].id, later)
    second = _dies(world, new_event("e2"), "after_open")
    world.send()
    taken = world.message(second.id).attempts[0].provider_id
    assert [row["id"][4:] for row in world.ledger()] == [taken[2:18]]
    named = first.attempts[0].id
    told = [Receipt("twilio", report, provider_id=taken, reference=named) for report in (S, D)]
    assert world.wiring.receipts(told).new == 2
    world.clock.advance(LEASE)
    world.send()
    states = {world.message(one.id).state for one in (first, second)}
    assert (states <= {"sent", "delivered"}, len(world.ledger())) == (True, 2)


def test_a_group_ends_as_each_of_its_receipts_alone_would(world: Any, new_event: Any) -> None:
    reports = {"e1": (S,), "e2": (D, S), "e3": (U,), "e4": (S, U), "e5": (U, D), "e6": ()}
    made = {
        name: world.post(new_event(name, code=f"{name}-{time.monotonic_ns()}"))[0].messages[0].id
        for name in reports
    }
    world.send()
    told = {name: world.message(made[name]).attempts[0] for name in reports}
    world.wiring.receipts(
        [
            receipt(report, reference=told[name].id, sid=told[name].provider_id)
            for name, each in reports.items()
            for report in each
        ]
    )
    assert {name: world.message(made[name]).state for name in reports} == {
        "e1": "sent",
        "e2": "delivered",
        "e3": "undelivered",
        "e4": "undelivered",
        "e5": "delivered",
        "e6": "sent",
    }
    assert {name: len(world.message(made[name]).receipts) for name in reports} == {
        name: len(each) for name, each in reports.items()
    }


def test_two_processes_with_the_same_messages_in_opposite_order_wait_for_each_other(
    world: Any, new_event: Any
) -> None:
    made = [
        world.post(new_event(f"e{n}", code=f"{n}-{time.monotonic_ns()}"))[0].messages[0].id
        for n in range(40)
    ]
    world.send()
    told = [world.message(message_id).attempts[0] for message_id in made]
    problems: list[Exception] = []

    def record(report: Report, each: Any) -> None:
        calls = [[receipt(report, reference=one.id, sid=one.provider_id)] for one in each]
        try:
            wiring = world.wiring
            receipts.record(
                calls,
                sessions=wiring.sessions,
                ids=wiring.ids,
                keeping=wiring.keeping,
                accounts=wiring.accounts,
            )
        except Exception as problem:  # noqa: BLE001 - told below
            problems.append(problem)

    threads = [
        threading.Thread(target=record, args=(S, told)),
        threading.Thread(target=record, args=(D, told[::-1])),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert problems == []
    assert {world.message(message_id).state for message_id in made} == {"delivered"}


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_calls_that_end_and_receipts_that_come_meanwhile_never_wait_crosswise(
    world: Any, new_event: Any
) -> None:
    """Answers and receipts of the same attempts, each group in an order of its own."""
    world.behave(faults=[{"kind": "http_429", "share": 0.5}])
    broken: list[Exception] = []
    reporters: list[threading.Thread] = []
    draw = random.Random(1)  # noqa: S311 - an order, no secret

    def report(ids: list[str], told: Report) -> None:
        try:
            calls = [[receipt(told, reference=one, sid=f"sid-{one}")] for one in ids]
            wiring = world.wiring
            receipts.record(
                calls,
                sessions=wiring.sessions,
                ids=wiring.ids,
                keeping=wiring.keeping,
                accounts=wiring.accounts,
            )
        except StoreUnavailable as problem:
            broken.append(problem)

    def probe(at: str) -> None:
        if at != "before_record":
            return
        with world.wiring.sessions.read() as session:
            open_ = select(Attempt.id).where(Attempt.outcome.is_(None))
            ids = list(session.scalars(open_))
        for told in (S, D) if ids else ():
            shuffled = draw.sample(ids, len(ids))
            reporters.append(threading.Thread(target=report, args=(shuffled, told)))
            reporters[-1].start()

    world.context.sender.probe = probe
    world.post(*(new_event(f"e{n}", code=f"{n}") for n in range(120)))
    world.send()
    for reporter in reporters:
        reporter.join()
    assert broken == []
