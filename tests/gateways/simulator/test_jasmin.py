"""Jasmin's dialect against its page and against what Jasmin 0.11.1 answers."""

import re
from collections.abc import Callable
from typing import Any

import pytest
import requests
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from tests.gateways.simulator.receivers import posted
from tests.waiting import eventually

NAME = "jasmin"
ACCOUNT = {"username": "office", "password": "secret"}


@pytest.fixture
def sim(alone: Callable[..., Any]) -> Any:
    return alone(NAME, **ACCOUNT)


def send(sim: Any, *left_out: str, by: str = "POST", **changes: str) -> requests.Response:
    told = {**ACCOUNT, "to": "84912345678", "from": "UBND", "content": "Ho so [1]", **changes}
    told = {name.replace("_", "-"): value for name, value in told.items() if name not in left_out}
    form, query = (told, None) if by == "POST" else (None, told)
    return requests.request(by, f"{sim.url}/send", data=form, params=query, timeout=5)


@pytest.mark.parametrize("by", ["GET", "POST"])
def test_a_message_is_queued_under_an_id(sim: Any, by: str) -> None:
    told = send(sim, by=by)
    assert told.status_code == 200
    assert re.fullmatch(r'Success "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"', told.text)
    (row,) = sim.ledger()
    assert (row["to"], row["from"], row["text"]) == ("+84912345678", "UBND", "Ho so [1]")


@pytest.mark.parametrize(
    ("changes", "left_out", "text"),
    [
        ({"content": "Hồ sơ à €"}, (), "H? s? à €"),
        ({"coding": "8", "hex-content": "Hồ 🎉".encode("utf-16-be").hex()}, ("content",), "Hồ 🎉"),
        ({"coding": "8", "content": "Ho"}, (), "䡯"),  # UTF-8 as it came, read as UCS-2
        ({"content": "x" * 1000}, (), "x" * 153 * 5),  # cut off in silence
    ],
)
def test_words_go_as_the_coding_says(
    sim: Any, changes: dict[str, str], left_out: tuple[str, ...], text: str
) -> None:
    send(sim, *left_out, **changes)
    assert sim.ledger()[0]["text"] == text


@pytest.mark.parametrize(
    ("changes", "left_out", "status", "body"),
    [
        ({"password": "x"}, (), 403, "Authentication failure for username:office"),
        (
            {"password": "x" * 17},
            (),
            400,
            f"Argument [password] has an invalid value: [{'x' * 17}].",
        ),
        ({"to": "abc"}, (), 400, "Argument [to] has an invalid value: [abc]."),
        ({"text": "x"}, (), 400, "Argument [text] is unknown."),
        ({}, ("to",), 400, "Mandatory argument [to] is not found."),
        ({}, ("content",), 400, "content or hex-content not present."),
        ({"coding": "17"}, (), 400, "Argument [coding] has an invalid value: [17]."),
        ({"hex-content": "zz"}, ("content",), 400, "Invalid hex-content data: 'zz'"),
        ({"dlr-level": "4"}, (), 400, "Argument [dlr-level] has an invalid value: [4]."),
        ({"dlr-url": "foo"}, (), 400, "Argument [dlr-url] has an invalid value: [foo]."),
        (
            {"to": "0900000003"},
            (),
            400,
            "Value filter failed for user [office] (content filter mismatch).",
        ),
        (
            {"to": "0900000007"},
            (),
            403,
            "Cannot charge submit_sm, check RouterPB log file for details",
        ),
        ({"to": "0900000008"}, (), 412, "No route found"),
        ({"to": "0900000009"}, (), 400, "Unheard of"),
    ],
)
def test_what_is_refused_says_why(
    sim: Any, changes: dict[str, str], left_out: tuple[str, ...], status: int, body: str
) -> None:
    told = send(sim, *left_out, **changes)
    assert (told.status_code, told.text) == (status, f'Error "{body}"')
    assert sim.ledger() == []


def test_a_balance_and_its_refusal_are_json(sim: Any) -> None:
    told = requests.get(f"{sim.url}/balance", params=ACCOUNT, timeout=5)
    assert told.json() == {"balance": 100.0, "sms_count": "ND"}
    wrong = requests.get(f"{sim.url}/balance", params={**ACCOUNT, "password": "x"}, timeout=5)
    assert wrong.status_code == 403
    assert wrong.json() == "Authentication failure for username:office"
    assert requests.get(f"{sim.url}/rate", timeout=5).status_code == 404


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_report_comes_again_until_it_is_acknowledged(
    sim: Any, httpserver: HTTPServer, method: str
) -> None:
    said = iter(["", "OK"])
    seen: list[dict[str, str]] = []

    def take(request: Request) -> Response:
        seen.append({**request.args, **request.form})
        return Response(next(said, "ACK/Jasmin"))

    httpserver.expect_request("/told", method=method).respond_with_handler(take)
    url = httpserver.url_for("/told?attempt=a%207")
    told = {"dlr": "yes", "dlr-url": url, "dlr-level": "3", "dlr-method": method}
    send(sim, to="0900000002", **told)
    eventually(lambda: len(seen) >= 4)
    assert [one["level"] for one in seen] == ["1", "1", "1", "2"]
    assert {one["attempt"] for one in seen} == {"a 7"}
    assert (seen[0]["message_status"], seen[3]["message_status"]) == ("ESME_ROK", "UNDELIV")
    assert (seen[3]["err"], seen[3]["text"]) == ("001", "Ho so [1]")


@pytest.mark.parametrize(("level", "levels"), [("1", ["1"]), ("2", ["2"])])
def test_only_reports_of_the_level_asked_for_come(
    sim: Any, httpserver: HTTPServer, level: str, levels: list[str]
) -> None:
    httpserver.expect_request("/told").respond_with_data("ACK/Jasmin")
    send(sim, **{"dlr-url": httpserver.url_for("/told"), "dlr-level": level})
    posted(httpserver, len(levels))
    assert [request.form["level"] for request, _ in httpserver.log] == levels


@pytest.mark.parametrize(
    ("text", "coding", "binary"),
    [("TC 1 & +2", "\0", b"TC 1 & +2".hex()), ("ồ", "\b", "1ed3")],
)
def test_a_citizens_words_come_with_their_coding(
    sim: Any, httpserver: HTTPServer, text: str, coding: str, binary: str
) -> None:
    httpserver.expect_request("/in", method="POST").respond_with_data("ACK/Jasmin")
    sim.reply(NAME, httpserver.url_for("/in"), text=text, to="8088", **{"from": "0912345678"})
    ((request, _),) = httpserver.log
    assert (request.form["coding"], request.form["binary"]) == (coding, binary)
    assert request.form["to"] == "8088"
