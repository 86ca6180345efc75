"""Kannel: its answers, its reports and citizens' SMS."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

import pytest

from gateways.base import (
    Accepted,
    BadWebhook,
    Deferred,
    Gateway,
    OutcomeUnknown,
    Receipt,
    Rejected,
    Report,
    WebhookRequest,
)
from gateways.kannel import BODIES, NOT_NOW, REPORTS
from tests.gateways.cases import (
    ATTEMPT,
    CUT_SHORT,
    SENDER,
    TEXT,
    Played,
    SendCase,
    callback,
    hold,
    http,
    ref,
    sms,
)

Play = Callable[..., Played]

NAME = "kannel"
PASSWORD = "a-password-of-tests"
OPTIONS = {"username": "office", "password": PASSWORD}

CASES = [
    SendCase("on its way", http(202, b"0: Accepted for delivery"), Accepted(None)),
    SendCase("kept", http(202, b"3: Queued for later delivery"), Accepted(None)),
    *(
        SendCase(body, http(400, body.encode()), Rejected(fault, "http_400"))
        for body, fault in BODIES.items()
    ),
    SendCase("not now", http(503, NOT_NOW.encode()), Deferred("http_503")),
    SendCase("another 503", http(503, b"Service Unavailable"), OutcomeUnknown("http_503")),
    SendCase("429", http(429, b"", "Retry-After: 2"), Deferred("http_429", 2.0)),
    SendCase("a body of no table", http(400, b"Odd, rejected"), OutcomeUnknown("http_400")),
    SendCase("202 without a word", http(202, b""), OutcomeUnknown("http_202")),
    SendCase("another success", http(200, b"0: Accepted for delivery"), OutcomeUnknown("http_200")),
    SendCase("a page", http(200, b"<html>"), OutcomeUnknown("http_200")),
    SendCase("no UTF-8", http(202, b"\xff\xfe"), OutcomeUnknown("http_202")),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_answer_has_one_outcome(
    case: SendCase, play: Play, caplog: pytest.LogCaptureFixture
) -> None:
    # It logs addresses at DEBUG, and Kannel's hold everything; config/logs.py quiets it so.
    caplog.set_level(logging.WARNING, logger="urllib3")
    seen = hold(case, play(NAME, OPTIONS, case.reply), caplog, secrets=[PASSWORD])
    assert (seen.method, seen.path) == ("GET", "/cgi-bin/sendsms")
    assert seen.query == {
        "username": "office",
        "password": PASSWORD,
        "from": SENDER,
        "to": "+84912345678",
        "text": TEXT,
        "charset": "UTF-8",
        "coding": "2",
        "dlr-mask": "31",
        "dlr-url": f"{callback(NAME)}&status=%d&at=%T",
    }


def test_an_answer_cut_short_is_unknown(play: Play) -> None:
    with pytest.raises(OutcomeUnknown):
        play(NAME, OPTIONS, CUT_SHORT).gateway.send(sms(NAME))


@pytest.mark.parametrize(
    ("text", "coding"),
    [("Ho so da xong", "0"), ("[x] € {y}", "0"), ("Hồ sơ", "2"), ("xong 🎉", "2")],
)
def test_words_go_in_seven_bits_where_these_hold_them(play: Play, text: str, coding: str) -> None:
    played = play(NAME, OPTIONS, http(202, b"0: Accepted for delivery"))
    played.gateway.send(sms(NAME, text=text))
    assert (played.seen[0].query["coding"], played.seen[0].query["text"]) == (coding, text)


def test_options_name_an_smsc_and_a_sender(play: Play) -> None:
    options = {**OPTIONS, "smsc": "viettel", "sender": "8088"}
    played = play(NAME, options, http(202, b"0: Accepted for delivery"))
    played.gateway.send(sms(NAME, sender=""))
    assert (played.seen[0].query["smsc"], played.seen[0].query["from"]) == ("viettel", "8088")


def test_without_an_address_no_report_is_asked_for(play: Play) -> None:
    played = play(NAME, OPTIONS, http(202, b"0: Accepted for delivery"))
    played.gateway.send(sms(NAME, callback_url=None))
    assert not {"dlr-mask", "dlr-url"} & set(played.seen[0].query)


def test_a_percent_sign_of_the_address_is_no_escape_code(play: Play) -> None:
    played = play(NAME, OPTIONS, http(202, b"0: Accepted for delivery"))
    played.gateway.send(sms(NAME, callback_url="https://bt.test/r/s?attempt=a%2Fb"))
    assert played.seen[0].query["dlr-url"].startswith("https://bt.test/r/s?attempt=a%%2Fb&")


@pytest.fixture
def deaf(play: Play) -> Gateway:
    """A gateway that is only ever called, not calling."""
    return play(NAME, OPTIONS).gateway


def test_nothing_can_be_looked_up(deaf: Gateway) -> None:
    with pytest.raises(Deferred):
        deaf.look_up(ref())


def called(url: str, attempt: str | None = ATTEMPT) -> WebhookRequest:
    query = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    return WebhookRequest("GET", url, {}, query, b"", attempt)


@pytest.mark.parametrize(("status", "report"), REPORTS.items())
def test_a_report_is_of_the_attempt_in_its_address(
    deaf: Gateway, status: str, report: Report
) -> None:
    at = datetime(2026, 11, 25, 10, 57, 40, tzinfo=UTC)
    url = f"{callback(NAME)}&status={status}&at={int(at.timestamp())}"
    assert deaf.parse_receipts(called(url)) == [
        Receipt(NAME, report, reference=ATTEMPT, code=status, occurred_at=at)
    ]


@pytest.mark.parametrize("at", ["", "soon", "-1", "9" * 5_000, "٣"])
def test_a_time_that_is_none_is_left_out(deaf: Gateway, at: str) -> None:
    (receipt,) = deaf.parse_receipts(called(f"{callback(NAME)}&status=1&at={at}"))
    assert receipt.occurred_at is None


@pytest.mark.parametrize(
    ("more", "attempt"),
    [("", ATTEMPT), ("&status=", ATTEMPT), ("&status=3", ATTEMPT), ("&status=1", None)],
)
def test_a_report_without_sense_is_refused(deaf: Gateway, more: str, attempt: str | None) -> None:
    with pytest.raises(BadWebhook):
        deaf.parse_receipts(called(f"https://bt.test/r/s?x=y{more}", attempt))


IN = "https://bt.test/inbound/s?from=0912345678&to=8088&text=+TC+1%20&id=e17&at=1795604259"


def test_a_citizens_words_come_as_written(deaf: Gateway) -> None:
    inbound = deaf.parse_inbound(called(IN))
    assert (inbound.provider_id, inbound.sender, inbound.to, inbound.text) == (
        "e17",
        "0912345678",
        "8088",
        " TC 1 ",
    )
    assert inbound.received_at == datetime(2026, 11, 25, 10, 57, 39, tzinfo=UTC)


@pytest.mark.parametrize("name", ["from", "to", "text", "id"])
def test_a_citizens_sms_needs_all_its_parts(deaf: Gateway, name: str) -> None:
    with pytest.raises(BadWebhook):
        deaf.parse_inbound(called(IN.replace(f"{name}=", f"x{name}=")))
