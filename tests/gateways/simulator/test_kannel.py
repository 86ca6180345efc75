"""Kannel's dialect against what Kannel 1.4.5 itself answered."""

from collections.abc import Callable
from typing import Any

import pytest
import requests
from pytest_httpserver import HTTPServer

from tests.gateways.simulator.receivers import posted

NAME = "kannel"


@pytest.fixture
def sim(alone: Callable[..., Any]) -> Any:
    return alone(NAME, username="office", password="secret")


def send(sim: Any, **changes: str) -> requests.Response:
    query = {
        "username": "office",
        "password": "secret",
        "from": "UBND",
        "to": "+84912345678",
        "text": "Hồ sơ",
        "charset": "UTF-8",
        "coding": "2",
    }
    return requests.get(f"{sim.url}/cgi-bin/sendsms", params={**query, **changes}, timeout=5)


def test_a_message_is_taken_without_an_id(sim: Any) -> None:
    told = send(sim)
    assert (told.status_code, told.text) == (202, "0: Accepted for delivery")
    (row,) = sim.ledger()
    assert (row["to"], row["from"], row["text"]) == ("+84912345678", "UBND", "Hồ sơ")


def test_seven_bits_hold_no_accents_of_ours(sim: Any) -> None:
    send(sim, coding="0", text="Hồ sơ [1] à €")
    assert sim.ledger()[0]["text"] == "H? s? [1] à €"


@pytest.mark.parametrize(
    ("changes", "status", "body"),
    [
        ({"password": "x"}, 403, "Authorization failed for sendsms"),
        ({"username": "x"}, 403, "Authorization failed for sendsms"),
        ({"to": ""}, 400, "Missing receiver number, rejected"),
        ({"from": ""}, 400, "Sender missing and no global set, rejected"),
        ({"coding": "7"}, 400, "Coding field misformed, rejected"),
        ({"charset": "x"}, 400, "Charset or body misformed, rejected"),
        ({"text": "ồ" * 671}, 400, "Charset or body misformed, rejected"),
        ({"dlr-mask": "31", "dlr-url": "foo"}, 400, "DLR-URL field misformed, rejected"),
        ({"to": "abc"}, 400, "Number(s) has/have been denied by white- and/or black-lists."),
        ({"to": "0900000008"}, 403, "Not routable. Do not try again."),
        ({"to": "0900000007"}, 403, "Authorization failed for sendsms"),
        ({"to": "0900000009"}, 400, "Unheard of, rejected"),
    ],
)
def test_what_is_refused_says_why(
    sim: Any, changes: dict[str, str], status: int, body: str
) -> None:
    told = send(sim, **changes)
    assert (told.status_code, told.text) == (status, body)
    assert sim.ledger() == []


def test_what_is_no_send_is_answered_as_kannel_does(sim: Any) -> None:
    assert requests.get(f"{sim.url}/x", timeout=5).text == "Unknown request."
    told = requests.post(f"{sim.url}/cgi-bin/sendsms", data={"a": "b"}, timeout=5)
    assert (told.status_code, told.text) == (400, "Invalid content-type")


@pytest.mark.parametrize(("mask", "told"), [("31", ["8", "2"]), ("3", ["2"]), ("0", [])])
def test_reports_fill_in_the_address_and_only_those_asked_for_come(
    sim: Any, httpserver: HTTPServer, mask: str, told: list[str]
) -> None:
    httpserver.expect_request("/told").respond_with_data("")
    url = httpserver.url_for("/told?attempt=a%%207&status=%d&at=%T")
    send(sim, to="0900000002", **{"dlr-mask": mask, "dlr-url": url})
    posted(httpserver, len(told))
    seen = [request.args for request, _ in httpserver.log]
    assert [args["status"] for args in seen] == told
    assert all(args["attempt"] == "a 7" and args["at"].isdecimal() for args in seen)


def test_a_citizens_words_come_by_get(sim: Any, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/in", method="GET").respond_with_data("")
    sim.reply(NAME, httpserver.url_for("/in"), text="TC 1 & ồ", to="8088", **{"from": "0912345678"})
    ((request, _),) = httpserver.log
    assert request.args["text"] == "TC 1 & ồ"
    assert set(request.args) == {"from", "to", "text", "charset", "id", "at"}
