"""Every route of the pages × role × office, in one table. A route without a row fails."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from notifier.domain.events import Channel, EventType, Language
from notifier.domain.versions import TemplateKey
from notifier.services import drafting
from notifier.services.wiring import Wiring
from tests.permissions import (
    ABOVE,
    ADMINISTRATORS,
    ALL_AT_ONCE,
    ANYWHERE,
    APPROVERS,
    BESIDE,
    EDITORS,
    EVERYBODY,
    EVERYWHERE,
    MAY_NOT,
    OPERATORS,
    ROLES,
    WARD,
    Row,
    routes,
)
from tests.permissions import OK as PASSES

ONE = "/admin/templates/<office>/<event_type>/<channel>/<language>"
MESSAGE = "/admin/messages/<message_id>"
USER = "/admin/users/<user_id>"
OFFICE = "/admin/offices/<office>"
VERSION = f"{ONE}/versions/<int:number>"

TABLE: dict[tuple[str, str], Row] = {
    ("GET", "/admin/"): Row(EVERYBODY, ANYWHERE),
    ("GET", "/admin/templates"): Row(EVERYBODY, query="?office=lai-thieu"),
    ("GET", ONE): Row(EVERYBODY),
    ("POST", f"{ONE}/preview"): Row(EVERYBODY, body={"text": "{don_vi}"}),
    ("POST", f"{ONE}/try"): Row(EDITORS, body={"text": "{don_vi}"}),
    ("POST", f"{ONE}/send-test"): Row(EDITORS | APPROVERS, body={"text": "{don_vi}"}),
    ("POST", f"{VERSION}/send-test"): Row(EDITORS | APPROVERS),
    ("POST", f"{ONE}/own-phone"): Row(EDITORS, body={"text": "{don_vi}", "phone": "x"}),
    ("POST", f"{ONE}/own-phone/verify"): Row(EDITORS, body={"text": "{don_vi}", "code": "x"}),
    ("POST", f"{ONE}/save"): Row(EDITORS, body={"text": "{don_vi}", "reason": "a", "after": "99"}),
    ("GET", VERSION): Row(EVERYBODY),
    ("POST", f"{VERSION}/submit"): Row(EDITORS),
    ("POST", f"{VERSION}/send-back"): Row(APPROVERS, body={"remark": "why"}),
    ("POST", f"{VERSION}/approve"): Row(APPROVERS),
    ("POST", f"{VERSION}/publish"): Row(APPROVERS),
    ("POST", f"{VERSION}/roll-back"): Row(APPROVERS, body={"reason": "why"}),
    ("POST", f"{ONE}/inherit"): Row(APPROVERS, missing=True, body={"reason": "why"}),
    ("POST", f"{ONE}/switch"): Row(APPROVERS, body={"sends": "yes", "reason": "why"}),
    ("GET", "/admin/messages"): Row(EVERYBODY, ANYWHERE),
    ("POST", "/admin/messages"): Row(EVERYBODY, ANYWHERE, body={"phone": "0912345678"}),
    ("GET", MESSAGE): Row(EVERYBODY),
    ("POST", f"{MESSAGE}/reveal"): Row(OPERATORS),
    ("POST", f"{MESSAGE}/resend"): Row(OPERATORS),
    ("POST", f"{MESSAGE}/cancel"): Row(OPERATORS),
    ("POST", f"{MESSAGE}/release"): Row(OPERATORS),
    ("POST", f"{MESSAGE}/told"): Row(OPERATORS),
    ("POST", f"{MESSAGE}/correct"): Row(OPERATORS, body={"phone": "0912345678"}),
    ("GET", "/admin/cases"): Row(EVERYBODY, query="?office=lai-thieu&code=H29-1"),
    ("GET", "/admin/attention"): Row(EVERYBODY, query="?office=lai-thieu"),
    ("POST", "/admin/attention/bulk"): Row(OPERATORS, ANYWHERE, body={"what": "told"}),
    ("POST", "/admin/attention/gateways/<name>/resume"): Row(
        OPERATORS, ALL_AT_ONCE, beyond=MAY_NOT
    ),
    ("GET", "/admin/offices"): Row(EVERYBODY, ANYWHERE),
    ("GET", OFFICE): Row(EVERYBODY),
    ("POST", f"{OFFICE}/live"): Row(ADMINISTRATORS, body={"live": "yes"}),
    ("POST", f"{OFFICE}/test-numbers"): Row(ADMINISTRATORS, body={"phone": "0912345678"}),
    ("POST", f"{OFFICE}/test-numbers/<number_id>/remove"): Row(ADMINISTRATORS),
    ("POST", f"{OFFICE}/links"): Row(ADMINISTRATORS, body={"host": "a.gov.vn"}),
    ("POST", f"{OFFICE}/links/take-back"): Row(ADMINISTRATORS, body={"host": "a.gov.vn"}),
    ("GET", "/admin/users"): Row(ADMINISTRATORS, ANYWHERE),
    ("POST", "/admin/users"): Row(ADMINISTRATORS, ANYWHERE, body={"name": "x"}),
    ("GET", USER): Row(ADMINISTRATORS),
    ("POST", f"{USER}/roles"): Row(ADMINISTRATORS, body={"keep": "viewer@lai-thieu"}),
    ("POST", f"{USER}/disable"): Row(ADMINISTRATORS),
    ("POST", f"{USER}/enable"): Row(ADMINISTRATORS),
    ("POST", f"{USER}/reset-password"): Row(ADMINISTRATORS),
    ("GET", "/admin/audit"): Row(ADMINISTRATORS, ANYWHERE),
}

# What one wrote there stands in the login's own form, and comes back after it.
CARRIED = {
    *(("POST", f"{ONE}/{verb}") for verb in (
        "preview", "save", "try", "send-test", "own-phone", "own-phone/verify", "inherit", "switch"
    )),
    ("POST", f"{VERSION}/send-back"), ("POST", f"{VERSION}/roll-back"), ("POST", f"{OFFICE}/links"),
    ("POST", "/admin/users"),
}  # fmt: skip

# Before one is in, and what is of oneself alone, whatever one's role.
OPEN = {
    ("GET", "/admin/login"),
    ("POST", "/admin/login"),
    ("POST", "/admin/login/code"),
    ("POST", "/admin/logout"),
    ("GET", "/admin/assets/<name>"),
}
OWN = {
    ("GET", "/admin/account"),
    ("POST", "/admin/account/second-factor/begin"),
    ("POST", "/admin/account/second-factor/confirm"),
    ("POST", "/admin/account/second-factor/turn-off"),
    ("POST", "/admin/account/phone"),
    ("POST", "/admin/account/phone/verify"),
    ("POST", "/admin/account/phone/take-back"),
    ("GET", "/admin/password"),
    ("POST", "/admin/password"),
    ("GET", "/admin/<path:_>"),
    ("POST", "/admin/<path:_>"),
}


@dataclass
class Place:
    """People of every role at every office, and the objects of the ward."""

    app: Flask
    wiring: Wiring
    people: dict[tuple[str, str | None], str]
    names: dict[str, str]

    def ask(self, key: tuple[str, str], row: Row | None, token: str | None) -> int:
        method, path = key
        for name, value in self.names.items():
            path = path.replace(f"<{name}>", value)
        path += row.query if row is not None else ""
        client: FlaskClient = self.app.test_client()
        form: dict[str, str] = dict(row.body or {}) if row is not None else {}
        if token is not None:
            client.set_cookie("baotin_session", token, path="/admin")
            form["form"] = self.wiring.hashes.form(token).hex()
        data = form if method == "POST" else None
        return client.open(path, method=method, data=data).status_code


@pytest.fixture
def place(
    app: Flask,
    wiring: Wiring,
    hire: Callable[..., Any],
    post: Callable[..., Any],
    event: dict[str, Any],
) -> Place:
    with wiring.sessions.begin() as session:
        session.execute(
            text(
                "INSERT INTO offices (id, parent_id, name, phone, reply_number, sender,"
                " vietnamese_form) VALUES ('di-an', 'thuan-an', 'Dĩ An', '0274 3700000', '8188',"
                " 'UBNDDIAN', 'toneless')"
            )
        )
        session.execute(text("UPDATE revisions SET value = value + 1"))
    people = {
        (role, office): hire(wiring, role, office).token
        for role in ROLES
        for office in (WARD, ABOVE, BESIDE, EVERYWHERE)
    }
    key = TemplateKey(WARD, EventType.RESULT_READY, Channel.COUNTER, Language.VI)
    editor = hire(wiring, "editor", WARD).staff
    drafting.save(editor, key, "{don_vi}: {ma_ho_so}", "why", after=0, wiring=wiring)
    names = {
        "message_id": post(event).get_json()["events"][0]["messages"][0]["id"],
        "name": "simulator",
        "user_id": hire(wiring, "viewer", WARD).staff.id,
        "office": WARD,
        "event_type": "result_ready",
        "channel": "counter",
        "language": "vi",
        "int:number": "1",
        "number_id": "tno_none",
        "path:_": "nowhere",
    }
    return Place(app, wiring, people, names)


def test_every_page_has_a_row(app: Flask) -> None:
    pages = {row for row in routes(app) if row[1].startswith("/admin")}
    assert pages == set(TABLE) | OPEN | OWN


def test_every_role_at_every_office_is_answered_as_the_table_says(place: Place) -> None:
    wrong = []
    for key, row in TABLE.items():
        for (role, office), token in place.people.items():
            status = place.ask(key, row, token)
            got = PASSES if status not in {401, 403, 404} and status < 500 else status
            if got != row.expected(role, office):
                wrong.append((*key, role, office, row.expected(role, office), status))
    assert wrong == []


@pytest.mark.parametrize("token", ["bs_wrong", "bt_wrong"])
def test_without_a_session_there_is_the_door_and_nothing_else(place: Place, token: str) -> None:
    for key in (*TABLE, *OWN):
        door = 401 if key in CARRIED else 303
        assert place.ask(key, TABLE.get(key), token) == door, key
        assert place.ask(key, TABLE.get(key), None) == (303 if key[0] == "GET" else 403), key
