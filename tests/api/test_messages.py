"""Messages over HTTP, health, metrics, the contract, and what providers call."""

import hashlib
import hmac
import json
import re
from contextlib import closing
from dataclasses import replace
from typing import Any, cast

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from config.gateways import GatewaySettings
from config.settings import Settings
from gateways.base import Gateway
from notifier.api import openapi
from notifier.api.problems import PROBLEMS
from notifier.app import create_app
from notifier.services.gateways import Account, Accounts
from notifier.services.wiring import Wiring, wire


@pytest.fixture
def message_id(post: Any, event: dict[str, Any]) -> str:
    found: str = post(event).get_json()["events"][0]["messages"][0]["id"]
    return found


def test_a_message_shows_what_is_known_of_it_but_not_its_words(
    client: FlaskClient, headers: dict[str, str], message_id: str
) -> None:
    shown = client.get(f"/v1/messages/{message_id}", headers=headers).get_json()
    assert (shown["id"], shown["state"], shown["to"]) == (message_id, "queued", "+84912***678")
    assert (shown["case"], shown["office"], shown["event"]) == ("H29-1", "lai-thieu", "3f1c")
    assert (shown["attempts"], shown["receipts"]) == ([], [])
    assert "text" not in shown


@pytest.mark.parametrize(
    "query",
    [
        "limit=0", "limit=1001", "limit=x", "state=gone", "since=yesterday", "cursor=x", "foo=1",
        "limit=1&limit=2", "since=2026-11-23T09:00:00",
    ],
)  # fmt: skip
def test_a_bad_query_is_422_never_clamped(
    client: FlaskClient, headers: dict[str, str], query: str
) -> None:
    answer = client.get(f"/v1/messages?{query}", headers=headers)
    assert (answer.status_code, answer.get_json(force=True)["code"]) == (422, "invalid")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", 1), ("case=H29-1", 1), ("case=x", 0), ("state=queued", 1), ("state=sent", 0),
        ("since=2020-01-01T00:00:00+07:00", 1), ("until=2020-01-01T00:00:00%2B07:00", 0),
    ],
)  # fmt: skip
def test_a_list_is_narrowed(
    client: FlaskClient, headers: dict[str, str], message_id: str, query: str, found: int
) -> None:
    listed = client.get(f"/v1/messages?{query}", headers=headers).get_json()
    assert len(listed["messages"]) == found
    assert listed["next_cursor"] is None


def test_mending_answers_with_the_message_or_why_not(
    client: FlaskClient, headers: dict[str, str], message_id: str
) -> None:
    at = f"/v1/messages/{message_id}"
    assert client.post(f"{at}/resend", headers=headers).status_code == 409
    assert client.post(f"{at}/correct", json={"phone": "1"}, headers=headers).status_code == 409
    assert client.post(f"{at}/correct", json={}, headers=headers).status_code == 422
    assert client.post(f"{at}/cancel", headers=headers).get_json()["state"] == "cancelled"
    assert client.post(f"{at}/cancel", headers=headers).status_code == 409
    assert client.post("/v1/messages/msg_x/cancel", headers=headers).status_code == 404


def test_a_second_resend_is_refused_and_names_the_first(
    client: FlaskClient, headers: dict[str, str], message_id: str, wiring: Wiring
) -> None:
    at = f"/v1/messages/{message_id}"
    with wiring.sessions.begin() as session:
        session.execute(text("UPDATE messages SET state = 'failed'"))
    made = client.post(f"{at}/resend", headers=headers)
    assert made.status_code == 201
    again = client.post(f"{at}/resend", headers=headers)
    assert (again.status_code, again.get_json()["code"]) == (409, "resent_already")
    newer = made.get_json()["id"]
    assert again.get_json()["detail"] == f"It was resent as {newer}."
    shown = client.get(at, headers=headers).get_json()
    assert (shown["resent_as"], bool(shown["resent_at"])) == (newer, True)


def test_a_held_message_names_the_values_that_it_lacks(
    client: FlaskClient, headers: dict[str, str], post: Any, event: dict[str, Any]
) -> None:
    event.update(type="fee_due", data={})
    at = f"/v1/messages/{post(event).get_json()['events'][0]['messages'][0]['id']}"
    assert client.get(at, headers=headers).get_json()["missing"] == ["le_phi"]
    refused = client.post(f"{at}/correct", json={"values": {"le_phi": "much"}}, headers=headers)
    assert [(one["path"], one["code"]) for one in refused.get_json(force=True)["errors"]] == [
        ("values.le_phi", "missing_value")
    ]
    mended = client.post(f"{at}/correct", json={"values": {"le_phi": 15000}}, headers=headers)
    assert (mended.get_json()["state"], mended.get_json()["missing"]) == ("queued", [])


def test_a_held_message_is_corrected(
    client: FlaskClient, headers: dict[str, str], post: Any, event: dict[str, Any]
) -> None:
    event["recipient"]["phone"] = "0274 3755555"
    held = post(event).get_json()["events"][0]
    assert (held["outcome"], held["reason"]) == ("held", "phone")
    at = f"/v1/messages/{held['messages'][0]['id']}/correct"
    assert client.post(at, json={"phone": "1"}, headers=headers).status_code == 422
    mended = client.post(at, json={"phone": "0912345678"}, headers=headers).get_json()
    assert (mended["state"], mended["reason"]) == ("queued", None)


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/v1/messages/%00", 404, "not_found"),
        ("/v1/messages/msg_%00x", 404, "not_found"),
        ("/v1/messages?case=%00", 422, "invalid"),
        ("/v1/messages?%00=x", 422, "invalid"),
        ("/v1/gateways/simulator/receipts/webhook-secret?x=%00", 400, "bad_webhook"),
    ],
)
def test_an_address_with_a_nul_is_refused_before_the_database_is_asked(
    client: FlaskClient, headers: dict[str, str], path: str, status: int, code: str
) -> None:
    answer = client.get(path, headers=headers)
    assert (answer.status_code, answer.get_json(force=True)["code"]) == (status, code)
    assert answer.headers["X-Request-Id"]


def test_unknown_paths_and_methods_are_problems(client: FlaskClient) -> None:
    for answer, status in ((client.get("/nope"), 404), (client.get("/v1/events"), 405)):
        assert (answer.status_code, answer.content_type) == (status, "application/problem+json")


def test_health_answers(client: FlaskClient) -> None:
    assert client.get("/healthz").get_json() == {"status": "ok"}
    ready = client.get("/readyz")
    assert (ready.status_code, ready.get_json()["database"]) == (503, True)  # no workers here


def test_metrics_count_messages_by_state(client: FlaskClient, message_id: str) -> None:
    told = client.get("/metrics").get_data(as_text=True)
    assert 'baotin_messages{state="queued"} 1.0' in told
    assert 'baotin_up{part="database"} 1.0' in told


def test_the_examples_of_the_contract_are_taken(client: FlaskClient, headers: Any) -> None:
    for example in openapi.EXAMPLES.values():
        answer = client.post("/v1/events", json=example["value"], headers=headers)
        assert answer.status_code == 202
        outcomes = {one["outcome"] for one in answer.get_json()["events"]}
        assert outcomes <= {"accepted", "duplicate"}


def test_the_contract_names_every_route(client: FlaskClient) -> None:
    document = client.get("/openapi.json").get_json()
    assert document["openapi"] == "3.1.0"
    ours = {
        re.sub(r"<(?:int:)?(?:message_|user_|number_)?(\w+)>", r"{\1}", rule.rule)
        for rule in client.application.url_map.iter_rules()
        if not rule.rule.startswith(("/docs", "/admin"))
    }
    assert set(document["paths"]) == ours - {"/openapi.json"}
    assert set(PROBLEMS) <= set(openapi.build()["components"]["responses"])


def sign(body: bytes, token: str) -> dict[str, str]:
    mac = hmac.new(token.encode(), body, hashlib.sha256).hexdigest()
    return {"X-Simulator-Signature": f"sha256={mac}", "Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("path", "signed", "body", "status"),
    [
        ("simulator/receipts/webhook-secret", True, {"id": "x", "status": "delivered"}, 204),
        ("simulator/receipts/webhook-secret", False, {"id": "x", "status": "delivered"}, 401),
        ("simulator/receipts/webhook-secret", True, {"id": "x", "status": "eaten"}, 400),
        # What no database keeps of a provider's words is replaced.
        ("simulator/receipts/webhook-secret", True, {"id": "\0x", "status": "delivered"}, 204),
        ("simulator/receipts/webhook-secret", True, {"id": "x" * 9000, "status": "delivered"}, 204),
        ("simulator/receipts/webhook-secret", True, {"id": "\ud800", "status": "delivered"}, 204),
        (
            "simulator/inbound/webhook-secret",
            True,
            {"id": "i\0\udfff", "from": "+8\x004", "to": "8188", "text": "D\0G \ud800 5"},
            204,
        ),
        ("simulator/receipts/wrong", True, {"id": "x", "status": "delivered"}, 404),
        ("nobody/receipts/webhook-secret", True, {"id": "x", "status": "delivered"}, 404),
        (
            "simulator/inbound/webhook-secret",
            True,
            {"id": "i1", "from": "+84912345678", "to": "8188", "text": "DG 5"},
            204,
        ),
        ("simulator/inbound/webhook-secret", False, {"id": "i1"}, 401),
    ],
)
def test_a_provider_is_heard_only_with_secret_and_signature(
    client: FlaskClient,
    wiring: Wiring,
    path: str,
    signed: bool,
    body: dict[str, str],
    status: int,
) -> None:
    raw = json.dumps(body).encode()
    token = wiring.settings.adapter_options["BAOTIN_SIMULATOR_TOKEN"]
    headers = sign(raw, token) if signed else {"X-Simulator-Signature": "sha256=00"}
    answer = client.post(f"/v1/gateways/{path}", data=raw, headers=headers)
    assert answer.status_code == status


def test_a_stored_row_shows_nothing_personal(
    client: FlaskClient, post: Any, event: dict[str, Any], wiring: Wiring
) -> None:
    event["recipient"]["name"] = "Nguyễn Văn Đạt"
    post(event)
    with wiring.sessions.engine.connect() as connection:
        for table in ("events", "messages", "cases", "attempts"):
            dump = repr(connection.exec_driver_sql(f"SELECT * FROM {table}").all())  # noqa: S608
            for canary in ("912345678", "Đạt", "Quầy", "Quay", "co ket qua"):
                assert canary not in dump, table


def test_messages_are_found_by_phone_in_a_body(
    client: FlaskClient, headers: dict[str, str], message_id: str
) -> None:
    found = {
        phone: client.post("/v1/messages/search", headers=headers, json={"phone": phone})
        for phone in ("0912 345 678", "0912345679", "abc")
    }
    answers = list(found.values())
    assert [one["id"] for one in answers[0].get_json()["messages"]] == [message_id]
    assert answers[1].get_json()["messages"] == []
    assert (answers[2].status_code, answers[2].get_json()["errors"][0]["path"]) == (422, "phone")


def test_a_citizen_told_otherwise_is_noted_and_the_held_message_cancelled(
    client: FlaskClient, headers: dict[str, str], post: Any, event: dict[str, Any]
) -> None:
    event["recipient"]["phone"] = "1"
    held = post(event).get_json()["events"][0]["messages"][0]["id"]
    told = client.post(f"/v1/messages/{held}/told", headers=headers)
    assert (told.status_code, told.get_json()["state"]) == (200, "cancelled")
    assert told.get_json()["told_at"]
    assert client.post(f"/v1/messages/{held}/told", headers=headers).status_code == 409


@pytest.mark.parametrize(
    ("of_all", "of_gateway", "taken"),
    [
        (("new", ""), ("", ""), {"new"}),
        (("new", "old"), ("", ""), {"new", "old"}),
        (("new", "old"), ("own", ""), {"own", "old"}),
        (("new", "old"), ("own", "before"), {"own", "before"}),
        (("new", ""), ("own", "new"), {"own", "new"}),
        (("", ""), ("", ""), set()),
    ],
)
def test_two_secrets_of_an_address_are_taken_while_one_is_changed(
    of_all: tuple[str, str], of_gateway: tuple[str, str], taken: set[str]
) -> None:
    settings = GatewaySettings(
        "simulator", webhook_secret=of_gateway[0], old_webhook_secret=of_gateway[1]
    )
    account = Account(settings, cast(Gateway, None))
    accounts = Accounts(
        {"simulator": account}, ("simulator",), "https://x", *of_all, segment_cost=0
    )
    assert set(accounts.secrets_of("simulator")) == taken


@pytest.mark.parametrize(("secret", "status"), [("new", 204), ("webhook-secret", 204), ("x", 404)])
def test_an_address_with_the_secret_before_is_still_called(
    settings: Settings, secret: str, status: int
) -> None:
    changing = replace(settings, webhook_secret="new", old_webhook_secret="webhook-secret")
    token = settings.adapter_options["BAOTIN_SIMULATOR_TOKEN"]
    raw = json.dumps({"id": "x", "status": "delivered"}).encode()
    path = f"/v1/gateways/simulator/receipts/{secret}"
    with closing(wire(changing)) as wiring:
        client = create_app(changing, wiring).test_client()
        assert client.post(path, data=raw, headers=sign(raw, token)).status_code == status
