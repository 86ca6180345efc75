"""SpeedSMS's dialect against what its page and its users' code write, letter by letter."""

from collections.abc import Callable
from typing import Any

import pytest
import requests
from pytest_httpserver import HTTPServer

from tests.gateways.simulator.receivers import posted

NAME = "speedsms"
TOKEN = "a-token-of-tests"


@pytest.fixture
def sim(alone: Callable[..., Any]) -> Any:
    return alone(NAME, token=TOKEN)


def send(sim: Any, token: str = TOKEN, **changes: Any) -> requests.Response:
    body: dict[str, Any] = {"to": ["84912345678"], "content": "Xin chào", "sms_type": 3}
    url = f"{sim.url}/index.php/sms/send"
    return requests.post(
        url, json={**body, "sender": "BRAND", **changes}, auth=(token, "x"), timeout=5
    )


def test_a_message_is_taken_with_a_number_as_its_id(sim: Any) -> None:
    told = send(sim).json()
    assert isinstance(told["data"].pop("tranId"), int)
    assert told == {
        "status": "success",
        "code": "00",
        "data": {"totalSMS": 1, "totalPrice": 250, "invalidPhone": []},
    }
    (row,) = sim.ledger()
    assert (row["to"], row["from"], row["text"]) == ("+84912345678", "BRAND", "Xin chào")


def test_a_wrong_number_may_come_inside_a_success(sim: Any) -> None:
    told = send(sim, to=["84900000001"]).json()
    assert (told["status"], told["data"]["invalidPhone"]) == ("success", ["84900000001"])
    assert sim.ledger() == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"to": []}, "101"),
        ({"to": "84912345678"}, "101"),
        ({"to": ["84912345678", "84912345679"]}, "101"),
        ({"content": ""}, "101"),
        ({"content": 7}, "101"),
        ({"sender": ""}, "101"),
        ({"to": ["849123456"]}, "105"),
        ({"to": ["842743822222"]}, "105"),
        ({"content": "x" * 613}, "113"),
        ({"content": "ồ" * 267}, "113"),
        ({"to": ["84900000007"]}, "300"),
        ({"to": ["84900000009"]}, "999"),
    ],
)
def test_what_is_refused_has_its_code(sim: Any, changes: dict[str, Any], code: str) -> None:
    told = send(sim, **changes).json()
    assert set(told) == {"status", "code", "message", "invalidPhone"}
    assert (told["status"], told["code"]) == ("error", code)
    assert sim.ledger() == []


def test_type_2_needs_no_sender(sim: Any) -> None:
    assert send(sim, sms_type=2, sender="").json()["status"] == "success"


def test_a_token_that_nobody_has_is_not_found(sim: Any) -> None:
    assert send(sim, token="other").status_code == 404
    account = f"{sim.url}/index.php/user/info"
    assert requests.get(account, auth=("other", "x"), timeout=5).status_code == 404
    told = requests.get(account, auth=(TOKEN, "x"), timeout=5).json()
    assert (told["code"], told["data"]["currency"]) == ("00", "VND")
    assert requests.get(f"{sim.url}/x", auth=(TOKEN, "x"), timeout=5).status_code == 404


def test_the_limit_says_in_its_own_header_when_it_ends(sim: Any) -> None:
    sim.behave(NAME, "http_429")
    told = send(sim)
    assert (told.status_code, told.headers["X-Rate-Limit-Reset"]) == (429, "1")
    assert told.json() == {
        "name": "Too Many Requests",
        "message": "Rate limit exceeded.",
        "code": 0,
        "status": 429,
    }
    assert "Retry-After" not in told.headers


def test_reports_and_citizens_words_are_posted_as_json(sim: Any, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/told").respond_with_data("")
    sim.receipts_to(NAME, httpserver.url_for("/told"))
    sent = send(sim, to=["84900000002"]).json()["data"]["tranId"]
    posted(httpserver, 2)
    reports = [request.get_json() for request, _ in httpserver.log]
    assert reports == [
        {"type": "report", "tranId": sent, "phone": "84900000002", "status": status}
        for status in (1, 64)
    ]
    sim.reply(
        NAME, httpserver.url_for("/told"), text="TC 1", to="BRAND", **{"from": "+84912345678"}
    )
    assert httpserver.log[-1][0].get_json() == {
        "type": "incoming",
        "phone": "84912345678",
        "content": "TC 1",
    }
