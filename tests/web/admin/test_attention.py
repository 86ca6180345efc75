"""Doing several at once: the look before says what will happen, and nothing else happens."""

import html
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from sqlalchemy import text

from notifier.domain.alerts import AlertKind
from notifier.services.wiring import Wiring
from notifier.store import alerts
from tests.web.admin.conftest import Visitor, fields_of

BULK = "/admin/attention/bulk"

Enter = Callable[..., Visitor]
Post = Callable[..., Any]


@pytest.fixture
def send(post: Post, event: dict[str, Any]) -> Callable[..., str]:
    """Posts an event, and answers its message's id."""

    def do(id: str, **changes: Any) -> str:
        answer = post({**event, "id": id, **changes}).get_json()
        return str(answer["events"][0]["messages"][0]["id"])

    return do


def put(wiring: Wiring, message_id: str, state: str, reason: str | None = None) -> None:
    with wiring.sessions.begin() as session:
        session.execute(
            text("UPDATE messages SET state = :state, reason = :reason WHERE id = :id"),
            {"id": message_id, "state": state, "reason": reason},
        )


def look(operator: Visitor, what: str, ids: Iterable[str]) -> str:
    """What the page before the deed says."""
    token = fields_of(operator.text("/admin/account"))["form"][0]
    form = {"form": token, "what": what, "message": list(ids)}
    return operator.client.post(BULK, data=form).get_data(as_text=True)


def do(operator: Visitor, preview: str) -> str:
    """The deed, by the form that the look before it holds."""
    return operator.client.post(BULK, data=fields_of(preview)).get_data(as_text=True)


def parts(page: str) -> tuple[str, str]:
    """What stands under "will", or was done, and what under "will not"."""
    will, _, will_not = page.partition('id="will-not"')
    return will, will_not


def test_what_arrived_after_the_look_is_not_sent_again(
    enter: Enter, send: Callable[..., str], wiring: Wiring
) -> None:
    operator, stands, arrived = enter("operator"), send("a"), send("b")
    for one in (stands, arrived):
        put(wiring, one, "undelivered")
    preview = look(operator, "resend", [stands, arrived])
    assert "Sẽ làm với 2 tin" in preview
    put(wiring, arrived, "delivered")  # of which one may be sent again, but nobody saw it so
    done, left = parts(do(operator, preview))
    assert "Đã làm với 1 tin" in done
    assert stands not in left
    assert "1 tin vừa đổi tình trạng" in left
    assert arrived in left
    with wiring.sessions.read() as session:
        resent = session.scalars(text("SELECT resend_of FROM messages WHERE resend_of > ''")).all()
    assert resent == [stands]


def test_what_moved_on_after_the_look_is_named_as_left_alone(
    enter: Enter, send: Callable[..., str], wiring: Wiring
) -> None:
    operator, ids = enter("operator"), [send(one) for one in "abc"]
    for one in ids:
        put(wiring, one, "held", "budget")
    preview = look(operator, "cancel", ids)
    put(wiring, ids[0], "queued")  # let go by another; it may be cancelled still
    put(wiring, ids[1], "held", "phone_cap")  # held for something else by now
    done, left = parts(do(operator, preview))
    assert "Đã làm với 1 tin" in done
    assert ids[2] not in left
    assert all(one in left for one in ids[:2])


def test_nothing_is_done_that_nobody_looked_at(
    enter: Enter, send: Callable[..., str], wiring: Wiring
) -> None:
    operator, message = enter("operator"), send("a")
    put(wiring, message, "held", "budget")
    token = fields_of(operator.text("/admin/account"))["form"][0]
    form = {"form": token, "what": "cancel", "sure": "yes", "message": [message]}
    page = operator.client.post(BULK, data=form).get_data(as_text=True)
    assert message in parts(page)[1]
    with wiring.sessions.read() as session:
        assert session.scalar(text("SELECT state FROM messages")) == "held"


def test_the_look_says_what_would_be_held_again(enter: Enter, send: Callable[..., str]) -> None:
    operator = enter("operator")
    lacking = send("a", type="fee_due", data={})  # no fee is told
    preview = look(operator, "release", [lacking])
    will, will_not = parts(preview)
    assert "Không làm được với 1 tin" in will_not
    assert lacking in will_not
    assert 'name="sure"' not in will


@pytest.mark.parametrize("what", ["release", "told", "resend", "cancel"])
def test_a_neighbours_messages_are_neither_shown_nor_touched(
    what: str, enter: Enter, send: Callable[..., str], wiring: Wiring
) -> None:
    message = send("a")
    put(wiring, message, "held", "budget")
    with wiring.sessions.begin() as session:
        session.execute(
            text(
                "INSERT INTO offices (id, parent_id, name, phone, reply_number, sender,"
                " vietnamese_form) VALUES ('di-an', 'thuan-an', 'Dĩ An', '0274 3700000', '8188',"
                " 'UBNDDIAN', 'toneless')"
            )
        )
        session.execute(text("UPDATE revisions SET value = value + 1"))
    neighbour = enter("operator", "di-an")
    page = look(neighbour, what, [message])
    assert message not in page
    token = fields_of(neighbour.text("/admin/account"))["form"][0]
    seen = {"message": [message], "seen": [f"{message} held budget"]}
    form = {"form": token, "what": what, "sure": "yes", **seen}
    assert message not in neighbour.client.post(BULK, data=form).get_data(as_text=True)
    with wiring.sessions.read() as session:
        assert session.scalar(text("SELECT state FROM messages")) == "held"


def test_an_alert_leads_to_the_messages_that_it_tells_of(
    enter: Enter, send: Callable[..., str], wiring: Wiring
) -> None:
    kept, other = send("a"), send("b")
    put(wiring, kept, "held", "budget")
    put(wiring, other, "held", "phone_cap")
    with wiring.sessions.begin() as session:
        alerts.raise_alert(
            session,
            "alt_1",
            kind=AlertKind.BUDGET,
            subject="lai-thieu",
            detail="",
            now=wiring.sessions.now(session),
        )
    viewer = enter("viewer")
    page = viewer.text("/admin/attention")
    href = "/admin/attention?office=lai-thieu&amp;reason=budget"
    assert f'<a href="{href}#held">Xem các tin đang giữ' in page
    led = viewer.text(html.unescape(href))
    assert 'id="held"' in led
    assert kept in led
    assert other not in led
