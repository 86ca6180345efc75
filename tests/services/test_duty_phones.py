"""An alert becomes one SMS to the duty phone of the offices that it touches, and raises none."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from structlog.testing import capture_logs

from notifier.domain.alerts import AlertKind
from notifier.domain.budgets import Budget
from notifier.domain.restraint import UNRESTRAINED, Restraint
from notifier.domain.states import State
from notifier.services import (
    attention,
    budgets,
    duty_desk,
    duty_phones,
    going_live,
    messages,
    pauses,
)
from notifier.services.views import BadFields, MessageFilter, NotFound
from notifier.store import alerts
from notifier.store import duty as rows
from notifier.store.tables import AuditEntry, DutyPhone, Event, Message

DUTY = "0987654321"
MASK = "+84987***321"
TABLES = (DutyPhone, AuditEntry, Event, Message)
NOON = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
NIGHT = datetime(2026, 11, 24, 16, 30, tzinfo=UTC)  # 23:30 in Vietnam
LIVE_ONLY = Restraint(quiet_hours=True, phone_cap=5, source_cap=None, only_live=True)
QUIET = Restraint(quiet_hours=True, phone_cap=5, source_cap=None, only_live=False)


def give(world: Any, office: str = "lai-thieu", phone: str = DUTY) -> None:
    duty_phones.give(office, phone, by=None, wiring=world.wiring)


def raise_one(world: Any, kind: str = "budget", subject: str = "lai-thieu") -> None:
    """An alert as if what it tells of were so."""
    with world.wiring.sessions.begin() as session:
        alerts.raise_alert(
            session,
            world.wiring.ids.new("alt"),
            kind=AlertKind(kind),
            subject=subject,
            detail="why",
            now=world.wiring.sessions.now(session),
        )


def announce(world: Any, touched: str = "lai-thieu") -> None:
    """What a sweep does about alerts, but for closing those that were made up here."""
    desk, wiring = world.context.sweeper.desk, world.wiring
    with wiring.sessions.begin() as session:
        now, known = wiring.sessions.now(session), wiring.catalogue.current(session)
        for one in (found := alerts.unannounced(session, 100)):
            desk.note(session, one.id, frozenset({touched}), known, now)
        alerts.announced(session, found, at=now)
        desk.write(session, known, now=now)


def told(world: Any, phone: str = DUTY) -> list[str]:
    """What the phone reads."""
    number = f"+84{phone[1:]}"
    return [row["text"] for row in world.ledger() if row["to"] == number]


def pause(world: Any, gateway: str) -> None:
    world.execute(
        "INSERT INTO gateway_pauses (gateway, reason, paused_at)"
        " SELECT :name, 'no_balance', MIN(created_at) FROM sources",
        name=gateway,
    )


def work(world: Any) -> None:
    world.sweep()
    world.send()


def test_an_alert_is_one_sms_through_another_gateway_than_it_tells_of(
    make_world: Callable[..., Any],
) -> None:
    world = make_world(gateways=("simulator", "twilio"))
    give(world)
    pause(world, "simulator")
    for _ in range(3):
        world.clock.advance(timedelta(seconds=2))
        work(world)
    assert told(world) == [
        "UBND P.Lai Thieu: cong nhan tin simulator ngung dung vi loi tai khoan (no_balance)."
        " Xem trang Can xu ly."
    ]
    assert [row["gateway"] for row in world.ledger()] == ["twilio"]
    wanted = MessageFilter()
    (shown,) = messages.list_messages(world.caller, wanted, wiring=world.wiring).messages
    assert (shown.state, shown.event_type, shown.to) == ("sent", "alert", MASK)
    assert (shown.segments, shown.encoding) == (1, "gsm7")


def test_it_is_no_probe_of_the_gateway_that_it_says_fails(make_world: Callable[..., Any]) -> None:
    world = make_world(gateways=("simulator", "twilio"))
    give(world)
    world.execute(
        "INSERT INTO gateway_breakers (gateway, failures, opened_at, reason, wait_s)"
        " SELECT 'simulator', 3, MIN(created_at), 'timeout', 1 FROM sources"
    )
    work(world)
    assert [row["gateway"] for row in world.ledger()] == ["twilio"]


def test_each_phone_is_told_once_however_many_offices_share_it(world: Any) -> None:
    give(world, "thuan-an")
    give(world, "lai-thieu")
    pause(world, "simulator")
    work(world)
    pauses.resume("simulator", by=None, wiring=world.wiring)
    # Over before it was handed over: the message was made, and goes; no other is made.
    work(world)
    assert len(told(world)) == 1


def test_a_flood_of_alerts_is_counted_and_the_next_hour_begins_anew(world: Any) -> None:
    give(world)
    for n in range(9):
        raise_one(world, subject=f"office-{n}")
    announce(world)
    world.send()
    assert len(told(world)) == 4
    assert "UBND P.Lai Thieu: co 6 canh bao moi. Xem trang Can xu ly." in told(world)
    for n in range(9, 12):
        raise_one(world, subject=f"office-{n}")
        announce(world)
        world.send()
    assert len(told(world)) == 4
    world.clock.advance(timedelta(minutes=61))
    announce(world)
    world.send()
    assert len(told(world)) == 7


def test_what_is_over_before_there_was_room_is_told_no_more(world: Any) -> None:
    give(world)
    for n in range(4):
        raise_one(world, subject=f"office-{n}")
    announce(world)
    raise_one(world, subject="late")
    announce(world)
    world.execute("UPDATE alerts SET closed_at = raised_at")
    world.clock.advance(timedelta(minutes=61))
    announce(world)
    world.send()
    assert len(told(world)) == 4


def test_at_night_a_gateway_s_alert_goes_and_another_waits_for_the_morning(
    make_world: Callable[..., Any], new_event: Any
) -> None:
    world = make_world(restraint=QUIET, now=NIGHT, gateways=("simulator", "twilio"))
    give(world)
    citizen = world.post(new_event())[0].messages[0]
    pause(world, "simulator")
    world.execute("UPDATE messages SET send_at = created_at")  # due, as if hours were changed
    work(world)
    assert len(told(world)) == 1
    assert world.message(citizen.id).state == "queued"
    assert world.message(citizen.id).attempts == ()
    raise_one(world)
    announce(world)
    world.send()
    assert len(told(world)) == 1
    world.clock.advance(timedelta(hours=8))
    announce(world)
    world.send()
    assert len(told(world)) == 2


def many_offices(world: Any, monkeypatch: pytest.MonkeyPatch, kind: str = "budget") -> None:
    """More alerts wait for the duty phone of another office than one sweep reads."""
    monkeypatch.setattr(duty_desk, "_AT_ONCE", 3)
    give(world, "thuan-an", "0912345678")
    for n in range(4):
        raise_one(world, kind, subject=f"before-{n}")
    announce(world, "thuan-an")


def test_what_waits_for_the_morning_holds_up_no_gateway_s_alert(
    make_world: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make_world(restraint=QUIET, now=NIGHT)
    many_offices(world, monkeypatch)
    give(world)
    raise_one(world, "gateway_failing", "simulator")
    announce(world)
    world.send()
    assert len(told(world)) == 1
    assert told(world, "0912345678") == []
    world.clock.advance(timedelta(hours=8))
    for _ in range(2):
        announce(world)
        world.send()
    assert len(told(world, "0912345678")) == 4


def test_what_waits_for_room_at_one_phone_holds_up_no_other(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    many_offices(world, monkeypatch)
    for _ in range(2):
        for n in range(4):
            raise_one(world, subject=f"more-{world.clock.now().minute}-{n}")
        announce(world, "thuan-an")
        announce(world, "thuan-an")
        world.clock.advance(timedelta(minutes=1))
    give(world)
    raise_one(world)
    announce(world)
    world.send()
    assert (len(told(world)), len(told(world, "0912345678"))) == (1, 4)


def test_two_offices_with_one_phone_share_its_room(world: Any) -> None:
    for office in ("thuan-an", "lai-thieu"):
        give(world, office)
        for n in range(3):
            raise_one(world, subject=f"{office}-{n}")
        with world.wiring.sessions.begin() as session:
            desk, known = world.context.sweeper.desk, world.wiring.catalogue.current(session)
            now = world.wiring.sessions.now(session)
            for one in (found := alerts.unannounced(session, 100)):
                desk.note(session, one.id, frozenset({office}), known, now)
            alerts.announced(session, found, at=now)
    for _ in range(2):
        announce(world)
        world.send()
    assert len(told(world)) == 4


def test_a_gateway_s_alert_is_first_among_what_may_go(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(world)
    monkeypatch.setattr(duty_desk, "_AT_ONCE", 1)
    for n in range(2):
        raise_one(world, subject=f"office-{n}")
    raise_one(world, "gateway_failing", "simulator")
    announce(world)
    world.send()
    (first,) = told(world)
    assert "cong nhan tin simulator" in first


def test_a_duty_phone_whose_seal_is_broken_is_one_error_and_holds_up_nothing(
    world: Any,
) -> None:
    give(world)
    world.execute("UPDATE duty_phones SET phone_cipher = :cipher", cipher=b"broken")
    for n in range(2):
        raise_one(world, subject=f"office-{n}")
    with capture_logs() as logs:
        for _ in range(3):
            announce(world)
    assert [line["event"] for line in logs].count("seal_broken") == 1
    with world.wiring.sessions.read() as session:
        assert rows.waiting_offices(session) == frozenset()


def test_before_an_office_is_live_only_a_test_number_is_told(
    make_world: Callable[..., Any],
) -> None:
    world = make_world(restraint=LIVE_ONLY, now=NOON, gateways=("simulator", "twilio"))
    going_live.say_live("lai-thieu", False, by=None, wiring=world.wiring)
    give(world)
    pause(world, "simulator")
    work(world)
    assert told(world) == []
    going_live.add_number("lai-thieu", DUTY, by=None, wiring=world.wiring)
    pauses.resume("simulator", by=None, wiring=world.wiring)
    work(world)
    pause(world, "simulator")
    work(world)
    assert len(told(world)) == 1


@pytest.mark.parametrize("reason", ["not_live", "phone_cap", "source_cap", "budget"])
def test_an_sms_of_an_alert_raises_none_whatever_holds_it(world: Any, reason: str) -> None:
    give(world)
    raise_one(world, "budget")
    announce(world)
    world.execute("UPDATE alerts SET closed_at = raised_at")
    world.execute("UPDATE messages SET state = 'held', reason = :reason", reason=reason)
    world.sweep()
    with world.wiring.sessions.read() as session:
        assert alerts.open_alerts(session) == []
        count = session.execute(text("SELECT COUNT(*) FROM messages")).scalar_one()
    assert count == 1


@pytest.mark.parametrize(
    ("phone_cap", "budget"), [(1, Budget()), (5, Budget(daily_segments=1))], ids=["cap", "budget"]
)
def test_neither_cap_nor_budget_holds_an_sms_of_an_alert(
    make_world: Callable[..., Any], phone_cap: int, budget: Budget
) -> None:
    world = make_world(restraint=replace(UNRESTRAINED, phone_cap=phone_cap))
    give(world)
    budgets.give("lai-thieu", budget, by=None, wiring=world.wiring)
    for n in range(3):
        raise_one(world, subject=f"office-{n}")
    announce(world)
    for _ in range(3):
        world.send()
    assert len(told(world)) == 3


def test_the_nearest_office_s_phone_holds_is_sealed_and_masked(world: Any) -> None:
    def show(office: str) -> tuple[str | None, str | None]:
        view = duty_phones.show(office, by=None, wiring=world.wiring)
        return view.phone, view.said_by

    assert show("lai-thieu") == (None, None)
    give(world, "thuan-an")
    assert show("lai-thieu") == (MASK, "thuan-an")
    give(world, "lai-thieu", "0912345678")
    assert show("lai-thieu") == ("+84912***678", "lai-thieu")
    for _ in range(2):
        duty_phones.take_away("lai-thieu", by=None, wiring=world.wiring)
    assert show("lai-thieu") == (MASK, "thuan-an")
    with world.wiring.sessions.read() as session:
        dump = str([session.execute(select(of.__table__)).all() for of in TABLES])
    assert "987654321" not in dump
    assert MASK in dump


def test_what_is_no_mobile_number_or_no_office_is_refused(world: Any) -> None:
    with pytest.raises(BadFields):
        give(world, phone="0274 3755555")
    with pytest.raises(NotFound):
        give(world, "nowhere")


def test_a_person_handles_an_sms_of_an_alert_like_any_other(world: Any) -> None:
    give(world)
    raise_one(world)
    announce(world)
    world.execute("UPDATE messages SET state = 'held', reason = 'content_refused'")
    page = attention.look(world.caller, wiring=world.wiring)
    (held,) = page.messages
    assert messages.release(world.caller, held.id, wiring=world.wiring).state == State.QUEUED
    world.send()
    again = messages.resend(world.caller, held.id, wiring=world.wiring)
    assert again.event_type == "alert"
    world.send()
    assert len(told(world)) == 2
