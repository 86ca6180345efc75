"""SpeedSMS: its answers, its webhooks and its settings."""

import base64
import json
from collections.abc import Callable
from decimal import Decimal

import pytest

from gateways.adapter import GatewayConfigError
from gateways.base import (
    Accepted,
    BadWebhook,
    Balance,
    Deferred,
    Fault,
    Gateway,
    OutcomeUnknown,
    Receipt,
    Rejected,
    Report,
    TellsBalance,
    WebhookRequest,
)
from gateways.speedsms import CODES
from tests.gateways.cases import (
    CUT_SHORT,
    DEEP,
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

NAME = "speedsms"
TOKEN = "a-token-of-tests"
OPTIONS = {"token": TOKEN}


def success(**data: object) -> dict[str, object]:
    told = {"tranId": 123456, "totalSMS": 1, "totalPrice": 250, "invalidPhone": []}
    return {"status": "success", "code": "00", "data": {**told, **data}}


def error(code: object) -> dict[str, object]:
    return {"status": "error", "code": code, "message": "words", "invalidPhone": []}


TOO_MANY = {"name": "Too Many Requests", "message": "…", "code": 0, "status": 429}
CASES = [
    SendCase("taken", http(200, success()), Accepted("123456")),
    SendCase("an id as text", http(200, success(tranId="123456")), Accepted("123456")),
    SendCase(
        "our number in a success",
        http(200, success(invalidPhone=["84912345678"])),
        Rejected(Fault.NUMBER, "invalidPhone"),
    ),
    *(SendCase(c, http(200, error(c)), Rejected(fault, c)) for c, fault in CODES.items()),
    SendCase("an error by status too", http(400, error("105")), Rejected(Fault.NUMBER, "105")),
    SendCase("a wrong token", http(404, b"<html>"), Rejected(Fault.ACCOUNT, "http_404")),
    SendCase("401", http(401, b""), Rejected(Fault.ACCOUNT, "http_401")),
    SendCase("403", http(403, b""), Rejected(Fault.ACCOUNT, "http_403")),
    SendCase(
        "the limit", http(429, TOO_MANY, "X-Rate-Limit-Reset: 42"), Deferred("http_429", 42.0)
    ),
    SendCase("a limit without its end", http(429, TOO_MANY), Deferred("http_429", 1.0)),
    SendCase("their fault, who knows", http(200, error("500")), OutcomeUnknown("500")),
    SendCase("a code of no table", http(200, error("777")), OutcomeUnknown("777")),
    SendCase("a code that is a list", http(200, error(["105"])), OutcomeUnknown("http_200")),
    SendCase("another status", http(200, {**success(), "status": "x"}), OutcomeUnknown("http_200")),
    SendCase("a success by another status", http(202, success()), OutcomeUnknown("http_202")),
    SendCase("no id", http(200, success(tranId=None)), OutcomeUnknown("no_id")),
    SendCase("an id that is none", http(200, success(tranId=True)), OutcomeUnknown("no_id")),
    SendCase("no data", http(200, {**success(), "data": []}), OutcomeUnknown("http_200")),
    SendCase("500", http(500, success()), OutcomeUnknown("http_500")),
    SendCase("HTML", http(200, b"<html>"), OutcomeUnknown("not_json")),
    SendCase("too deep", http(200, DEEP), OutcomeUnknown("not_json")),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_answer_has_one_outcome(
    case: SendCase, play: Play, caplog: pytest.LogCaptureFixture
) -> None:
    basic = base64.b64encode(f"{TOKEN}:x".encode()).decode()
    seen = hold(case, play(NAME, OPTIONS, case.reply), caplog, secrets=[TOKEN, basic])
    assert (seen.method, seen.path) == ("POST", "/sms/send")
    assert seen.headers["authorization"] == f"Basic {basic}"
    assert seen.json == {"to": ["84912345678"], "content": TEXT, "sms_type": 3, "sender": SENDER}


@pytest.mark.parametrize(
    ("options", "sender"),
    [
        ({"sms_type": "2"}, ""),
        ({"sms_type": "4", "sender": "Notify"}, "Notify"),
        ({"sms_type": "5", "sender": "device-1"}, "device-1"),
    ],
)
def test_other_types_send_from_another_sender(
    play: Play, options: dict[str, str], sender: str
) -> None:
    played = play(NAME, {**OPTIONS, **options}, http(200, success()))
    played.gateway.send(sms(NAME))
    assert played.seen[0].json["sms_type"] == int(options["sms_type"])
    assert played.seen[0].json["sender"] == sender
    assert not played.gateway.capabilities.takes_sender


@pytest.mark.parametrize(
    ("options", "variable"),
    [
        ({"sms_type": "1"}, "BAOTIN_SPEEDSMS_SMS_TYPE"),
        ({"sms_type": "4"}, "BAOTIN_SPEEDSMS_SENDER"),
        ({"sms_type": "5"}, "BAOTIN_SPEEDSMS_SENDER"),
    ],
)
def test_a_type_that_cannot_send_is_refused_at_the_start(
    play: Play, options: dict[str, str], variable: str
) -> None:
    with pytest.raises(GatewayConfigError, match=variable):
        play(NAME, {**OPTIONS, **options})


def test_nothing_can_be_looked_up(play: Play) -> None:
    played = play(NAME, OPTIONS)
    for provider_id in (None, "123456"):
        with pytest.raises(Deferred):
            played.gateway.look_up(ref(provider_id=provider_id))
    assert played.seen == []


def account(**data: object) -> dict[str, object]:
    return {"status": "success", "code": "00", "data": {"email": "a@b.vn", **data}}


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (account(balance="1500.5", currency="VND"), Balance(Decimal("1500.5"))),
        (account(balance=1500, currency="USD"), Balance(Decimal(1500), "USD")),
        ({"email": "a@b.vn", "balance": 100000.0}, Balance(Decimal("100000.0"))),
        (account(), None),
        (account(balance="a lot"), None),
        (account(balance="NaN"), None),
        (account(balance=[1]), None),
        (error("777"), None),
    ],
)
def test_the_balance_is_told_or_cannot_be(
    play: Play, reply: dict[str, object], told: Balance | None
) -> None:
    played = play(NAME, OPTIONS, http(200, reply))
    assert isinstance(played.gateway, TellsBalance)
    if told is None:
        with pytest.raises(Deferred):
            played.gateway.balance()
    else:
        assert played.gateway.balance() == told
    assert (played.seen[0].method, played.seen[0].path) == ("GET", "/user/info")


@pytest.mark.parametrize("reply", [http(404, b""), http(200, error("008"))])
def test_asking_for_the_balance_shows_a_fault_of_the_account(play: Play, reply: bytes) -> None:
    gateway = play(NAME, OPTIONS, reply).gateway
    assert isinstance(gateway, TellsBalance)
    with pytest.raises(Rejected) as raised:
        gateway.balance()
    assert raised.value.fault is Fault.ACCOUNT


@pytest.mark.parametrize("reply", [CUT_SHORT, http(429, TOO_MANY), http(503, b"")])
def test_a_balance_that_could_not_be_asked_is_deferred(play: Play, reply: bytes) -> None:
    gateway = play(NAME, OPTIONS, reply).gateway
    assert isinstance(gateway, TellsBalance)
    with pytest.raises(Deferred):
        gateway.balance()


@pytest.fixture
def deaf(play: Play) -> Gateway:
    """A gateway that is only ever called, not calling."""
    return play(NAME, OPTIONS).gateway


def called(value: object) -> WebhookRequest:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return WebhookRequest("POST", callback(NAME), {}, [], body)


@pytest.mark.parametrize(
    ("status", "report"),
    [
        (0, Report.DELIVERED),
        ("0", Report.DELIVERED),
        (1, Report.SENT),
        (63, Report.SENT),
        (64, Report.UNDELIVERED),
        (999, Report.UNDELIVERED),
    ],
)
def test_a_report_is_of_the_message_that_it_names(
    deaf: Gateway, status: object, report: Report
) -> None:
    told = {"type": "report", "tranId": 123456, "phone": "84912345678", "status": status}
    assert deaf.parse_receipts(called(told)) == [
        Receipt(NAME, report, provider_id="123456", code=str(status))
    ]


@pytest.mark.parametrize(
    "told",
    [
        b"",
        b"<html>",
        [],
        {"type": "incoming", "phone": "84912345678", "content": "0"},
        {"tranId": 123456},
        {"status": 0},
        {"tranId": 123456, "status": -1},
        {"tranId": 123456, "status": 0.5},
        {"tranId": 123456, "status": False},
        {"tranId": 123456, "status": "9" * 5_000},
        {"tranId": 123456, "status": "٣"},
    ],
)
def test_a_report_without_sense_is_refused(deaf: Gateway, told: object) -> None:
    with pytest.raises(BadWebhook):
        deaf.parse_receipts(called(told))


MO = {"type": "incoming", "phone": "84912345678", "content": " TC 1 "}


def test_a_citizens_words_come_as_written_and_told_twice_are_one_sms(deaf: Gateway) -> None:
    inbound = deaf.parse_inbound(called(MO))
    assert (inbound.sender, inbound.to, inbound.text) == ("84912345678", "", " TC 1 ")
    assert deaf.parse_inbound(called(MO)) == inbound
    other = deaf.parse_inbound(called({**MO, "content": "TC 2"}))
    assert other.provider_id != inbound.provider_id
    assert "912345678" not in inbound.provider_id


@pytest.mark.parametrize("left_out", ["phone", "content"])
def test_a_citizens_sms_without_phone_or_words_is_refused(deaf: Gateway, left_out: str) -> None:
    with pytest.raises(BadWebhook):
        deaf.parse_inbound(called({key: value for key, value in MO.items() if key != left_out}))
