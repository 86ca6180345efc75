import json
from dataclasses import asdict
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from config.gateways_file import Fingerprints
from notifier.pulses import About
from notifier.services import keys
from notifier.services.seed import DEMO_SOURCE
from notifier.services.wiring import Wiring

IN_USE = {
    "name": "simulator", "adapter": "simulator", "failing": False,
    "paused": False, "reason": None, "paused_at": None,
}  # fmt: skip


def test_a_gateway_is_paused_and_resumed(client: FlaskClient, headers: dict[str, str]) -> None:
    told = client.get("/v1/gateways", headers=headers).get_json()
    assert told == {"gateways": [IN_USE], "outdated": []}
    paused = client.post("/v1/gateways/simulator/pause", headers=headers).get_json()
    assert (paused["paused"], paused["reason"]) == (True, "by_person")
    listed = client.get("/v1/gateways", headers=headers).get_json()["gateways"]
    assert listed == [paused]
    resumed = client.post("/v1/gateways/simulator/resume", headers=headers)
    assert (resumed.status_code, resumed.get_json()) == (200, IN_USE)


def test_a_process_with_other_settings_than_the_file_is_named(
    client: FlaskClient, headers: dict[str, str], wiring: Wiring
) -> None:
    assert client.get("/readyz").get_json()["restart_needed"] is False
    about = About("node-1", 7, "1", ("k1",), gateways=Fingerprints("r", {"esms": "x"}))
    pulse = "baotin:pulse:send:one"
    wiring.redis.set(pulse, json.dumps(asdict(about)), ex=60)
    told = client.get("/v1/gateways", headers=headers).get_json()["outdated"]
    process = {"role": "send", "host": "node-1", "pid": 7, "gateways": ["esms"], "route": True}
    assert told == [process]
    ready = client.get("/readyz").get_json()
    assert (ready["restart_needed"], ready["workers"]["send"]) == (True, 1)
    wiring.redis.delete(pulse)


@pytest.mark.parametrize("verb", ["pause", "resume"])
def test_a_gateway_not_in_use_is_404(
    client: FlaskClient, headers: dict[str, str], verb: str
) -> None:
    assert client.post(f"/v1/gateways/nobody/{verb}", headers=headers).status_code == 404


def test_gateways_need_scopes_of_their_own(
    client: FlaskClient, wiring: Wiring, headers: dict[str, str]
) -> None:
    def status(method: str, path: str, *scopes: str) -> int:
        token = keys.create(DEMO_SOURCE, scopes, wiring=wiring).token
        made: Any = client.open(path, method=method, headers={"Authorization": f"Bearer {token}"})
        return int(made.status_code)

    others = keys.SCOPES - {"gateways:read", "gateways:write"}
    assert status("GET", "/v1/gateways", *others) == 403
    assert status("GET", "/v1/gateways", "gateways:read") == 200
    for verb in ("pause", "resume"):
        assert status("POST", f"/v1/gateways/simulator/{verb}", "gateways:read") == 403
        assert status("POST", f"/v1/gateways/simulator/{verb}", "gateways:write") == 200


def test_a_gateway_is_tried_by_sending_and_the_log_knows_who_asked(
    client: FlaskClient, headers: dict[str, str], wiring: Wiring
) -> None:
    told = client.post(
        "/v1/gateways/simulator/send-test", headers=headers, json={"to": "0912345678"}
    ).get_json()
    assert (told["outcome"], told["to"], told["code"]) == ("accepted", "+84912***678", None)
    with wiring.sessions.read() as session:
        (row,) = session.execute(
            text("SELECT object, after FROM audit WHERE action = 'gateway.tested'")
        )
    assert row.object == "simulator"
    assert told["reference"] in str(row.after)
    assert "912345678" not in str(row.after)


@pytest.mark.parametrize(
    ("body", "path", "code"),
    [
        ({"to": "0274 3755555"}, "to", "phone"),
        ({"to": "0912345678", "text": "x" * 1001}, "text", "invalid"),
        ({"text": "x"}, "to", "required"),
        ({"to": "0912345678", "office": "nowhere"}, "office", "unknown_office"),
    ],
)
def test_a_test_that_cannot_be_sent_is_422(
    client: FlaskClient, headers: dict[str, str], body: dict[str, str], path: str, code: str
) -> None:
    refused = client.post("/v1/gateways/simulator/send-test", headers=headers, json=body)
    (error,) = refused.get_json()["errors"]
    assert (refused.status_code, error["path"], error["code"]) == (422, path, code)


def test_what_cannot_be_asked_says_so(client: FlaskClient, headers: dict[str, str]) -> None:
    check = client.post("/v1/gateways/simulator/check", headers=headers).get_json()
    assert (check["works"], check["said"]) == (None, "only_by_sending")
    left = client.get("/v1/gateways/simulator/balance", headers=headers).get_json()
    assert (left["said"], left["balance"]) == ("not_told", None)
    for path in ("check", "send-test"):
        asked = client.post(
            f"/v1/gateways/pigeon/{path}", headers=headers, json={"to": "0912345678"}
        )
        assert asked.status_code == 404
