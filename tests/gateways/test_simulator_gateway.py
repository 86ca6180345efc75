import json
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from config.gateways import GatewaySettings
from gateways import registry
from gateways.adapter import GatewayConfigError, Tools
from gateways.base import (
    Absent,
    Accepted,
    BadSignature,
    BadWebhook,
    Deferred,
    Fault,
    Found,
    Gateway,
    OutcomeUnknown,
    Receipt,
    Rejected,
    Report,
    WebhookRequest,
)
from gateways.http import HttpCaller
from gateways.simulator import signing
from gateways.simulator_gateway import CODES
from gateways.tokens import OwnTokens
from notifier.domain.clock import ManualClock
from tests.gateways.cases import (
    DEEP,
    NOW,
    PHONE,
    TEXT,
    LookUpCase,
    Played,
    SendCase,
    callback,
    hold,
    hold_look_up,
    http,
    ref,
)

Play = Callable[..., Played]

NAME = "simulator"
TOKEN = "a-token-of-tests"
OPTIONS = {"token": TOKEN}
CALLBACK = callback(NAME)


def error(code: object) -> dict[str, object]:
    return {"error": {"code": code, "message": "words"}}


CASES = [
    SendCase("created", http(201, {"id": "sms_1", "duplicate": False}), Accepted("sms_1")),
    SendCase("taken before", http(200, {"id": "sms_1", "duplicate": True}), Accepted("sms_1")),
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
    SendCase("too deep", http(201, DEEP), OutcomeUnknown("not_json")),
    SendCase("no id", http(201, {"duplicate": False}), OutcomeUnknown("no_id")),
    SendCase("an empty id", http(201, {"id": ""}), OutcomeUnknown("no_id")),
    SendCase("a number as id", http(201, {"id": 1}), OutcomeUnknown("no_id")),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_answer_has_one_outcome(
    case: SendCase, play: Play, caplog: pytest.LogCaptureFixture
) -> None:
    seen = hold(case, play(NAME, OPTIONS, case.reply), caplog, secrets=[TOKEN])
    assert (seen.method, seen.path) == ("POST", "/messages")
    assert seen.headers["authorization"] == f"Bearer {TOKEN}"
    assert seen.json == {
        "reference": "att_7",
        "to": PHONE,
        "from": "UBND-LT",
        "text": TEXT,
        "callback_url": CALLBACK,
    }


def rows(*found: object) -> bytes:
    return http(200, {"messages": list(found)})


LOOK_UPS = [
    LookUpCase("nothing there", rows(), Absent()),
    LookUpCase(
        "delivered",
        rows({"id": "sms_1", "reference": "att_7", "status": "delivered"}),
        Found("sms_1", Receipt("simulator", Report.DELIVERED, "sms_1", "att_7")),
    ),
    LookUpCase("a status nobody knows", rows({"id": "sms_1", "status": "dreaming"}), None),
    LookUpCase("a status that is a list", rows({"id": "sms_1", "status": ["sent"]}), None),
    LookUpCase("an empty id", rows({"id": "", "status": "sent"}), None),
    LookUpCase("no id", rows({"status": "sent"}), None),
    LookUpCase("a row that is none", rows(None), None),
    LookUpCase("no list", http(200, {}), None),
    LookUpCase("an object for a list", http(200, {"messages": {}}), None),
    LookUpCase("a list for an object", http(200, []), None),
    LookUpCase("HTML", http(200, b"<html>"), None),
    LookUpCase("404", http(404, {"messages": []}), None),
    LookUpCase("401", http(401, error("unauthorised")), None),
    LookUpCase("429", http(429, {"messages": []}), None),
    LookUpCase("500", http(500, {"messages": []}), None),
]


@pytest.mark.parametrize("case", LOOK_UPS, ids=lambda case: case.name)
def test_a_look_up_finds_the_one_or_tells_that_it_cannot_tell(case: LookUpCase, play: Play) -> None:
    seen = hold_look_up(case, play(NAME, OPTIONS, case.reply))
    assert (seen.method, seen.path, seen.query) == ("GET", "/messages", {"reference": "att_7"})


def test_a_look_up_that_must_wait_says_how_long(play: Play) -> None:
    with pytest.raises(Deferred) as raised:
        play(NAME, OPTIONS, http(429, {}, "Retry-After: 3")).gateway.look_up(ref())
    assert raised.value.retry_after_s == 3


@pytest.fixture
def deaf(play: Play) -> Gateway:
    """A gateway that is only ever called, not calling."""
    return play(NAME, OPTIONS).gateway


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


def test_a_signed_report_is_a_receipt_of_our_attempt(deaf: Gateway) -> None:
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


def test_a_citizens_words_come_as_written(deaf: Gateway) -> None:
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
def test_a_signed_call_without_sense_is_refused_as_such(body: bytes, deaf: Gateway) -> None:
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
def test_a_forgery_is_refused_before_it_is_read(headers: dict[str, str], deaf: Gateway) -> None:
    for body in (json.dumps(REPORT).encode(), b"no JSON"):
        request = WebhookRequest("POST", CALLBACK, headers, [], body)
        for parse in (deaf.parse_receipts, deaf.parse_inbound):
            with pytest.raises(BadSignature):
                parse(request)


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(at=st.integers(0, len(json.dumps(REPORT)) * 8 - 1))
def test_no_flipped_bit_of_a_body_passes(at: int, deaf: Gateway) -> None:
    good = signed(json.dumps(REPORT).encode())
    body = bytearray(good.body)
    body[at // 8] ^= 1 << at % 8
    with pytest.raises(BadSignature):
        deaf.parse_receipts(WebhookRequest("POST", CALLBACK, good.headers, [], bytes(body)))


def test_without_an_address_it_says_which_variable_is_missing() -> None:
    clock = ManualClock(NOW)
    tools = Tools(HttpCaller(1), clock, OwnTokens(clock))
    with pytest.raises(GatewayConfigError, match="BAOTIN_SIMULATOR_BASE_URL"):
        registry.load([GatewaySettings(NAME, "", OPTIONS)], tools)


def test_while_the_token_is_changed_calls_signed_with_either_are_heard(play: Play) -> None:
    body = json.dumps(REPORT).encode()
    changing = play(NAME, {**OPTIONS, "token_old": "the-one-before"}).gateway
    for token in (TOKEN, "the-one-before"):
        assert changing.parse_receipts(signed(body, token))[0].provider_id == "sms_1"
    with pytest.raises(BadSignature):
        changing.parse_receipts(signed(body, "other"))
