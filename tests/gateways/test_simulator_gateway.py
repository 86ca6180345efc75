import json
import logging
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from config.gateways import GatewaySettings
from gateways import simulator_gateway
from gateways.base import (
    Absent,
    Accepted,
    AttemptRef,
    BadSignature,
    BadWebhook,
    Deferred,
    Fault,
    Found,
    OutboundSms,
    OutcomeUnknown,
    Receipt,
    Rejected,
    Report,
    SendError,
    WebhookRequest,
)
from gateways.http import HttpCaller
from gateways.registry import GatewayConfigError
from gateways.simulator import signing
from gateways.simulator_gateway import CODES, SimulatorGateway
from notifier.domain.clock import ManualClock

Script = Callable[[socket.socket, bytes], object]
Serve = Callable[[Script], str]
Start = Callable[..., SimulatorGateway]

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TOKEN = "a-token-of-tests"
PHONE = "+84912345678"
TEXT = "Hồ sơ H29 đã có kết quả"
CALLBACK = "https://bt.test/v1/gateways/simulator/receipts/s3cret?attempt=att_7"
SMS = OutboundSms("att_7", PHONE, "UBND-LT", TEXT, CALLBACK)
REF = AttemptRef("att_7", PHONE, "UBND-LT", TEXT, NOW)


def http(status: int, body: object, *headers: str) -> bytes:
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = [f"HTTP/1.1 {status} X", f"Content-Length: {len(sent)}", *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + sent


def gateway(base_url: str, caller: HttpCaller, **options: str) -> SimulatorGateway:
    settings = GatewaySettings("simulator", base_url, {"token": TOKEN, **options}, 0.5)
    return simulator_gateway.build(settings, caller=caller, clock=ManualClock(NOW))


@pytest.fixture
def start(serve: Serve, http_caller: HttpCaller) -> Start:
    """A gateway whose provider gives one answer; requests are kept in `seen`."""

    def make(answer: bytes, seen: list[bytes]) -> SimulatorGateway:
        def script(connection: socket.socket, request: bytes) -> bool:
            seen.append(request)
            connection.sendall(answer)
            return True

        return gateway(serve(script), http_caller)

    return make


@dataclass(frozen=True)
class SendCase:
    name: str
    reply: bytes
    raises: SendError | None = None


def error(code: object) -> dict[str, object]:
    return {"error": {"code": code, "message": "words"}}


CASES = [
    SendCase("created", http(201, {"id": "sms_1", "duplicate": False})),
    SendCase("taken before", http(200, {"id": "sms_1", "duplicate": True})),
    *(
        SendCase(code, http(400, error(code)), Rejected(fault, code))
        for code, fault in CODES.items()
    ),
    SendCase("no balance", http(402, error("no_balance")), Rejected(Fault.ACCOUNT, "no_balance")),
    SendCase(
        "a wrong token", http(401, error("unauthorised")), Rejected(Fault.ACCOUNT, "unauthorised")
    ),
    SendCase("429", http(429, error("rate_limited"), "Retry-After: 1"), Deferred("http_429", 1.0)),
    SendCase("a code of no table", http(400, error("bad_request")), OutcomeUnknown("http_400")),
    SendCase("a code that is a list", http(400, error(["x"])), OutcomeUnknown("http_400")),
    SendCase("an error that is text", http(400, {"error": "x"}), OutcomeUnknown("http_400")),
    SendCase("500", http(500, error("server_error")), OutcomeUnknown("http_500")),
    SendCase("503 with a code", http(503, error("no_balance")), OutcomeUnknown("http_503")),
    SendCase("202 is none of its answers", http(202, {"id": "x"}), OutcomeUnknown("http_202")),
    SendCase("HTML", http(200, b"<html>"), OutcomeUnknown("not_json")),
    SendCase("nothing", http(200, b""), OutcomeUnknown("not_json")),
    SendCase("not UTF-8", http(200, b'{"id": "\xff"}'), OutcomeUnknown("not_json")),
    SendCase("a list", http(201, []), OutcomeUnknown("not_json")),
    SendCase("too deep", http(201, b"[" * 50_000), OutcomeUnknown("not_json")),
    SendCase("no id", http(201, {"duplicate": False}), OutcomeUnknown("no_id")),
    SendCase("an empty id", http(201, {"id": ""}), OutcomeUnknown("no_id")),
    SendCase("a number as id", http(201, {"id": 1}), OutcomeUnknown("no_id")),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_answer_has_one_outcome_and_leaves_no_trace_in_the_log(
    case: SendCase, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    seen: list[bytes] = []
    one = start(case.reply, seen)
    if case.raises is None:
        assert one.send(SMS) == Accepted("sms_1")
    else:
        with pytest.raises(SendError) as raised:
            one.send(SMS)
        assert type(raised.value) is type(case.raises)
        assert vars(raised.value) == vars(case.raises)
    head, _, body = seen[0].partition(b"\r\n\r\n")
    assert len(seen) == 1
    assert head.startswith(b"POST /messages HTTP")
    assert f"Authorization: Bearer {TOKEN}".encode() in head
    assert json.loads(body) == {
        "reference": "att_7",
        "to": PHONE,
        "from": "UBND-LT",
        "text": TEXT,
        "callback_url": CALLBACK,
    }
    for secret in (TOKEN, PHONE[1:], TEXT, "s3cret"):
        assert secret not in caplog.text


def rows(*found: object) -> bytes:
    return http(200, {"messages": list(found)})


LOOK_UPS: list[tuple[bytes, Found | Absent | None]] = [
    (rows(), Absent()),
    (
        rows({"id": "sms_1", "reference": "att_7", "status": "delivered"}),
        Found("sms_1", Receipt("simulator", Report.DELIVERED, "sms_1", "att_7")),
    ),
    (rows({"id": "sms_1", "status": "dreaming"}), None),
    (rows({"id": "sms_1", "status": ["sent"]}), None),
    (rows({"id": "", "status": "sent"}), None),
    (rows({"status": "sent"}), None),
    (rows(None), None),
    (http(200, {}), None),
    (http(200, {"messages": {}}), None),
    (http(200, []), None),
    (http(200, b"<html>"), None),
    (http(404, {"messages": []}), None),
    (http(401, error("unauthorised")), None),
    (http(429, {"messages": []}), None),
    (http(500, {"messages": []}), None),
]


@pytest.mark.parametrize(("reply", "answer"), LOOK_UPS)
def test_a_look_up_finds_the_one_or_tells_that_it_cannot_tell(
    reply: bytes, answer: Found | Absent | None, start: Start
) -> None:
    seen: list[bytes] = []
    one = start(reply, seen)
    if answer is None:
        with pytest.raises(Deferred):
            one.look_up(REF)
    else:
        assert one.look_up(REF) == answer
    assert seen[0].startswith(b"GET /messages?reference=att_7 HTTP")


def test_a_look_up_that_must_wait_says_how_long(start: Start) -> None:
    with pytest.raises(Deferred) as raised:
        start(http(429, {}, "Retry-After: 3"), []).look_up(REF)
    assert raised.value.retry_after_s == 3


@pytest.fixture
def deaf(http_caller: HttpCaller) -> SimulatorGateway:
    """A gateway that is only ever called, not calling."""
    return gateway("http://127.0.0.1:9", http_caller)


def signed(body: bytes, token: str = TOKEN) -> WebhookRequest:
    headers = {"X-Simulator-Signature": signing.simulator(token, body)}
    return WebhookRequest("POST", CALLBACK, headers, [("attempt", "att_7")], body)


REPORT = {
    "id": "sms_1",
    "reference": "att_7",
    "status": "undelivered",
    "code": "number_unreachable",
    "at": "2026-11-23T09:00:00.5+00:00",
}
INBOUND = {"id": "in_1", "from": PHONE, "to": "UBND", "text": " TC 1 ", "at": "2026-11-23T09:00Z"}


def test_a_signed_report_is_a_receipt_of_our_attempt(deaf: SimulatorGateway) -> None:
    assert deaf.parse_receipts(signed(json.dumps(REPORT).encode())) == [
        Receipt(
            "simulator",
            Report.UNDELIVERED,
            "sms_1",
            "att_7",
            "number_unreachable",
            NOW.replace(microsecond=500_000),
        )
    ]


def test_a_citizens_words_come_as_written(deaf: SimulatorGateway) -> None:
    inbound = deaf.parse_inbound(signed(json.dumps(INBOUND).encode()))
    assert (inbound.provider_id, inbound.sender, inbound.to, inbound.text) == (
        "in_1",
        PHONE,
        "UBND",
        " TC 1 ",
    )
    assert inbound.received_at == NOW


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"<html>",
        b"\xff",
        b"[" * 50_000,
        b"{}",
        b'{"id": "x", "status": "dreaming"}',
        b'{"id": "x", "status": ["sent"]}',
        b'{"id": 1, "status": "sent", "from": "+84", "to": "x", "text": "y"}',
    ],
)
def test_a_signed_call_without_sense_is_refused_as_such(
    body: bytes, deaf: SimulatorGateway
) -> None:
    for parse in (deaf.parse_receipts, deaf.parse_inbound):
        with pytest.raises(BadWebhook):
            parse(signed(body))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Simulator-Signature": ""},
        {"X-Simulator-Signature": "ÿ\udcff"},
        signed(json.dumps(REPORT).encode(), "other").headers,
        {"X-Simulator-Signature": signing.simulator(TOKEN, b"other")},
        {"X-Simulator-Signature": signing.simulator(TOKEN, b"x")[len("sha256=") :]},
    ],
)
def test_a_forgery_is_refused_before_it_is_read(
    headers: dict[str, str], deaf: SimulatorGateway
) -> None:
    for body in (json.dumps(REPORT).encode(), b"no JSON"):
        request = WebhookRequest("POST", CALLBACK, headers, [], body)
        for parse in (deaf.parse_receipts, deaf.parse_inbound):
            with pytest.raises(BadSignature):
                parse(request)


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(at=st.integers(0, len(json.dumps(REPORT)) * 8 - 1))
def test_no_flipped_bit_of_a_body_passes(at: int, deaf: SimulatorGateway) -> None:
    good = signed(json.dumps(REPORT).encode())
    body = bytearray(good.body)
    body[at // 8] ^= 1 << at % 8
    with pytest.raises(BadSignature):
        deaf.parse_receipts(WebhookRequest("POST", CALLBACK, good.headers, [], bytes(body)))


def test_a_missing_option_is_named_by_its_variable(http_caller: HttpCaller) -> None:
    with pytest.raises(GatewayConfigError, match="BAOTIN_SIMULATOR_TOKEN"):
        gateway("http://127.0.0.1:9", http_caller, token="")
    with pytest.raises(GatewayConfigError, match="BAOTIN_SIMULATOR_BASE_URL"):
        gateway("", http_caller)
