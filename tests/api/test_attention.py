"""`/v1/attention` and `/v1/messages/handle`: what waits for a person; several handled at once."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from notifier.services import keys
from notifier.services.seed import DEMO_SOURCE
from notifier.services.wiring import Wiring

HANDLE = "/v1/messages/handle"

Send = Callable[..., str]
Ask = Callable[..., Any]


@pytest.fixture
def send(post: Any, event: dict[str, Any]) -> Send:
    """Posts an event, and answers its message's id."""

    def do(id: str, **recipient: str) -> str:
        told = {**event, "id": id, "recipient": {**event["recipient"], **recipient}}
        return str(post(told).get_json()["events"][0]["messages"][0]["id"])

    return do


@pytest.fixture
def ask(client: FlaskClient, headers: dict[str, str]) -> Ask:
    """Handles messages, and answers whom it happened to and who was left alone."""

    def do(deed: str, messages: list[dict[str, Any]], **more: Any) -> tuple[list[str], list[str]]:
        body = {"deed": deed, "messages": messages, **more}
        told = client.post(HANDLE, headers=headers, json=body).get_json()
        assert (told["deed"], told["dry_run"]) == (deed, more.get("dry_run", False))
        return [one["id"] for one in told["done"]], [one["id"] for one in told["left"]]

    return do


def states(wiring: Wiring) -> dict[str, str]:
    with wiring.sessions.read() as session:
        rows = session.execute(text("SELECT id, state FROM messages WHERE resend_of IS NULL"))
        return {one.id: one.state for one in rows}


def move(wiring: Wiring, message_id: str, state: str) -> None:
    with wiring.sessions.begin() as session:
        moved = text("UPDATE messages SET state = :state, reason = NULL WHERE id = :id")
        session.execute(moved, {"id": message_id, "state": state})


def seen(message_id: str, state: str, reason: str | None = None) -> dict[str, Any]:
    return {"id": message_id, "state": state, "reason": reason}


def test_what_waits_is_counted_and_listed(
    client: FlaskClient, headers: dict[str, str], send: Send, wiring: Wiring
) -> None:
    held = [send(one, phone="0274 3755555") for one in "ab"]
    unknown, sent = send("c"), send("d")
    move(wiring, unknown, "unknown")
    move(wiring, sent, "sent")
    told = client.get("/v1/attention", headers=headers).get_json()
    assert told["groups"] == [
        {"state": "held", "reason": "phone", "messages": 2},
        {"state": "unknown", "reason": None, "messages": 1},
    ]
    assert [one["id"] for one in told["messages"]] == sorted([*held, unknown], reverse=True)
    assert told["next_cursor"] is None
    of_one = client.get("/v1/attention?reason=phone&limit=1", headers=headers).get_json()
    assert [one["id"] for one in of_one["messages"]] == [held[1]]
    rest = f"/v1/attention?reason=phone&cursor={of_one['next_cursor']}"
    after = client.get(rest, headers=headers).get_json()["messages"]
    assert [one["id"] for one in after] == held[:1]


def test_a_look_says_what_would_happen_and_nothing_does(
    ask: Ask, send: Send, wiring: Wiring
) -> None:
    held, unknown = send("a", phone="0274 3755555"), send("b")
    move(wiring, unknown, "unknown")
    both = [seen(held, "held", "phone"), seen(unknown, "unknown")]
    before = states(wiring)
    assert ask("cancel", both, dry_run=True) == ([held], [unknown])
    assert ask("told", both, dry_run=True) == ([held, unknown], [])
    assert ask("release", both, dry_run=True) == ([], [held, unknown])
    assert states(wiring) == before


def test_what_moved_on_since_it_was_seen_is_left_alone(
    ask: Ask, send: Send, wiring: Wiring
) -> None:
    stands, arrived = send("a"), send("b")
    move(wiring, stands, "undelivered")
    move(wiring, arrived, "delivered")
    both = [seen(stands, "undelivered"), seen(arrived, "undelivered")]
    assert ask("resend", both, dry_run=True) == ([stands], [arrived])
    assert ask("resend", both)[1] == [arrived]
    with wiring.sessions.read() as session:
        resent = session.scalars(text("SELECT resend_of FROM messages WHERE resend_of > ''")).all()
    assert resent == [stands]


def test_several_are_cancelled_at_once(ask: Ask, send: Send, wiring: Wiring) -> None:
    held = [send(one, phone="0274 3755555") for one in "ab"]
    assert ask("cancel", [seen(one, "held", "phone") for one in held]) == (held, [])
    assert states(wiring) == dict.fromkeys(held, "cancelled")


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"deed": "burn", "messages": [{"id": "msg_" + "0" * 26, "state": "held"}]}, "deed"),
        ({"deed": "told", "messages": []}, "messages"),
        ({"deed": "told", "messages": [{"id": "1", "state": "held"}]}, "messages.0.id"),
        ({"deed": "told", "messages": [{"id": "msg_" + "0" * 26}]}, "messages.0.state"),
        (
            {"deed": "told", "messages": [{"id": "msg_" + "0" * 26, "state": "held"}] * 101},
            "messages",
        ),
    ],
)
def test_what_is_not_right_is_told_by_field(
    client: FlaskClient, headers: dict[str, str], body: dict[str, Any], path: str
) -> None:
    reply = client.post(HANDLE, headers=headers, json=body)
    assert reply.status_code == 422
    assert [one["path"] for one in reply.get_json()["errors"]] == [path]
    assert client.get("/v1/attention?reason=nothing", headers=headers).status_code == 422


def test_one_that_is_not_theirs_and_nothing_happens_to_any(
    client: FlaskClient, headers: dict[str, str], send: Send, wiring: Wiring
) -> None:
    held = send("a", phone="0274 3755555")
    body = {
        "deed": "cancel",
        "messages": [seen(held, "held", "phone"), seen("msg_" + "0" * 26, "held")],
    }
    assert client.post(HANDLE, headers=headers, json=body).status_code == 404
    assert states(wiring) == {held: "held"}


def test_a_key_that_may_only_read_handles_nothing(
    client: FlaskClient, send: Send, wiring: Wiring
) -> None:
    token = keys.create(DEMO_SOURCE, ["messages:read"], wiring=wiring).token
    reader = {"Authorization": f"Bearer {token}"}
    assert client.get("/v1/attention", headers=reader).status_code == 200
    body = {"deed": "told", "messages": [seen(send("a"), "queued")]}
    assert client.post(HANDLE, headers=reader, json=body).status_code == 403
