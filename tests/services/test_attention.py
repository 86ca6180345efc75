"""What needs a person: among it what did not reach its citizen, until somebody acts."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from notifier.domain.states import UNREACHED, UNREACHED_FOR
from notifier.services import attention, mending, messages
from notifier.services.views import BadCorrection


def waiting(world: Any, reason: str | None = None) -> list[str]:
    found = attention.look(world.caller, reason=reason, wiring=world.wiring)
    return [one.id for one in found.messages]


@pytest.fixture
def ended(world: Any, new_event: Callable[..., dict[str, Any]]) -> Callable[[str, str], str]:
    """A message that came to that end."""

    def do(name: str, state: str) -> str:
        message_id: str = world.post(new_event(name, code=f"c-{name}"))[0].messages[0].id
        world.execute(
            "UPDATE messages SET state = :state, claim_token = NULL WHERE id = :id",
            state=state, id=message_id,
        )  # fmt: skip
        return message_id

    return do


def test_what_did_not_reach_its_citizen_waits_with_what_is_held(
    world: Any, ended: Callable[[str, str], str], new_event: Callable[..., dict[str, Any]]
) -> None:
    held = world.post(new_event("h", phone="x"))[0].messages[0].id
    unreached = [ended(state, state) for state in sorted(UNREACHED)]
    ended("d", "delivered")
    assert waiting(world) == sorted([held, *unreached], reverse=True)
    assert waiting(world, "phone") == [held]
    assert waiting(world, "undelivered") == unreached[2:]
    groups = attention.look(world.caller, wiring=world.wiring).groups
    assert [(one.state, one.reason, one.messages) for one in groups] == [
        ("held", "phone", 1), ("expired", None, 1), ("failed", None, 1), ("undelivered", None, 1),
    ]  # fmt: skip


def test_it_waits_no_more_once_it_is_sent_again_or_told_or_is_long_ago(
    world: Any, ended: Callable[[str, str], str]
) -> None:
    first, second, third = (ended(name, "undelivered") for name in "abc")
    messages.resend(world.caller, first, wiring=world.wiring)
    mending.mark_told(world.caller, second, wiring=world.wiring)
    assert waiting(world) == [third]
    world.clock.advance(UNREACHED_FOR + timedelta(minutes=1))
    assert waiting(world) == []


def test_it_goes_again_to_the_phone_that_is_right(
    world: Any, ended: Callable[[str, str], str]
) -> None:
    message = ended("a", "failed")
    with pytest.raises(BadCorrection):
        messages.resend(world.caller, message, phone="02743755555", wiring=world.wiring)
    assert waiting(world) == [message]
    again = messages.resend(world.caller, message, phone="0987 654 321", wiring=world.wiring)
    assert (again.to, again.resend_of) == ("+84987***321", message)
    world.send()
    assert [row["to"] for row in world.ledger()] == ["+84987654321"]
    assert world.message(message).to == "+84912***678"
