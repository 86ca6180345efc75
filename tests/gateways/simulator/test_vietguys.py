"""VietGuys's dialect against what its users' code sends and reads."""

from collections.abc import Callable
from typing import Any

import pytest
import requests
from pytest_httpserver import HTTPServer

from tests.gateways.simulator.receivers import posted

NAME = "vietguys"


@pytest.fixture
def sim(alone: Callable[..., Any]) -> Any:
    return alone(NAME, username="office", password="pass")


def send(sim: Any, **changes: str) -> dict[str, Any]:
    form = {
        "u": "office",
        "pwd": "pass",
        "from": "UBND-LT",
        "phone": "84912345678",
        "sms": "Ho so da xong",
        "bid": "att_7",
        "type": "0",
        "json": "1",
    }
    answer = requests.post(f"{sim.url}/api/index.php", data={**form, **changes}, timeout=5)
    assert answer.status_code == 200
    told: dict[str, Any] = answer.json()
    assert set(told) == {"msgid", "error", "error_code", "log", "carrier"}
    return told


def test_a_message_is_taken_under_an_id(sim: Any) -> None:
    told = send(sim)
    assert (told["error"], bool(told["msgid"])) == (0, True)
    (row,) = sim.ledger()
    assert (row["to"], row["from"], row["text"], row["reference"]) == (
        "+84912345678",
        "UBND-LT",
        "Ho so da xong",
        "att_7",
    )


def test_accents_need_their_type(sim: Any) -> None:
    send(sim, sms="Hồ sơ", type="8")
    send(sim, sms="Hồ sơ", type="0")
    assert [row["text"] for row in sim.ledger()] == ["Hồ sơ", "H? s?"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"sms": ""}, -1),
        ({"from": ""}, -1),
        ({"u": "other"}, -3),
        ({"pwd": "other"}, -5),
        ({"phone": "8491234567"}, -10),
        ({"phone": "02743822222"}, -10),
        ({"phone": "84900000001"}, -10),
        ({"phone": "84900000008"}, -11),
        ({"sms": "x" * 460}, -14),
        ({"sms": "ồ" * 202, "type": "8"}, -14),
        ({"phone": "84900000003"}, -18),
        ({"phone": "84900000007"}, -9),
        ({"phone": "84900000009"}, -99),
    ],
)
def test_what_is_refused_has_its_code(sim: Any, changes: dict[str, str], code: int) -> None:
    told = send(sim, **changes)
    assert (told["error"], told["error_code"], told["msgid"]) == (1, code, "")
    assert told["log"]
    assert sim.ledger() == []


def test_there_is_nothing_else(sim: Any) -> None:
    assert requests.get(f"{sim.url}/api/index.php", timeout=5).status_code == 404


def test_reports_name_the_message(sim: Any, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/told").respond_with_data("")
    sim.receipts_to(NAME, httpserver.url_for("/told"))
    sent = send(sim, phone="84900000002")["msgid"]
    posted(httpserver, 2)
    assert [request.get_json() for request, _ in httpserver.log] == [
        {"data": {"message_id": sent, "status": status}} for status in ("sent", "fail")
    ]
