"""Zalo's dialect against the samples that its users keep."""

import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import pytest
import requests
from pytest_httpserver import HTTPServer

from tests.gateways.simulator.receivers import posted

FIRST = "first-refresh-token"
KEY = "a-secret"
WORDS = "Ho so {ma_ho_so} da xong, nhan tai {noi_nhan}"
SENT: dict[str, Any] = {
    "phone": "84987654321",
    "template_id": "7895417a7d3f9461cd2e",
    "template_data": {"ma_ho_so": "H29-1", "noi_nhan": "Quầy 3"},
    "tracking_id": "att_7",
}


@pytest.fixture
def sim(alone: Callable[..., Any]) -> Any:
    sim = alone(
        "zalo",
        app_id="2074138120372622546",
        secret_key=KEY,
        webhook_key="a-key",
        refresh_token=FIRST,
    )
    words = {"id": SENT["template_id"], "text": WORDS}
    requests.put(f"{sim.control}/sim/templates/zalo", json=words, timeout=5).raise_for_status()
    return sim


def refresh(sim: Any, token: str, secret: str = KEY, **changes: str) -> dict[str, Any]:
    form = {
        "refresh_token": token,
        "app_id": "2074138120372622546",
        "grant_type": "refresh_token",
    }
    answer = requests.post(
        f"{sim.url}/v4/oa/access_token",
        data={**form, **changes},
        headers={"secret_key": secret},
        timeout=5,
    )
    told: dict[str, Any] = answer.json()
    return told


@pytest.fixture
def token(sim: Any) -> str:
    given: str = refresh(sim, FIRST)["access_token"]
    return given


def send(sim: Any, token: str, proof: str | None = None, **changes: Any) -> dict[str, Any]:
    headers = {"access_token": token}
    if proof is not None:
        headers["appsecret_proof"] = proof
    url, body = f"{sim.url}/message/template", {**SENT, **changes}
    answer = requests.post(url, json=body, headers=headers, timeout=5)
    assert answer.status_code == 200
    told: dict[str, Any] = answer.json()
    return told


def test_a_refresh_token_works_once_and_gives_a_pair(sim: Any) -> None:
    first = refresh(sim, FIRST)
    assert set(first) == {"access_token", "refresh_token", "expires_in"}
    assert first["expires_in"] == "90000"
    second = refresh(sim, first["refresh_token"])
    assert second["access_token"]
    for used in (FIRST, first["refresh_token"], "made-up"):
        assert refresh(sim, used)["error"] == -14003


@pytest.mark.parametrize("changes", [{"secret": "x"}, {"app_id": "1"}, {"grant_type": "code"}])
def test_a_refused_renewal_leaves_the_token_unused(sim: Any, changes: dict[str, str]) -> None:
    assert refresh(sim, FIRST, **changes)["error"] == -14003
    assert refresh(sim, FIRST)["access_token"]


def test_a_message_is_taken_as_in_the_sample(sim: Any, token: str) -> None:
    told = send(sim, token)
    assert (told["error"], told["message"]) == (0, "Success")
    assert set(told["data"]) == {"msg_id", "sent_time", "sending_mode", "quota"}
    assert (len(told["data"]["msg_id"]), len(told["data"]["sent_time"])) == (20, 13)
    (row,) = sim.ledger()
    assert (row["to"], row["text"], row["reference"]) == (
        "+84987654321",
        "Ho so H29-1 da xong, nhan tai Quầy 3",
        "att_7",
    )


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"phone": ""}, -108),
        ({"phone": "84271234"}, -108),
        ({"template_id": "1"}, -109),
        ({"template_data": {}}, -112),
        ({"template_data": {"ma_ho_so": "H29-1"}}, -112),
        ({"template_data": {"ma_ho_so": 1, "noi_nhan": "x"}}, -112),
        ({"tracking_id": "x" * 49}, -132),
        ({"phone": "84900000001"}, -108),
        ({"phone": "84900000003"}, -116),
        ({"phone": "84900000007"}, -115),
        ({"phone": "84900000008"}, -118),
        ({"phone": "84900000009"}, -999),
    ],
)
def test_what_is_refused_has_its_code(
    sim: Any, token: str, changes: dict[str, Any], code: int
) -> None:
    told = send(sim, token, **changes)
    assert (set(told), told["error"]) == ({"error", "message"}, code)
    assert sim.ledger() == []


def test_a_call_needs_the_token_and_a_right_proof_if_any(sim: Any, token: str) -> None:
    proof = hmac.digest(b"a-secret", token.encode(), "sha256").hex()
    assert send(sim, token, proof)["error"] == 0
    assert send(sim, token, "0" * 64)["error"] == -1241
    for wrong in ("", "x", f"{token}0", f"z.{token}"):
        assert send(sim, wrong)["error"] == -124
    for path in ("message/status?message_id=1", "message/quota"):
        assert requests.get(f"{sim.url}/{path}", timeout=5).json()["error"] == -124


def test_a_status_is_told_by_the_id(sim: Any, token: str) -> None:
    def status(message_id: str) -> Any:
        url, headers = f"{sim.url}/message/status", {"access_token": token}
        asked = {"message_id": message_id}
        return requests.get(url, params=asked, headers=headers, timeout=5).json()["data"]["status"]

    requests.put(f"{sim.control}/sim/behaviour/zalo", json={"receipts": "none"}, timeout=5)
    assert status(send(sim, token)["data"]["msg_id"]) == 0
    assert [status(wrong) for wrong in ("f" * 20, "x")] == [-1, -1]


def test_a_delivery_is_an_event_that_is_signed_over_its_own_bytes(
    sim: Any, token: str, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/told").respond_with_data("")
    sim.receipts_to("zalo", httpserver.url_for("/told"))
    sent = send(sim, token)["data"]["msg_id"]
    posted(httpserver, 1)
    ((request, _),) = httpserver.log
    body = request.get_data()
    told = json.loads(body)
    assert told["event_name"] == "user_received_message"
    assert told["recipient"] == {"id": "84987654321"}
    assert set(told["message"]) == {"delivery_time", "msg_id", "tracking_id"}
    assert (told["message"]["msg_id"], told["message"]["tracking_id"]) == (sent, "att_7")
    signed = told["app_id"].encode() + body + told["timestamp"].encode() + b"a-key"
    mac = hashlib.sha256(signed).hexdigest()
    assert request.headers["X-ZEvent-Signature"] == f"mac={mac}"


def test_there_is_nothing_else(sim: Any) -> None:
    assert requests.get(f"{sim.url}/message/template", timeout=5).status_code == 404
