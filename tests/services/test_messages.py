"""Seeing and mending."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from notifier.services import keys, messages
from notifier.services.views import (
    BadCorrection,
    Correction,
    MessageFilter,
    NotAuthenticated,
    NotFound,
    NotInThisState,
    ResentAlready,
)


def test_a_list_pages_by_cursor_without_gap_or_repeat(world: Any, new_event: Any) -> None:
    posted = world.post(*(new_event(f"e{n}", code=f"c{n}") for n in range(7)))
    seen: list[str] = []
    cursor = None
    while True:
        page = messages.list_messages(
            world.caller, MessageFilter(limit=3, cursor=cursor), wiring=world.wiring
        )
        seen += [one.id for one in page.messages]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == sorted((one.messages[0].id for one in posted), reverse=True)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (MessageFilter(case="c1"), 1),
        (MessageFilter(case="nope"), 0),
        (MessageFilter(state="queued"), 2),
        (MessageFilter(state="held"), 1),
    ],
)
def test_a_list_is_narrowed(world: Any, new_event: Any, wanted: MessageFilter, found: int) -> None:
    world.post(
        new_event("a", code="c1"), new_event("b", code="c2"), new_event("c", code="c3", phone="x")
    )
    page = messages.list_messages(world.caller, wanted, wiring=world.wiring)
    assert len(page.messages) == found


def test_another_offices_message_is_not_there(world: Any, new_event: Any) -> None:
    message = world.post(new_event())[0].messages[0]
    world.execute("DELETE FROM source_offices WHERE office_id = 'lai-thieu'")
    world.execute("UPDATE revisions SET value = value + 1")
    with pytest.raises(NotFound):
        world.message(message.id)
    assert messages.list_messages(world.caller, MessageFilter(), wiring=world.wiring).messages == ()


def test_a_resend_is_a_new_message_with_the_same_words(world: Any, new_event: Any) -> None:
    message = world.post(new_event())[0].messages[0]
    with pytest.raises(NotInThisState):
        messages.resend(world.caller, message.id, wiring=world.wiring)
    world.send()
    again = messages.resend(world.caller, message.id, wiring=world.wiring)
    world.send()
    assert again.resend_of == message.id
    texts = [row["text"] for row in world.ledger()]
    assert len(texts) == 2
    assert texts[0] == texts[1]


def ended(world: Any, message_id: str, state: str) -> None:
    world.execute("UPDATE messages SET state = :state WHERE id = :id", state=state, id=message_id)


def test_however_many_resend_a_message_at_once_it_goes_once(world: Any, new_event: Any) -> None:
    message = world.post(new_event())[0].messages[0].id
    ended(world, message, "failed")

    def resend(_: int) -> str | None:
        try:
            return messages.resend(world.caller, message, wiring=world.wiring).id
        except ResentAlready as refused:
            assert refused.newer is not None
            return None

    with ThreadPoolExecutor(4) as pool:
        made = [one for one in pool.map(resend, range(4)) if one]
    assert len(made) == 1
    world.send()
    assert len(world.ledger()) == 1


def test_what_was_resent_is_resent_no_more_but_the_newer_one_is(world: Any, new_event: Any) -> None:
    first = world.post(new_event())[0].messages[0].id
    ended(world, first, "failed")
    second = messages.resend(world.caller, first, wiring=world.wiring).id
    for state in ("queued", "held", "unknown", "sent", "delivered", "failed", "expired"):
        ended(world, second, state)
        with pytest.raises(ResentAlready) as refused:
            messages.resend(world.caller, first, wiring=world.wiring)
        assert refused.value.newer == second
    assert world.message(first).resent_as == second
    third = messages.resend(world.caller, second, wiring=world.wiring)
    assert third.resend_of == second
    shown = [world.message(one) for one in (first, second, third.id)]
    assert [one.resent_as for one in shown] == [second, third.id, None]
    assert [one.resent_at is None for one in shown] == [False, False, True]


def test_a_resend_that_was_withdrawn_counts_as_none(world: Any, new_event: Any) -> None:
    message = world.post(new_event())[0].messages[0].id
    ended(world, message, "failed")
    again = messages.resend(world.caller, message, wiring=world.wiring).id
    messages.cancel(world.caller, again, wiring=world.wiring)
    assert world.message(message).resent_at is None
    other = messages.resend(world.caller, message, wiring=world.wiring).id
    assert world.message(message).resent_as == other


def test_a_queued_message_can_be_cancelled_and_a_sent_one_not(world: Any, new_event: Any) -> None:
    first, second = (world.post(new_event(f"e{n}", code=f"c{n}"))[0].messages[0] for n in range(2))
    assert messages.cancel(world.caller, first.id, wiring=world.wiring).state == "cancelled"
    world.send()
    with pytest.raises(NotInThisState):
        messages.cancel(world.caller, second.id, wiring=world.wiring)
    assert len(world.ledger()) == 1


def test_a_corrected_phone_releases_a_held_message(world: Any, new_event: Any) -> None:
    message = world.post(new_event(phone="0274 3755555"))[0].messages[0]
    with pytest.raises(BadCorrection):
        messages.correct(world.caller, message.id, Correction(phone="1"), wiring=world.wiring)
    mended = messages.correct(
        world.caller, message.id, Correction(phone="0987654321"), wiring=world.wiring
    )
    assert (mended.state, mended.to) == ("queued", "+84987***321")
    world.send()
    assert world.ledger()[0]["to"] == "+84987654321"


def test_a_missing_value_is_filled_in(world: Any, new_event: Any) -> None:
    message = world.post(new_event(type="fee_due", data={}))[0].messages[0]
    mended = messages.correct(
        world.caller, message.id, Correction(values=(("le_phi", 15000),)), wiring=world.wiring
    )
    assert mended.state == "queued"
    world.send()
    assert "15.000d" in world.ledger()[0]["text"]


def test_a_revoked_key_is_refused_at_once(world: Any) -> None:
    made = keys.create("demo", ["messages:read"], wiring=world.wiring)
    assert keys.authenticate(made.token, wiring=world.wiring).scopes == {"messages:read"}
    assert keys.revoke(made.id, wiring=world.wiring)
    assert not keys.revoke(made.id, wiring=world.wiring)
    with pytest.raises(NotAuthenticated):
        keys.authenticate(made.token, wiring=world.wiring)
    with pytest.raises(ValueError, match="unknown scope"):
        keys.create("demo", ["everything"], wiring=world.wiring)
