"""Every route × role × office, in one table. A route without a row fails."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from notifier.domain.events import Channel, EventType, Language
from notifier.domain.versions import TemplateKey
from notifier.services import drafting
from notifier.services.passwords import Passwords
from notifier.services.seed import DEMO_SOURCE
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
    NO_TOKEN,
    OK,
    OPERATORS,
    ROLES,
    WARD,
    Row,
    routes,
)

ONE = "/v1/templates/<office>/<event_type>/<channel>/<language>"
VERSION = f"{ONE}/versions/<int:number>"
REGISTERED = "/v1/gateways/<name>/templates"


TABLE: dict[tuple[str, str], Row] = {
    ("GET", "/v1/messages"): Row(EVERYBODY, ANYWHERE),
    ("GET", "/v1/messages/<message_id>"): Row(EVERYBODY),
    ("POST", "/v1/messages/<message_id>/resend"): Row(OPERATORS),
    ("POST", "/v1/messages/search"): Row(EVERYBODY, ANYWHERE, body={"phone": "0912345678"}),
    ("POST", "/v1/messages/<message_id>/told"): Row(OPERATORS),
    ("POST", "/v1/messages/<message_id>/cancel"): Row(OPERATORS),
    ("POST", "/v1/messages/<message_id>/release"): Row(OPERATORS),
    ("POST", "/v1/messages/release"): Row(
        OPERATORS, body={"office": WARD, "reason": "phone_cap", "dry_run": True}
    ),
    ("POST", "/v1/messages/cancel"): Row(OPERATORS, body={"office": WARD, "reason": "phone_cap"}),
    ("POST", "/v1/messages/handle"): Row(
        OPERATORS,
        body={
            "deed": "told",
            "messages": [{"id": "<message_id>", "state": "queued"}],
            "dry_run": True,
        },
    ),
    ("POST", "/v1/messages/<message_id>/correct"): Row(OPERATORS, body={"phone": "0912345678"}),
    ("POST", "/v1/messages/<message_id>/reveal"): Row(OPERATORS),
    ("GET", "/v1/gateways"): Row(EVERYBODY, ANYWHERE),
    ("POST", "/v1/gateways/<name>/pause"): Row(OPERATORS, ALL_AT_ONCE, beyond=MAY_NOT),
    ("POST", "/v1/gateways/<name>/resume"): Row(OPERATORS, ALL_AT_ONCE, beyond=MAY_NOT),
    ("GET", "/v1/offices/<office>/live"): Row(EVERYBODY),
    ("PUT", "/v1/offices/<office>/live"): Row(ADMINISTRATORS, body={"live": True}),
    ("POST", "/v1/offices/<office>/test-numbers"): Row(
        ADMINISTRATORS, body={"phone": "0912345678"}
    ),
    ("DELETE", "/v1/offices/<office>/test-numbers/<number_id>"): Row(ADMINISTRATORS),
    ("GET", "/v1/offices/<office>/links"): Row(EVERYBODY),
    ("POST", "/v1/offices/<office>/links"): Row(ADMINISTRATORS, body={"host": "a.gov.vn"}),
    ("DELETE", "/v1/offices/<office>/links/<host>"): Row(ADMINISTRATORS),
    ("GET", "/v1/offices/<office>/duty-phone"): Row(EVERYBODY),
    ("PUT", "/v1/offices/<office>/duty-phone"): Row(ADMINISTRATORS, body={"phone": "0912345678"}),
    ("DELETE", "/v1/offices/<office>/duty-phone"): Row(ADMINISTRATORS),
    ("POST", "/v1/gateways/<name>/check"): Row(OPERATORS, ALL_AT_ONCE, beyond=MAY_NOT),
    ("GET", "/v1/gateways/<name>/balance"): Row(OPERATORS, ALL_AT_ONCE, beyond=MAY_NOT),
    ("POST", "/v1/gateways/<name>/send-test"): Row(
        OPERATORS, ALL_AT_ONCE, beyond=MAY_NOT, body={"to": "0912345678"}
    ),
    ("GET", "/v1/alerts"): Row(EVERYBODY, ANYWHERE),
    ("GET", "/v1/attention"): Row(EVERYBODY, ANYWHERE),
    ("GET", "/v1/sources/<source>/callback"): Row(OPERATORS, ALL_AT_ONCE, beyond=MAY_NOT),
    ("PUT", "/v1/sources/<source>/callback"): Row(
        OPERATORS, ALL_AT_ONCE, beyond=MAY_NOT, body={"url": "https://motcua.example.vn/"}
    ),
    ("DELETE", "/v1/sources/<source>/callback"): Row(OPERATORS, ALL_AT_ONCE, beyond=MAY_NOT),
    ("POST", "/v1/routes/preview"): Row(EVERYBODY, ANYWHERE, body={"office": "lai-thieu"}),
    ("GET", "/v1/routes/<office>"): Row(EVERYBODY, ANYWHERE),
    ("PUT", "/v1/routes/<office>"): Row(
        OPERATORS,
        ALL_AT_ONCE,
        beyond=MAY_NOT,
        body={"steps": [{"gateways": {"simulator": 1}}]},
    ),
    ("DELETE", "/v1/routes/<office>"): Row(OPERATORS, ALL_AT_ONCE, beyond=MAY_NOT),
    ("GET", "/v1/budgets/<office>"): Row(EVERYBODY, ANYWHERE),
    ("PUT", "/v1/budgets/<office>"): Row(
        OPERATORS, ALL_AT_ONCE, beyond=MAY_NOT, body={"daily_segments": 100}
    ),
    ("GET", "/v1/limits"): Row(EVERYBODY, ANYWHERE),
    ("GET", "/v1/limits/<name>"): Row(EVERYBODY, ANYWHERE),
    ("PUT", "/v1/limits/<name>"): Row(
        OPERATORS, ALL_AT_ONCE, beyond=MAY_NOT, body={"per_second": 9}
    ),
    ("DELETE", "/v1/limits/<name>"): Row(OPERATORS, ALL_AT_ONCE, beyond=MAY_NOT),
    ("GET", REGISTERED): Row(EVERYBODY, ANYWHERE),
    ("POST", REGISTERED): Row(
        OPERATORS,
        ALL_AT_ONCE,
        beyond=MAY_NOT,
        body={"templates": [{"event_type": "result_ready", "channel": "counter"}]},
    ),
    ("POST", f"{REGISTERED}/draft"): Row(
        OPERATORS, ALL_AT_ONCE, beyond=MAY_NOT, body={"office": WARD}
    ),
    **{
        ("POST", f"{REGISTERED}/<registration_id>/{verb}"): Row(
            OPERATORS, ALL_AT_ONCE, beyond=MAY_NOT, body={}, missing=True
        )
        for verb in ("submit", "approve", "reject")
    },
    ("GET", "/v1/users"): Row(ADMINISTRATORS, ANYWHERE),
    ("POST", "/v1/users"): Row(ADMINISTRATORS, ANYWHERE, body={}),
    ("PUT", "/v1/users/<user_id>/roles"): Row(
        ADMINISTRATORS, body={"roles": [{"role": "viewer", "office": WARD}]}
    ),
    ("POST", "/v1/users/<user_id>/disable"): Row(ADMINISTRATORS),
    ("POST", "/v1/users/<user_id>/enable"): Row(ADMINISTRATORS),
    ("POST", "/v1/users/<user_id>/reset-password"): Row(ADMINISTRATORS, body={}),
    ("GET", "/v1/templates"): Row(EVERYBODY, query="?office=lai-thieu"),
    ("GET", "/v1/templates/waiting"): Row(EVERYBODY, ANYWHERE),
    ("GET", ONE): Row(EVERYBODY),
    ("POST", f"{ONE}/preview"): Row(EVERYBODY, body={"text": "{don_vi}: {ma_ho_so}"}),
    ("POST", f"{ONE}/send-test"): Row(EDITORS | APPROVERS, body={"text": "{don_vi}: {ma_ho_so}"}),
    ("POST", f"{VERSION}/send-test"): Row(EDITORS | APPROVERS),
    ("GET", f"{ONE}/diff"): Row(EVERYBODY, query="?old=0&new=1"),
    ("GET", VERSION): Row(EVERYBODY),
    ("POST", f"{ONE}/versions"): Row(
        EDITORS, body={"text": "{don_vi}: {ma_ho_so}", "reason": "why", "after": 99}
    ),
    ("POST", f"{VERSION}/submit"): Row(EDITORS, body={}),
    ("POST", f"{VERSION}/send-back"): Row(APPROVERS, body={"remark": "why"}),
    ("POST", f"{VERSION}/approve"): Row(APPROVERS),
    ("POST", f"{VERSION}/publish"): Row(APPROVERS),
    ("POST", f"{ONE}/roll-back"): Row(APPROVERS, body={"number": 1, "reason": "why"}),
    ("POST", f"{ONE}/inherit"): Row(APPROVERS, missing=True, body={"reason": "why"}),
    ("PUT", "/v1/templates/<office>/<event_type>/<channel>/switch"): Row(
        APPROVERS, body={"sends": True, "reason": "why"}
    ),
    ("GET", "/v1/audit"): Row(ADMINISTRATORS, ANYWHERE),
}

# Called without a session, each for its own reason.
OPEN = {
    ("GET", "/healthz"), ("GET", "/readyz"), ("GET", "/metrics"), ("GET", "/openapi.json"),
    ("GET", "/docs"), ("GET", "/docs/<name>"),
    ("POST", "/v1/session"),
    # By providers, with a secret in the address.
    *(
        (method, f"/v1/gateways/<name>/{kind}/<secret>")
        for method in ("GET", "POST") for kind in ("receipts", "inbound")
    ),
    *(
        (method, "/v1/gateways/<name>/receipts/<secret>/<attempt>") for method in ("GET", "POST")
    ),
}  # fmt: skip

# Of one's own session, whatever one's role.
OWN = {
    ("GET", "/v1/session"), ("DELETE", "/v1/session"), ("POST", "/v1/session/password"),
    ("GET", "/v1/session/phone"), ("PUT", "/v1/session/phone"), ("DELETE", "/v1/session/phone"),
    ("POST", "/v1/session/phone/verify"),
}  # fmt: skip

# For machines only: a person's token is no key.
MACHINES = {("POST", "/v1/events")}


@dataclass
class Place:
    """The app, people of every role at every office, and the objects of the ward."""

    client: FlaskClient
    people: dict[tuple[str, str | None], dict[str, str]]
    names: dict[str, str]
    said: list[str] = field(default_factory=list)

    def ask(self, key: tuple[str, str], row: Row | None, headers: dict[str, str]) -> int:
        method, rule = key
        path = self.named(rule) + (row.query if row is not None else "")
        body = row.body if row is not None else None
        body = body if body is None else json.loads(self.named(json.dumps(body)))
        return self.client.open(path, method=method, headers=headers, json=body).status_code

    def named(self, with_names: str) -> str:
        """With the ward's own objects where names stand."""
        for name, value in self.names.items():
            with_names = with_names.replace(f"<{name}>", value)
        return with_names


@pytest.fixture
def place(
    app_over: Callable[[Wiring], Flask],
    wiring: Wiring,
    hire: Callable[..., Any],
    quick_passwords: Passwords,
    post: Any,
    event: dict[str, Any],
) -> Iterator[Place]:
    with wiring.sessions.begin() as session:
        session.execute(
            text(
                "INSERT INTO offices (id, parent_id, name, phone, reply_number, sender,"
                " vietnamese_form) VALUES ('di-an', 'thuan-an', 'Dĩ An', '0274 3700000', '8188',"
                " 'UBNDDIAN', 'toneless')"
            )
        )
        session.execute(text("UPDATE revisions SET value = value + 1"))
    client = app_over(replace(wiring, passwords=quick_passwords)).test_client()
    people = {
        (role, office): hire(wiring, role, office).headers
        for role in ROLES
        for office in (WARD, ABOVE, BESIDE, EVERYWHERE)
    }
    key = TemplateKey(WARD, EventType.RESULT_READY, Channel.COUNTER, Language.VI)
    editor = hire(wiring, "editor", WARD).staff
    drafting.save(editor, key, "{don_vi}: {ma_ho_so}", "why", after=0, wiring=wiring)
    names = {
        "message_id": post(event).get_json()["events"][0]["messages"][0]["id"],
        "user_id": hire(wiring, "viewer", WARD).staff.id,
        "name": "simulator",
        **{"office": WARD, "event_type": "result_ready", "channel": "counter", "language": "vi"},
        "int:number": "1",
        "number_id": "tno_none",
        "source": DEMO_SOURCE,
        "host": "a.gov.vn",
    }
    yield Place(client, people, names)


def test_every_route_has_a_row(place: Place) -> None:
    app = place.client.application
    ours = {row for row in routes(app) if not row[1].startswith("/admin")}
    assert ours == set(TABLE) | OPEN | OWN | MACHINES


def test_every_role_at_every_office_is_answered_as_the_table_says(
    place: Place, database_kind: str
) -> None:
    """On PostgreSQL one person for each answer: a role is judged without the database."""
    wrong = []
    for key, row in TABLE.items():
        people = list(place.people)
        if database_kind != "sqlite":
            people = list({row.expected(*person): person for person in people}.values())
        for role, office in people:
            status = place.ask(key, row, place.people[role, office])
            got = OK if status not in {401, 403, 404} and status < 500 else status
            if got != row.expected(role, office):
                wrong.append((*key, role, office, row.expected(role, office), status))
    assert wrong == []


def test_without_a_token_or_with_a_wrong_one_nothing_is_there(place: Place) -> None:
    for key in (*TABLE, *OWN, *MACHINES):
        for token in (None, "bs_wrong", "bt_wrong"):
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            assert place.ask(key, TABLE.get(key), headers) == NO_TOKEN, key


def test_a_person_is_no_machine(place: Place) -> None:
    for key in MACHINES:
        for headers in place.people.values():
            assert place.ask(key, None, headers) == NO_TOKEN
