"""Receipts that are asked for, at the gateway whose callbacks nobody signs."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from gateways.base import WebhookRequest
from notifier.domain.timing import LEASE, POLL_FOR, poll_wait
from notifier.services import reports
from notifier.store import polls
from notifier.store.tables import Attempt
from tests.waiting import eventually

SECOND = timedelta(seconds=1)
NO_BALANCE, UNDELIVERED = "0900000007", "0900000002"


@pytest.fixture
def esms(make_world: Callable[..., Any]) -> Any:
    world = make_world(gateways=("esms",))
    world.behave("esms")  # nothing is pushed
    return world


def send_until(world: Any, message_id: str, *states: str) -> Any:
    """Send jobs in the world's time, while the provider's own goes on."""
    until = time.monotonic() + 30
    while (shown := world.message(message_id)).state not in states:
        assert time.monotonic() < until, shown.state
        world.clock.advance(SECOND * 5)
        world.send()
        time.sleep(0.1)
    return shown


def asked(world: Any) -> list[tuple[Any, ...]]:
    with world.wiring.sessions.read() as session:
        rows = session.execute(select(Attempt.poll_at, Attempt.polls).order_by(Attempt.id))
        return [tuple(row) for row in rows]


@pytest.mark.parametrize(
    ("phone", "state"), [("0912345678", "delivered"), (UNDELIVERED, "undelivered")]
)
def test_a_provider_that_pushes_nothing_is_asked_until_it_tells_the_end(
    esms: Any, new_event: Any, phone: str, state: str
) -> None:
    message = esms.post(new_event(phone=phone))[0].messages[0]
    esms.send()
    assert esms.message(message.id).state == "sent"
    shown = send_until(esms, message.id, state)
    assert [r.report for r in shown.receipts][-1] == state
    ((poll_at, count),) = asked(esms)
    assert (poll_at, count > 0) == (None, True)


def test_nobody_is_asked_before_the_time(esms: Any, new_event: Any) -> None:
    message = esms.post(new_event())[0].messages[0]
    esms.send()
    esms.clock.advance(poll_wait(0) - SECOND)
    esms.send()
    assert (esms.message(message.id).state, asked(esms)[0][1]) == ("sent", 0)


def test_the_sweep_rings_for_what_is_to_be_asked(esms: Any, new_event: Any) -> None:
    esms.post(new_event())
    esms.send()
    esms.wiring.redis.flushall()
    esms.sweep()
    assert esms.wiring.redis.keys("rq:job:*") == []
    esms.clock.advance(poll_wait(0))
    esms.sweep()
    assert len(esms.wiring.redis.keys("rq:job:*")) == 1


def test_waits_double_up_to_an_hour_and_end_after_a_day(esms: Any, new_event: Any) -> None:
    message = esms.post(new_event(phone="0900000004"))[0].messages[0]  # stays sent for ever
    esms.send()
    began, times = esms.clock.now(), []
    while (poll_at := asked(esms)[0][0]) is not None:
        esms.clock.advance(poll_at - esms.clock.now())
        times.append(esms.clock.now() - began)
        esms.send()
        assert asked(esms)[0][1] == len(times)
    assert len(times) < 40
    assert times[-1] <= POLL_FOR
    assert times[:4] == [SECOND * 5, SECOND * 15, SECOND * 35, SECOND * 75]
    assert esms.message(message.id).state == "sent"


def test_who_dies_while_asking_is_succeeded(esms: Any, new_event: Any) -> None:
    message = esms.post(new_event())[0].messages[0]
    esms.send()
    esms.clock.advance(poll_wait(0))
    with esms.wiring.sessions.begin() as session:
        now = esms.clock.now()
        taken = polls.claim(session, gateways=["esms"], now=now, until=now + LEASE, limit=5)
        assert len(taken) == 1
        assert polls.claim(session, gateways=["esms"], now=now, until=now + LEASE, limit=5) == []
    esms.clock.advance(LEASE)
    send_until(esms, message.id, "delivered")


def callback(world: Any, attempt: str, **query: str) -> WebhookRequest:
    return WebhookRequest("GET", "http://x", {}, list(query.items()), b"", attempt)


def test_an_unsigned_call_is_not_believed_but_asked_about_at_once(
    esms: Any, new_event: Any
) -> None:
    message = esms.post(new_event(phone=UNDELIVERED))[0].messages[0]
    esms.send()
    attempt = esms.message(message.id).attempts[0]
    time.sleep(1.6)  # the provider knows by now
    lie = callback(esms, attempt.id, SMSID=attempt.provider_id, SendStatus="5", SendSuccess="1")
    assert reports.take("esms", lie, wiring=esms.wiring) == 1
    assert esms.message(message.id).state == "sent"
    esms.send()
    shown = esms.message(message.id)
    assert (shown.state, [r.report for r in shown.receipts]) == ("undelivered", ["undelivered"])
    assert reports.take("esms", lie, wiring=esms.wiring) == 0  # the end is known


def test_an_unsigned_call_about_nothing_of_ours_is_nothing(esms: Any, new_event: Any) -> None:
    esms.post(new_event())
    esms.send()
    strange = callback(esms, "att_x", SMSID="x", SendStatus="5", SendSuccess="1")
    assert reports.take("esms", strange, wiring=esms.wiring) == 0


def test_a_call_about_an_unknown_attempt_resolves_it(esms: Any, new_event: Any) -> None:
    esms.behave("esms", faults=[{"kind": "timeout_after"}])
    message = esms.post(new_event())[0].messages[0]
    esms.send_in_vain(message.id)
    eventually(esms.ledger, what="the provider takes it")
    esms.behave("esms")
    attempt = esms.message(message.id).attempts[-1]
    assert (attempt.outcome, attempt.provider_id) == ("unknown", None)
    told = callback(esms, attempt.id, SMSID="x", SendStatus="5", SendSuccess="1")
    assert reports.take("esms", told, wiring=esms.wiring) == 1
    esms.send()
    assert esms.message(message.id).state in {"sent", "delivered"}
    # eSMS said that it has our reference and not under which id: the list by time tells.
    shown = send_until(esms, message.id, "delivered")
    assert shown.attempts[-1].provider_id is not None
    assert len(esms.ledger()) == 1


def test_a_gateway_out_of_use_is_asked_no_more(
    esms: Any, new_event: Any, make_world: Callable[..., Any]
) -> None:
    esms.post(new_event())
    esms.send()
    esms.clock.advance(poll_wait(0))
    with esms.wiring.sessions.read() as session:
        assert polls.any_due(session, ["esms"], esms.clock.now())
        assert not polls.any_due(session, ["twilio"], esms.clock.now())
        assert not polls.any_due(session, [], esms.clock.now())


def test_questions_take_a_quarter_of_the_pool(esms: Any, new_event: Any) -> None:
    esms.post(*(new_event(f"e{n}", code=f"c{n}") for n in range(30)))
    esms.send()
    esms.clock.advance(poll_wait(0))
    pool, poller = esms.context.sender.pool, esms.context.sender.poller
    assert poller.start_due(pool) == pool.size // 4
    assert poller.start_due(pool) == 0
    until = time.monotonic() + 30
    while pool.in_flight:
        assert time.monotonic() < until
        poller.record(pool.drain(0.1))
    assert poller.start_due(pool) == pool.size // 4
    poller.record([one for _ in range(50) for one in pool.drain(0.02)])
