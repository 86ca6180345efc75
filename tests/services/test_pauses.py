import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from gateways.base import Fault, Rejected
from notifier.services import pauses
from notifier.services.recording import Finished
from notifier.services.views import NotFound
from notifier.store import pauses as rows
from tests.waiting import eventually, somebody_waits


def open_alerts(world: Any) -> list[tuple[str, str]]:
    with world.wiring.sessions.read() as session:
        rows = session.execute(text("SELECT kind, subject FROM alerts WHERE closed_at IS NULL"))
        return [tuple(row) for row in rows]


def test_a_gateway_paused_for_its_account_goes_on_when_a_person_resumes_it(
    make_world: Callable[..., Any], new_event: Any
) -> None:
    world = make_world()
    waits = world.post(new_event("a", phone="0900000007", code="H29-a"))[0].messages[0]
    world.send()
    (shown,) = pauses.list_gateways(wiring=world.wiring)
    assert (shown.paused, shown.reason) == (True, "no_balance")
    assert open_alerts(world) == [("gateway_paused", "simulator")]
    other = world.post(new_event("b", code="H29-b"))[0].messages[0]
    world.send()
    assert world.message(other.id).state == "queued"

    # The citizen whose number stands for an empty account wants nothing more of it.
    world.execute("UPDATE messages SET state = 'cancelled' WHERE id = :id", id=waits.id)
    shown = pauses.resume("simulator", by=None, wiring=world.wiring)
    assert (shown.paused, shown.reason, shown.paused_at) == (False, None, None)
    assert open_alerts(world) == []
    world.send()
    assert world.message(other.id).state == "sent"
    assert (
        pauses.resume("simulator", by=None, wiring=world.wiring) == shown
    )  # once more is harmless


def test_a_gateway_that_a_person_pauses_passes_its_messages_to_the_next(
    make_world: Callable[..., Any], new_event: Any
) -> None:
    world = make_world(gateways=("simulator", "twilio"))
    pauses.pause("simulator", by=None, wiring=world.wiring)
    message = world.post(new_event())[0].messages[0]
    world.send()
    assert [a.gateway for a in world.message(message.id).attempts] == ["twilio"]
    shown = {one.name: one.reason for one in pauses.list_gateways(wiring=world.wiring)}
    assert shown == {"simulator": "by_person", "twilio": None}
    assert open_alerts(world) == []  # whoever paused it knows


def test_a_fault_keeps_its_reason_when_a_person_pauses_too(
    make_world: Callable[..., Any], new_event: Any
) -> None:
    world = make_world({"BAOTIN_SIMULATOR_TOKEN": "wrong"})
    world.post(new_event())
    world.send()
    assert pauses.pause("simulator", by=None, wiring=world.wiring).reason == "unauthorised"


@pytest.mark.parametrize("verb", [pauses.pause, pauses.resume])
def test_a_gateway_not_in_use_is_not_found(world: Any, verb: Any) -> None:
    with pytest.raises(NotFound):
        verb("twilio", by=None, wiring=world.wiring)


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_workers_that_learn_of_two_accounts_at_once_pause_them_in_one_order(
    make_world: Callable[..., Any], new_event: Any
) -> None:
    world = make_world(gateways=("simulator", "twilio"))
    made = world.post(*(new_event(name, code=name) for name in ("a", "b")))
    world.send()
    world.execute("UPDATE attempts SET outcome = NULL, provider_id = NULL")
    shown = [world.message(one.messages[0].id) for one in made]
    group = [
        Finished(
            attempt_id=attempt,
            message_id=message,
            event_id="evt",
            gateway=gateway,
            token=None,
            tries=1,
            result=Rejected(Fault.ACCOUNT, "no_balance"),
            ms=1,
            segments=1,
        )
        for (attempt, message), gateway in zip(
            sorted((one.attempts[0].id, one.id) for one in shown),
            ("twilio", "simulator"),
            strict=True,
        )
    ]
    recorder = world.context.sender.recorder
    other = threading.Thread(target=recorder.record, args=(group,), daemon=True)
    now = world.clock.now()
    with world.wiring.sessions.begin() as session:
        rows.pause(session, "simulator", reason="no_balance", now=now)
        other.start()
        eventually(lambda: somebody_waits(world.wiring.sessions))
        session.execute(text("SET LOCAL lock_timeout = '3s'"))
        rows.pause(session, "twilio", reason="no_balance", now=now)
    other.join(10)
    assert [one.outcome for id in shown for one in world.message(id.id).attempts] == [
        "rejected"
    ] * 2
