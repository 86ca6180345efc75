"""Going live: before it, only test numbers get messages, at intake and at the claim."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from notifier.domain.restraint import Restraint
from notifier.services import going_live
from notifier.services.views import BadFields, NotFound, ScopeMissing
from notifier.services.wiring import Wiring
from notifier.store.tables import Alert, AuditEntry

KEPT = Restraint(quiet_hours=False, phone_cap=None, only_live=True)
PARENT, OFFICE = "thuan-an", "lai-thieu"
MINE, CITIZEN = "0912345678", "0987654321"


@pytest.fixture
def world(make_world: Callable[..., Any]) -> Any:
    """An installation that reaches citizens; its offices are not live."""
    world = make_world(restraint=KEPT)
    going_live.say_live(PARENT, False, by=None, wiring=world.wiring)
    return world


def alerts(wiring: Wiring) -> list[tuple[str, str, bool]]:
    with wiring.sessions.read() as session:
        rows = session.scalars(select(Alert).order_by(Alert.id)).all()
        return [(one.kind, one.subject, one.closed_at is None) for one in rows]


def test_the_answer_says_that_the_message_is_held_and_only_test_numbers_get_theirs(
    world: Any, new_event: Any
) -> None:
    going_live.add_number(OFFICE, MINE, by=None, wiring=world.wiring)
    mine, theirs = world.post(
        new_event("e1", code="c1", phone=MINE), new_event("e2", code="c2", phone=CITIZEN)
    )
    assert (mine.outcome, mine.messages[0].state) == ("accepted", "queued")
    assert (theirs.outcome, theirs.reason) == ("held", "not_live")
    world.send()
    assert [one["to"] for one in world.ledger()] == ["+84912345678"]


def test_what_a_person_must_mend_is_told_before_that_the_office_is_not_live(
    world: Any, new_event: Any
) -> None:
    (result,) = world.post(new_event(phone="0274 3755555"))
    assert result.reason == "phone"


@pytest.mark.parametrize(
    ("parent", "office", "live", "said_by"),
    [
        (None, None, False, None),
        (True, None, True, PARENT),
        (False, None, False, PARENT),
        (False, True, True, OFFICE),
        (True, False, False, OFFICE),
    ],
)
def test_what_an_office_does_not_say_its_parent_says(
    wiring: Wiring, parent: bool | None, office: bool | None, live: bool, said_by: str | None
) -> None:
    going_live.say_live(PARENT, parent, by=None, wiring=wiring)
    going_live.say_live(OFFICE, office, by=None, wiring=wiring)
    view = going_live.show(OFFICE, by=None, wiring=wiring)
    assert (view.live, view.said_by) == (live, said_by)


def test_a_test_number_of_the_parent_holds_for_those_below_and_not_above(
    world: Any, new_event: Any
) -> None:
    going_live.add_number(PARENT, MINE, by=None, wiring=world.wiring)
    going_live.add_number(OFFICE, CITIZEN, by=None, wiring=world.wiring)
    above = new_event("e2", code="c2", phone=CITIZEN)
    above["case"]["office"] = PARENT
    results = world.post(new_event("e1", code="c1", phone=MINE), above)
    assert [one.outcome for one in results] == ["accepted", "held"]


def test_an_office_that_is_taken_back_sends_nothing_of_what_waits(
    world: Any, new_event: Any
) -> None:
    going_live.say_live(OFFICE, True, by=None, wiring=world.wiring)
    message = world.post(new_event())[0].messages[0]
    assert message.state == "queued"
    going_live.say_live(OFFICE, False, by=None, wiring=world.wiring)
    world.send()
    shown = world.message(message.id)
    assert (shown.state, shown.reason, world.ledger()) == ("held", "not_live", [])


def test_going_live_lets_nothing_out_that_was_held_and_the_alert_ends_with_the_last(
    world: Any, new_event: Any
) -> None:
    message = world.post(new_event())[0].messages[0]
    world.sweep()
    world.sweep()
    assert alerts(world.wiring) == [("not_live", OFFICE, True)]
    going_live.say_live(OFFICE, True, by=None, wiring=world.wiring)
    world.send()
    world.sweep()
    assert world.message(message.id).state == "held"
    assert world.ledger() == []
    assert alerts(world.wiring) == [("not_live", OFFICE, True)]
    world.execute("UPDATE messages SET state = 'cancelled'")
    world.sweep()
    assert alerts(world.wiring) == [("not_live", OFFICE, False)]


def test_a_demo_and_a_rehearsal_keep_nothing_back(world: Any, wiring: Wiring) -> None:
    view = going_live.show(OFFICE, by=None, wiring=wiring)
    assert (view.live, view.held_to) == (False, False)
    with wiring.sessions.read() as session:
        assert wiring.catalogue.current(session).goes_out(OFFICE, b"any phone")


def test_everything_twice_is_harmless_and_the_log_tells_of_it_once_without_the_phone(
    wiring: Wiring,
) -> None:
    changed = []
    for _ in range(2):
        changed += [
            going_live.say_live(OFFICE, True, by=None, wiring=wiring).changed,
            going_live.add_number(OFFICE, MINE, by=None, wiring=wiring).changed,
        ]
    for _ in range(2):
        changed.append(
            going_live.remove_number(OFFICE, phone="+84912345678", by=None, wiring=wiring).changed
        )
    assert changed == [True, True, False, False, True, False]
    with wiring.sessions.read() as session:
        entries = session.scalars(
            select(AuditEntry).where(AuditEntry.object == OFFICE).order_by(AuditEntry.id)
        ).all()
        assert [(one.action, one.before, one.after) for one in entries] == [
            ("office.live_changed", {"live": None}, {"live": True}),
            ("test_number.added", None, {"phone": "+84912***678"}),
            ("test_number.removed", {"phone": "+84912***678"}, None),
        ]


def test_only_an_administrator_of_the_office_decides(
    wiring: Wiring, hire: Callable[..., Any]
) -> None:
    operator, other = hire(wiring, "operator").staff, hire(wiring, "administrator", PARENT).staff
    with pytest.raises(ScopeMissing):
        going_live.say_live(OFFICE, True, by=operator, wiring=wiring)
    assert going_live.say_live(OFFICE, True, by=other, wiring=wiring).office.live
    with pytest.raises(NotFound):
        going_live.say_live("nowhere", True, by=None, wiring=wiring)
    with pytest.raises(BadFields, match="no"):
        going_live.add_number(OFFICE, "0274 3755555", by=None, wiring=wiring)
