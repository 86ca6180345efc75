"""Held messages are let go: past what held them, or they stay and say why."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from notifier.domain import states
from notifier.domain.restraint import Restraint
from notifier.domain.states import HOLDS, RELEASES, Reason, State
from notifier.services import going_live, messages, releasing
from notifier.services.views import MessageFilter, NotFound, NotInThisState, StillHeld
from notifier.store.tables import Alert, AuditEntry

PARENT, OFFICE = "thuan-an", "lai-thieu"


@pytest.fixture
def world(make_world: Callable[..., Any]) -> Any:
    """One message to a phone in an hour, and an office that is live."""
    return make_world(restraint=Restraint(quiet_hours=False, phone_cap=1, only_live=True))


@pytest.fixture
def beyond(world: Any, new_event: Any) -> list[str]:
    """Two messages that are held beyond the cap, a third went out."""
    for result in world.post(*(new_event(f"e{n}", code=f"c{n}") for n in range(3))):
        assert result.outcome == "accepted"
    world.send()
    world.sweep()
    page = messages.list_messages(world.caller, MessageFilter(), wiring=world.wiring)
    held = [one.id for one in page.messages if one.state == "held"]
    assert len(held) == 2
    return held


def hold(world: Any, message_id: str, reason: str) -> None:
    world.execute(
        "UPDATE messages SET state = 'held', reason = :reason WHERE id = :id",
        id=message_id,
        reason=reason,
    )


def open_alerts(world: Any) -> list[str]:
    with world.wiring.sessions.read() as session:
        return list(session.scalars(select(Alert.kind).where(Alert.closed_at.is_(None))))


def test_released_it_goes_past_the_cap_that_held_it(world: Any, beyond: list[str]) -> None:
    shown = messages.release(world.caller, beyond[0], wiring=world.wiring)
    assert (shown.state, shown.reason) == ("queued", "by_person")
    world.send()
    assert world.message(beyond[0]).state == "sent"
    assert world.message(beyond[1]).state == "held"
    assert len(world.ledger()) == 2


def test_the_alert_closes_when_nothing_is_held_any_more(world: Any, beyond: list[str]) -> None:
    assert open_alerts(world) == ["phone_cap"]
    messages.release(world.caller, beyond[0], wiring=world.wiring)
    world.sweep()
    assert open_alerts(world) == ["phone_cap"]
    messages.cancel(world.caller, beyond[1], wiring=world.wiring)
    world.sweep()
    assert open_alerts(world) == []
    hold(world, beyond[0], "phone_cap")
    world.sweep()
    assert open_alerts(world) == ["phone_cap"]  # once more


def test_only_what_is_held_can_be_released(world: Any, new_event: Any) -> None:
    message = world.post(new_event())[0].messages[0]
    with pytest.raises(NotInThisState, match="queued"):
        messages.release(world.caller, message.id, wiring=world.wiring)


def test_every_reason_has_its_way_out(world: Any, new_event: Any) -> None:
    phones = {reason: f"09123450{n:02}" for n, reason in enumerate(sorted(HOLDS))}
    events = [new_event(one, code=one, phone=phone) for one, phone in phones.items()]
    made = {one.id: one.messages[0].id for one in world.post(*events)}
    for reason, message_id in made.items():
        hold(world, message_id, reason)
        if reason in RELEASES:
            assert messages.release(world.caller, message_id, wiring=world.wiring).state == "queued"
        else:
            with pytest.raises(StillHeld, match=reason):
                messages.release(world.caller, message_id, wiring=world.wiring)
    world.send()
    held = {reason for reason, one in made.items() if world.message(one).state != "sent"}
    assert held == HOLDS - RELEASES.keys() == {"phone"}


def test_every_reason_that_holds_is_told_apart_from_those_that_end() -> None:
    over = {"channel_refused", "number_refused", "superseded", "opted_out", "out_of_time"}
    assert {*HOLDS} == {*Reason} - over - {"by_person", "no_gateway"}
    assert states.RELEASE.allowed_from == {State.HELD}


def test_an_office_that_is_not_live_lets_go_to_its_test_numbers_alone(
    world: Any, new_event: Any
) -> None:
    going_live.say_live(OFFICE, False, by=None, wiring=world.wiring)
    mine, theirs = (
        one.messages[0].id
        for one in world.post(
            new_event("e1", code="c1", phone="0912345678"),
            new_event("e2", code="c2", phone="0987654321"),
        )
    )
    going_live.add_number(OFFICE, "0912345678", by=None, wiring=world.wiring)
    with pytest.raises(StillHeld, match="not_live"):
        messages.release(world.caller, theirs, wiring=world.wiring)
    done = releasing.release_all(
        OFFICE, Reason.NOT_LIVE, dry_run=False, by=None, wiring=world.wiring
    )
    assert (done.found, done.moved) == (2, 1)
    world.send()
    assert (world.message(mine).state, world.message(theirs).state) == ("sent", "held")


def test_words_that_were_missing_are_filled_in_when_they_are_there(
    world: Any, new_event: Any
) -> None:
    world.execute("UPDATE template_versions SET status = 'retired' WHERE status = 'published'")
    world.execute("UPDATE revisions SET value = value + 1")
    result = world.post(new_event())[0]
    assert result.reason == "no_template"
    message_id = result.messages[0].id
    with pytest.raises(StillHeld, match="no_template"):
        messages.release(world.caller, message_id, wiring=world.wiring)
    world.execute(
        "UPDATE template_versions SET status = 'published' WHERE id IN"
        " (SELECT max(id) FROM template_versions GROUP BY template_id)"
    )
    world.execute("UPDATE revisions SET value = value + 1")
    done = releasing.release_all(
        OFFICE, Reason.NO_TEMPLATE, dry_run=False, by=world.caller, wiring=world.wiring
    )
    assert (done.found, done.moved) == (1, 1)
    world.send()
    assert world.ledger()[0]["text"].startswith("UBND P.Lai Thieu")


def test_a_gateway_that_refused_it_is_asked_again_once_a_person_let_it_go(
    world: Any, new_event: Any
) -> None:
    message_id = world.post(new_event(phone="0900000003"))[0].messages[0].id  # never taken
    for tries in (1, 2):
        world.send()
        shown = world.message(message_id)
        assert (shown.state, shown.reason) == ("held", "content_refused")
        assert len(shown.attempts) == tries
        world.clock.advance(timedelta(seconds=30))
        messages.release(world.caller, message_id, wiring=world.wiring)


def test_all_of_an_office_and_those_below_it_go_at_once_and_the_log_says_who(
    world: Any, beyond: list[str], hire: Callable[..., Any]
) -> None:
    operator = hire(world.wiring, "operator", PARENT).staff
    asked = {"by": operator, "wiring": world.wiring}
    counted = releasing.release_all(PARENT, Reason.PHONE_CAP, dry_run=True, **asked)
    assert (counted.found, counted.moved) == (2, 0)
    assert [world.message(one).state for one in beyond] == ["held", "held"]
    done = releasing.release_all(PARENT, Reason.PHONE_CAP, dry_run=False, **asked)
    assert (done.found, done.moved) == (2, 2)
    again = releasing.release_all(PARENT, Reason.PHONE_CAP, dry_run=False, **asked)
    assert (again.found, again.moved) == (0, 0)
    with world.wiring.sessions.read() as session:
        (entry,) = session.scalars(
            select(AuditEntry).where(AuditEntry.action == "messages.released")
        )
        assert (entry.actor, entry.object) == (operator.id, PARENT)
        assert entry.after == {"reason": "phone_cap", "count": 2}


def test_all_of_an_office_are_cancelled_for_a_reason_and_no_others(
    world: Any, beyond: list[str]
) -> None:
    hold(world, beyond[0], "phone")
    done = releasing.cancel_all(OFFICE, Reason.PHONE, dry_run=False, by=None, wiring=world.wiring)
    assert (done.found, done.moved) == (1, 1)
    assert [world.message(one).state for one in beyond] == ["cancelled", "held"]
    counts = releasing.list_held(wiring=world.wiring)
    assert [(one.office, one.reason, one.messages) for one in counts] == [(OFFICE, "phone_cap", 1)]
    with pytest.raises(NotFound):
        releasing.cancel_all(
            "nowhere", Reason.PHONE_CAP, dry_run=False, by=None, wiring=world.wiring
        )
