"""FPT's dialect against what its users' code sends and reads."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from gateways.simulator.dialect import Call, Refused, Stage
from gateways.simulator.fpt import FptDialect
from gateways.simulator.ledger import Ledger
from gateways.simulator.templates import Templates
from notifier.domain.clock import ManualClock

SESSION = "5c22be0c0396440829c98d7ba124092020145753419"  # as clients write theirs
ASKED = {
    "grant_type": "client_credentials",
    "client_id": "an-id",
    "client_secret": "a-secret",
    "scope": "send_brandname_otp",
    "session_id": SESSION,
}


@pytest.fixture
def sim(alone: Callable[..., Any]) -> Any:
    return alone("fpt", client_id="an-id", client_secret="a-secret")


def ask(sim: Any, **changes: Any) -> tuple[int, dict[str, Any]]:
    answer = requests.post(f"{sim.url}/oauth2/token", json={**ASKED, **changes}, timeout=5)
    told: dict[str, Any] = answer.json()
    return answer.status_code, told


def send(sim: Any, **changes: Any) -> tuple[int, dict[str, Any]]:
    body = {
        "access_token": ask(sim)[1]["access_token"],
        "session_id": SESSION,
        "BrandName": "UBND-LT",
        "Phone": "84912345678",
        "Message": base64.b64encode(b"Ho so da xong").decode(),
        "RequestId": "att_7",
    }
    answer = requests.post(f"{sim.url}/api/push-brandname-otp", json={**body, **changes}, timeout=5)
    told: dict[str, Any] = answer.json()
    return answer.status_code, told


def test_a_token_is_given_for_a_while(sim: Any) -> None:
    status, told = ask(sim)
    assert (status, set(told)) == (200, {"access_token", "expires_in", "token_type", "scope"})
    assert (told["expires_in"], told["scope"]) == (3600, "send_brandname_otp")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"client_secret": "other"}, 1008),
        ({"client_id": "other"}, 1008),
        ({"grant_type": "password"}, 1015),
        ({"scope": "everything"}, 1005),
        ({"scope": ""}, 1005),
        ({"session_id": ""}, 1014),
        ({"session_id": 5}, 1014),
    ],
)
def test_no_token_is_given(sim: Any, changes: dict[str, Any], code: int) -> None:
    status, told = ask(sim, **changes)
    assert (status, set(told), told["error"]) == (400, {"error", "error_description"}, code)


def test_a_message_is_taken_under_an_id(sim: Any) -> None:
    status, told = send(sim)
    assert status == 200
    assert set(told) == {"MessageId", "Phone", "BrandName", "Message", "PartnerId", "Telco"}
    assert isinstance(told["MessageId"], int)
    (row,) = sim.ledger()
    assert (row["to"], row["from"], row["text"], row["reference"]) == (
        "+84912345678",
        "UBND-LT",
        "Ho so da xong",
        "att_7",
    )


def written(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"access_token": "other"}, 1011),
        ({"access_token": "1.2"}, 1011),
        ({"session_id": "another session"}, 1011),
        ({"BrandName": ""}, 1014),
        ({"Message": "no base64"}, 1014),
        ({"Phone": "8491234567"}, 902),
        ({"Phone": "02743822222"}, 902),
        ({"Message": written("x" * 613)}, 901),
        ({"Message": written("ồ" * 267)}, 901),
        ({"Phone": "84900000001"}, 902),
        ({"Phone": "84900000003"}, 6),
        ({"Phone": "84900000007"}, 2502),
        ({"Phone": "84900000008"}, 2505),
        ({"Phone": "84900000009"}, 2999),
    ],
)
def test_what_is_refused_has_its_code(sim: Any, changes: dict[str, Any], code: int) -> None:
    status, told = send(sim, **changes)
    assert (status, set(told), told["error"]) == (400, {"error", "error_description"}, code)
    assert sim.ledger() == []


def test_a_token_ends_after_an_hour(tmp_path: Path) -> None:
    clock = ManualClock(datetime(2026, 11, 23, 9, tzinfo=UTC))
    ledger = Ledger(tmp_path)
    account = {"client_id": "an-id", "client_secret": "a-secret"}
    dialect = FptDialect(Stage(account, ledger, clock, Templates("fpt", {}, ledger)))

    def call(path: str, body: object) -> Call:
        return Call("POST", path, "", {}, json.dumps(body).encode())

    told = json.loads(dialect.ask(call("/oauth2/token", ASKED)).body)
    body = {
        "access_token": told["access_token"],
        "session_id": SESSION,
        "BrandName": "UBND-LT",
        "Phone": "84912345678",
        "Message": written("Ho so"),
    }
    sent = call("/api/push-brandname-otp", body)
    clock.advance(timedelta(seconds=3599))
    assert dialect.read(sent).text == "Ho so"
    clock.advance(timedelta(seconds=1))
    with pytest.raises(Refused) as refused:
        dialect.read(sent)
    assert json.loads(refused.value.answer.body)["error"] == 1013
    ledger.close()


def test_what_is_no_json_is_told_so(sim: Any) -> None:
    for body in (b"", b"[]", b"{", b'"x"'):
        answer = requests.post(f"{sim.url}/oauth2/token", data=body, timeout=5)
        assert (answer.status_code, answer.json()["error"]) == (400, 1001)
    assert requests.get(f"{sim.url}/oauth2/token", timeout=5).status_code == 404
