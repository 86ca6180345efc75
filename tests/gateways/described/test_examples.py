"""The two examples: SpeedSMS held to its own adapter's table, and ePacific."""

import base64
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from gateways.base import (
    Accepted,
    BadSignature,
    BadWebhook,
    Balance,
    Deferred,
    InboundSms,
    OutcomeUnknown,
    Proof,
    Receipt,
    Rejected,
    Report,
    SendError,
    TellsBalance,
    WebhookRequest,
)
from tests.gateways.cases import SENDER, TEXT, Played, SendCase, callback, hold, http, sms
from tests.gateways.described.describing import EXAMPLES, KEY, NAME
from tests.gateways.test_speedsms import CASES

Play = Callable[..., Played]
Made = Callable[..., Played]

ROOT = Path(__file__).parents[3]


@pytest.fixture
def speedsms(play: Play) -> Made:
    file = str(EXAMPLES / "speedsms.toml")
    return lambda *replies: play(NAME, {"file": file, "secret": KEY}, *replies)


@pytest.fixture
def epacific(play: Play) -> Made:
    options = {"file": str(EXAMPLES / "epacific.toml"), "user": "office", "secret": KEY}
    return lambda *replies: play(NAME, {**options, "secret_2": "theirs"}, *replies)


def test_the_page_shows_the_examples_as_they_are() -> None:
    pages = [
        (ROOT / "docs" / "gateways" / name).read_text(encoding="utf-8")
        for name in ("http.md", "fpt.md")
    ]
    shown = re.findall(r"```toml\n(.*?)```", "".join(pages), re.DOTALL)
    for example in EXAMPLES.glob("*.toml"):
        assert example.read_text(encoding="utf-8") in shown


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_speedsms_answers_means_what_its_own_adapter_says(
    case: SendCase, speedsms: Made, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    played = speedsms(case.reply)
    try:
        outcome: Accepted | SendError = played.gateway.send(sms(NAME))
    except SendError as problem:
        outcome = problem
    assert type(outcome) is type(case.answer)
    if isinstance(outcome, Accepted):
        assert outcome == case.answer
    for told in ("fault", "retry_after_s"):
        assert getattr(outcome, told, None) == getattr(case.answer, told, None)
    (seen,) = played.seen
    basic = base64.b64encode(f"{KEY}:x".encode()).decode()
    assert (seen.method, seen.path) == ("POST", "/sms/send")
    assert seen.headers["authorization"] == f"Basic {basic}"
    assert seen.json == {"to": ["84912345678"], "content": TEXT, "sms_type": 3, "sender": SENDER}
    for secret in (KEY, basic, "912345678", TEXT):
        assert secret not in caplog.text


def call(body: bytes) -> WebhookRequest:
    return WebhookRequest("POST", callback(NAME), {}, [], body)


@pytest.mark.parametrize(
    ("status", "report"),
    [
        ("0", Report.DELIVERED),
        ("1", Report.SENT),
        ("63", Report.SENT),
        ("64", Report.UNDELIVERED),
        ("255", Report.UNDELIVERED),
    ],
)
def test_statuses_may_be_ranges(speedsms: Made, status: str, report: Report) -> None:
    gateway = speedsms().gateway
    body = f'{{"type": "report", "tranId": 12, "phone": "84912345678", "status": {status}}}'
    assert gateway.parse_receipts(call(body.encode())) == [Receipt(NAME, report, "12", code=status)]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"tranId": 12}',
        b'{"tranId": 12, "status": "dreaming"}',
        b'{"tranId": 12, "status": "9999999999999"}',
        b'{"status": 0}',
    ],
)
def test_a_receipt_without_sense_is_refused(speedsms: Made, body: bytes) -> None:
    with pytest.raises(BadWebhook):
        speedsms().gateway.parse_receipts(call(body))


def test_the_balance_is_asked_for(speedsms: Made) -> None:
    told = {"status": "success", "code": "00", "data": {"balance": 1_000_000.0}}
    wrong = {"status": "error", "code": "008"}
    played = speedsms(http(200, told), http(200, wrong), http(404, b""), http(200, b"x"))
    gateway = played.gateway
    assert isinstance(gateway, TellsBalance)
    assert gateway.balance() == Balance(Decimal(1_000_000))
    assert (played.seen[0].method, played.seen[0].path) == ("GET", "/user/info")
    for problem in (Rejected, Rejected, Deferred):
        with pytest.raises(problem):
            gateway.balance()


EPACIFIC = [
    SendCase("taken", http(200, {"errorCode": "000"}), Accepted(None)),
    SendCase("a code of no table", http(200, {"errorCode": "105"}), OutcomeUnknown("105")),
    SendCase("no code", http(200, {}), OutcomeUnknown("http_200")),
    SendCase("another status", http(201, {"errorCode": "000"}), OutcomeUnknown("000")),
    SendCase("a web page", http(200, b"<html>"), OutcomeUnknown("not_json")),
]


@pytest.mark.parametrize("case", EPACIFIC, ids=lambda case: case.name)
def test_what_is_not_described_is_unknown(
    case: SendCase, epacific: Made, caplog: pytest.LogCaptureFixture
) -> None:
    seen = hold(case, epacific(case.reply), caplog, secrets=[KEY, "theirs"])
    assert (seen.method, seen.path) == ("POST", "/v1/SendSMS")
    basic = base64.b64encode(f"office:{KEY}".encode()).decode()
    assert seen.headers["authorization"] == f"Basic {basic}"
    assert seen.json == {
        "to": "84912345678",
        "type": 1,
        "from": SENDER,
        "message": TEXT,
        "requestId": "att_7",
        "useUnicode": 1,
    }


def test_words_without_accents_have_another_value(epacific: Made) -> None:
    played = epacific(http(200, {"errorCode": "000"}))
    played.gateway.send(sms(NAME, text="Ho so da xong"))
    assert played.seen[0].json["useUnicode"] == 0
    assert not isinstance(played.gateway, TellsBalance)


def test_a_partners_call_carries_the_word_it_was_given(epacific: Made) -> None:
    gateway = epacific().gateway
    assert gateway.capabilities.inbound_proof is Proof.ADDRESS
    body = (
        b'{"userId": "84912345678", "serviceNumber": "8085", "info": "TC 1", "password": "theirs"}'
    )
    told = gateway.parse_inbound(call(body))
    assert told == InboundSms(NAME, told.provider_id, "84912345678", "8085", "TC 1")
    assert told == gateway.parse_inbound(call(body))  # the same call is the same SMS
    for wrong in (b"theirz", b""):
        with pytest.raises(BadSignature):
            gateway.parse_inbound(call(body.replace(b"theirs", wrong)))
    with pytest.raises(BadWebhook):
        gateway.parse_receipts(call(body))
