"""A phone's operator is what a provider last told; routes may ask for it, and nobody guesses it."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from gateways.base import Accepted, Receipt, Report, WebhookRequest
from notifier.domain.operators import Operator
from notifier.services import pauses, reports, routes
from notifier.services.operators import Telling, learn
from notifier.services.recording import Finished
from notifier.services.routes import NewRoute, Question
from notifier.services.views import BadFields, ScopeMissing
from notifier.store import messages
from notifier.store import operators as rows
from tests import retention
from tests.waiting import eventually, somebody_waits

PHONE = "0912345678"
BOTH = ("simulator", "twilio")
SOON = timedelta(seconds=1)
BY_OPERATOR = NewRoute(
    [{"gateways": {"twilio": 1}, "operators": ["viettel"]}, {"gateways": {"simulator": 1}}]
)


def told(world: Any, phone: str = "+84912345678") -> tuple[str, str] | None:
    key = world.wiring.hashes.phone(phone)
    with world.wiring.sessions.read() as session:
        row = rows.of(session, [key]).get(key)
    return (row.operator, row.told_by) if row else None


def sent(world: Any, new_event: Any, name: str) -> Any:
    message = world.post(new_event(name, code=name, phone=PHONE))[0].messages[0]
    world.send()
    return world.message(message.id)


def receipt(shown: Any, operator: Operator | None, report: Report = Report.DELIVERED) -> Receipt:
    attempt = shown.attempts[-1]
    return Receipt(attempt.gateway, report, attempt.provider_id, attempt.id, operator=operator)


def test_the_newest_telling_wins_for_numbers_are_ported(world: Any, new_event: Any) -> None:
    first = sent(world, new_event, "a")
    assert told(world) is None
    world.wiring.receipts([receipt(first, Operator.MOBIFONE, Report.SENT)])
    assert told(world) == ("mobifone", "simulator")
    world.clock.advance(SOON)
    world.wiring.receipts([receipt(first, Operator.VIETTEL)])
    assert told(world) == ("viettel", "simulator")
    with world.wiring.sessions.begin() as session:  # one that was told before comes late
        before = world.clock.now() - timedelta(hours=1)
        late = Telling(first.attempts[0].id, "esms", "itel", before)
        learn(session, [late], keeping=world.wiring.keeping)
    world.wiring.receipts([receipt(sent(world, new_event, "b"), None)])  # tells nothing
    assert told(world) == ("viettel", "simulator")


def test_an_answer_tells_it_too(world: Any, new_event: Any) -> None:
    shown = sent(world, new_event, "a")
    world.execute("UPDATE attempts SET outcome = NULL, provider_id = NULL")
    attempt = shown.attempts[0]
    world.context.sender.recorder.record(
        [
            Finished(
                attempt_id=attempt.id,
                message_id=shown.id,
                event_id="evt",
                gateway=attempt.gateway,
                token=None,
                tries=1,
                result=Accepted("id", Operator.GMOBILE),
                ms=1,
                segments=1,
            )
        ]
    )
    assert told(world) == ("gmobile", "simulator")


def test_a_report_that_overtakes_the_answer_tells_it(world: Any, new_event: Any) -> None:
    def probe(at: str) -> None:
        if at == "before_record":
            (row,) = world.ledger()
            report = Receipt("simulator", Report.SENT, row["id"], operator=Operator.ITEL)
            world.wiring.receipts([report])

    world.context.sender.probe = probe
    sent(world, new_event, "a")
    assert told(world) == ("itel", "simulator")


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_a_report_locks_the_phone_after_the_message_as_an_answer_does(
    world: Any, new_event: Any
) -> None:
    """Two attempts of one message end at once: neither waits for the other with what it wants."""
    shown = sent(world, new_event, "a")
    report = threading.Thread(
        target=world.wiring.receipts, args=([receipt(shown, Operator.VIETTEL)],), daemon=True
    )
    with world.wiring.sessions.begin() as answer:
        messages.lock(answer, [shown.id])
        report.start()
        eventually(lambda: somebody_waits(world.wiring.sessions))
        answer.execute(text("SET LOCAL lock_timeout = '3s'"))
        second = Telling(shown.attempts[0].id, "twilio", "mobifone", world.clock.now())
        learn(answer, [second], keeping=world.wiring.keeping)
    report.join(10)
    assert told(world) == ("viettel", "simulator")


def test_a_call_that_is_only_asked_about_tells_it_of_our_messages_alone(
    make_world: Callable[..., Any], new_event: Any
) -> None:
    world = make_world(gateways=("esms",))
    attempt = sent(world, new_event, "a").attempts[0]
    for sms_id, known in (("x", None), (attempt.provider_id, ("vinaphone", "esms"))):
        query = {"SMSID": sms_id, "SendStatus": "5", "SendSuccess": "1", "telcoid": "3"}
        call = WebhookRequest("GET", "http://x", {}, list(query.items()), b"", None)
        reports.take("esms", call, wiring=world.wiring)
        assert told(world) == known


def test_routes_ask_for_it_and_an_unknown_one_takes_the_other_steps(
    make_world: Callable[..., Any], new_event: Any
) -> None:
    world = make_world(gateways=BOTH)
    routes.give("lai-thieu", BY_OPERATOR, by=None, wiring=world.wiring)
    first = sent(world, new_event, "a")
    assert [one.gateway for one in first.attempts] == ["simulator"]
    world.wiring.receipts([receipt(first, Operator.VIETTEL)])
    assert [one.gateway for one in sent(world, new_event, "b").attempts] == ["twilio"]
    world.clock.advance(SOON)
    world.wiring.receipts([receipt(first, Operator.ITEL, Report.SENT)])  # ported away
    assert [one.gateway for one in sent(world, new_event, "c").attempts] == ["simulator"]


def test_what_only_its_operators_gateway_would_take_keeps_no_other_waiting(
    make_world: Callable[..., Any], new_event: Any
) -> None:
    world = make_world(gateways=BOTH)
    alone = NewRoute(
        [
            {"gateways": {"twilio": 1}, "operators": ["viettel"]},
            {"gateways": {"simulator": 1}, "operators": ["itel"]},
        ]
    )
    for name, operator in (("a", Operator.VIETTEL), ("b", Operator.ITEL)):
        phone = {"a": PHONE, "b": "0987654321"}[name]
        message = world.post(new_event(name, code=name, phone=phone))[0].messages[0]
        world.send()
        world.wiring.receipts([receipt(world.message(message.id), operator)])
    routes.give("lai-thieu", alone, by=None, wiring=world.wiring)
    pauses.pause("twilio", by=None, wiring=world.wiring)
    stuck, gone = (
        world.post(new_event(f"{phone}", code=f"{phone}", phone=phone))[0].messages[0].id
        for phone in (PHONE, "0987654321")
    )
    world.send()
    shown = world.message(stuck)
    assert (shown.state, shown.reason) == ("queued", "no_gateway")
    assert world.message(gone).state == "sent"


def test_a_preview_says_what_is_known_of_the_phone_and_why_a_step_is_passed_over(
    make_world: Callable[..., Any], new_event: Any
) -> None:
    world = make_world(gateways=BOTH)
    routes.give("lai-thieu", BY_OPERATOR, by=None, wiring=world.wiring)

    def asked(**more: Any) -> Any:
        return routes.preview(Question("lai-thieu", "vi", "gsm7", **more), wiring=world.wiring)

    why = [(one.gateway, one.taken, one.why) for one in asked(phone=PHONE).choices]
    assert why == [
        ("simulator", True, "the first that can"),
        (
            "twilio",
            False,
            "its step is for operator viettel; nobody told this phone's operator",
        ),
    ]
    assert [one.gateway for one in asked(operator="viettel").choices if one.taken] == ["twilio"]
    world.wiring.receipts([receipt(sent(world, new_event, "a"), Operator.VIETTEL)])
    way = asked(phone=PHONE)
    assert (way.operator, way.told_by) == ("viettel", "simulator")
    assert [one.gateway for one in way.choices if one.taken] == ["twilio"]
    with pytest.raises(BadFields):
        asked(phone="113")
    with pytest.raises(ScopeMissing):  # it tells that somebody wrote to this phone
        routes.preview(
            Question("lai-thieu", "vi", "gsm7", phone=PHONE),
            by=replace(world.caller, scopes=frozenset({"gateways:read"})),
            wiring=world.wiring,
        )


def test_it_goes_with_the_other_personal_data(
    make_world: Callable[..., Any], new_event: Any
) -> None:
    world = make_world()
    world.wiring.receipts([receipt(sent(world, new_event, "a"), Operator.VIETTEL)])
    world.execute("UPDATE messages SET purge_after = NULL")
    for days, known in ((89, True), (2, False)):
        world.clock.advance(timedelta(days=days))
        retention.work(world.context.nightly)
        assert (told(world) is not None) is known
    with world.wiring.sessions.read() as session:
        kept = session.execute(text("SELECT count(*) FROM messages")).scalar_one()
    assert kept == 1
