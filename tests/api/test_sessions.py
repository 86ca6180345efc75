"""Logging in over HTTP, accounts and the audit log."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from notifier.services.passwords import Passwords
from notifier.services.wiring import Wiring

PASSWORD = "a password of one's own"


@pytest.fixture
def client(
    app_over: Callable[[Wiring], Flask], wiring: Wiring, quick_passwords: Passwords
) -> FlaskClient:
    return app_over(replace(wiring, passwords=quick_passwords)).test_client()


def log_in(client: FlaskClient, email: str, password: str = PASSWORD, **more: str) -> Any:
    return client.post("/v1/session", json={"email": email, "password": password, **more})


def bearer(answer: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {answer.get_json()['token']}"}


def test_a_session_is_opened_shown_and_ended(
    client: FlaskClient, wiring: Wiring, hire: Callable[..., Any]
) -> None:
    person = hire(wiring, "editor")
    opened = log_in(client, person.email)
    assert opened.status_code == 201
    shown = client.get("/v1/session", headers=bearer(opened)).get_json()
    assert (shown["id"], shown["roles"]) == (
        person.staff.id,
        [{"role": "editor", "office": "lai-thieu"}],
    )
    assert client.delete("/v1/session", headers=bearer(opened)).status_code == 204
    assert client.get("/v1/session", headers=bearer(opened)).status_code == 401


def test_a_wrong_login_is_a_problem_and_too_many_must_wait(
    client: FlaskClient, wiring: Wiring, hire: Callable[..., Any]
) -> None:
    email = hire(wiring, "editor").email
    refused = [log_in(client, email, "a wrong password") for _ in range(6)]
    codes = [(answer.status_code, answer.get_json(force=True)["code"]) for answer in refused]
    assert codes == [(401, "login_refused")] * 5 + [(429, "too_many_tries")]
    assert int(refused[-1].headers["Retry-After"]) >= 1


def test_a_temporary_password_opens_nothing_but_its_own_change(
    client: FlaskClient, wiring: Wiring, hire: Callable[..., Any]
) -> None:
    administrator = hire(wiring, "administrator")
    made = client.post(
        "/v1/users",
        json={
            "email": "new@office.example",
            "name": "New",
            "roles": [{"role": "viewer", "office": "lai-thieu"}],
        },
        headers=administrator.headers,
    )
    assert made.status_code == 201
    password = made.get_json()["password"]
    opened = log_in(client, "new@office.example", password)
    told = client.get("/v1/messages", headers=bearer(opened))
    assert (told.status_code, told.get_json(force=True)["code"]) == (403, "password_temporary")
    short = {"old": password, "new": "short"}
    refused = client.post("/v1/session/password", json=short, headers=bearer(opened))
    assert refused.get_json(force=True)["errors"][0]["code"] == "too_short"
    own = {"old": password, "new": PASSWORD}
    changed = client.post("/v1/session/password", json=own, headers=bearer(opened))
    assert client.get("/v1/messages", headers=bearer(changed)).status_code == 200
    assert client.get("/v1/session", headers=bearer(opened)).status_code == 401


def test_an_account_lives_and_the_log_tells_it(
    client: FlaskClient, wiring: Wiring, hire: Callable[..., Any]
) -> None:
    headers, other = hire(wiring, "administrator").headers, hire(wiring, "viewer")
    at = f"/v1/users/{other.staff.id}"
    roles = {"roles": [{"role": "editor", "office": "lai-thieu"}]}
    changed = client.put(f"{at}/roles", json=roles, headers=headers).get_json()["roles"]
    assert changed == roles["roles"]
    assert client.post(f"{at}/disable", headers=headers).get_json()["disabled_at"]
    assert client.post(f"{at}/enable", headers=headers).get_json()["disabled_at"] is None
    reset = client.post(f"{at}/reset-password", json={}, headers=headers).get_json()
    assert log_in(client, other.email, reset["password"]).status_code == 201
    listed = client.get("/v1/users", headers=headers).get_json()["users"]
    assert {user["id"]: user["manageable"] for user in listed}[other.staff.id]
    told = client.get(f"/v1/audit?object={other.staff.id}&limit=5", headers=headers).get_json()
    assert [entry["action"] for entry in told["entries"]] == [
        "session.opened", "user.password_reset", "user.enabled", "user.disabled",
        "user.roles_changed",
    ]  # fmt: skip
    assert told["entries"][1]["request"].startswith("req_")
    assert told["next_cursor"]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"email": "no", "name": "New", "roles": [{"role": "viewer"}]}, "email"),
        ({"email": "a@b.vn", "name": "New", "roles": []}, "roles"),
        ({"email": "a@b.vn", "name": "New", "roles": [{"role": "king"}]}, "roles.0.role"),
        ({"email": "a@b.vn", "name": "N", "roles": [{"role": "viewer"}], "x": 1}, "x"),
        ({"email": "a@b.vn", "name": 1, "roles": [{"role": "viewer"}]}, "name"),
        ({"email": "a@b.vn", "name": "N", "roles": [{"role": "viewer", "office": "x"}]},
         "roles.0.office"),
    ],
)  # fmt: skip
def test_an_account_of_the_wrong_shape_is_told_by_field(
    client: FlaskClient,
    wiring: Wiring,
    hire: Callable[..., Any],
    body: dict[str, Any],
    path: str,
) -> None:
    headers = hire(wiring, "administrator", None).headers
    told = client.post("/v1/users", json=body, headers=headers).get_json(force=True)
    assert [error["path"] for error in told["errors"]] == [path]


def test_a_phone_is_revealed_and_the_log_says_by_whom(
    client: FlaskClient, wiring: Wiring, hire: Callable[..., Any], post: Any, event: dict[str, Any]
) -> None:
    message = post(event).get_json()["events"][0]["messages"][0]["id"]
    operator = hire(wiring, "operator")
    told = client.post(f"/v1/messages/{message}/reveal", headers=operator.headers)
    assert told.get_json() == {"phone": "+84912345678"}
    administrator = hire(wiring, "administrator").headers
    entry = client.get(f"/v1/audit?object={message}", headers=administrator).get_json()["entries"][
        0
    ]
    assert (entry["action"], entry["actor"], entry["actor_name"]) == (
        "phone.revealed", operator.staff.id, "The operator",
    )  # fmt: skip
    assert entry["after"] == {"phone": "+84912***678"}


def test_every_mending_is_in_the_log(
    client: FlaskClient, wiring: Wiring, hire: Callable[..., Any], post: Any, event: dict[str, Any]
) -> None:
    event["recipient"]["phone"] = "0274 3755555"
    message = post(event).get_json()["events"][0]["messages"][0]["id"]
    operator = hire(wiring, "operator").headers
    at = f"/v1/messages/{message}"
    mended = {"phone": "0987654321", "values": {"noi_nhan": "Quầy 9"}}
    assert client.post(f"{at}/correct", json=mended, headers=operator).status_code == 200
    assert client.post(f"{at}/cancel", headers=operator).status_code == 200
    administrator = hire(wiring, "administrator").headers
    told = client.get(f"/v1/audit?object={message}", headers=administrator).get_json()["entries"]
    assert [entry["action"] for entry in told] == ["message.cancelled", "message.corrected"]
    assert told[1]["after"] == {"phone": "+84987***321", "filled_in": ["noi_nhan"]}


def test_a_gateway_is_paused_and_resumed_in_the_log(
    client: FlaskClient, wiring: Wiring, hire: Callable[..., Any]
) -> None:
    administrator = hire(wiring, "administrator", None).headers
    client.post("/v1/gateways/simulator/pause", headers=administrator)
    client.post("/v1/gateways/simulator/resume", headers=administrator)
    told = client.get("/v1/audit?object=simulator", headers=administrator).get_json()["entries"]
    assert [entry["action"] for entry in told] == ["gateway.resumed", "gateway.paused"]
