import base64
import json
import logging
import socket
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from config.gateways import GatewaySettings
from gateways import twilio
from gateways.adapter import GatewayConfigError, Tools
from gateways.base import (
    Absent,
    Accepted,
    AttemptRef,
    BadSignature,
    BadWebhook,
    Balance,
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
from gateways.registry import complete
from gateways.simulator import signing
from gateways.tokens import OwnTokens
from gateways.twilio import TwilioGateway
from gateways.twilio_codes import DEFERS, REJECTS
from notifier.domain.clock import ManualClock

Script = Callable[[socket.socket, bytes], object]
Serve = Callable[[Script], str]
Start = Callable[..., TwilioGateway]

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ACCOUNT = "AC" + "0" * 32
TOKEN = "a-token-of-tests"
SID = "SM" + "1" * 32
SERVICE = "MG" + "2" * 32
PHONE = "+84912345678"
TEXT = "Hồ sơ H29 đã có kết quả"
CALLBACK = "https://bt.test/v1/gateways/twilio/receipts/s3cret?attempt=att_7"
SMS = OutboundSms("att_7", PHONE, "UBND-LT", TEXT, CALLBACK)


def http(status: int, body: object, *headers: str) -> bytes:
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = [f"HTTP/1.1 {status} X", f"Content-Length: {len(sent)}", *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + sent


@pytest.fixture
def start(serve: Serve, http_caller: HttpCaller) -> Start:
    """A gateway whose provider gives one answer; requests are kept in `seen`."""

    def make(answer: bytes, seen: list[bytes] | None = None, **options: str) -> TwilioGateway:
        def script(connection: socket.socket, request: bytes) -> bool:
            if seen is not None:
                seen.append(request)
            connection.sendall(answer)
            return True

        return gateway(serve(script), http_caller, **options)

    return make


def gateway(base_url: str, caller: HttpCaller, **options: str) -> TwilioGateway:
    account = {"account_sid": ACCOUNT, "auth_token": TOKEN}
    sender = {} if "messaging_service_sid" in options else {"from_number": "+15005550006"}
    settings = GatewaySettings("twilio", base_url, {**account, **sender, **options}, 0.5)
    settings, clock = complete(settings, twilio.ADAPTER), ManualClock(NOW)
    return twilio.build(settings, Tools(caller, clock, OwnTokens(clock)))


@dataclass(frozen=True)
class SendCase:
    name: str
    reply: bytes
    raises: SendError | None = None


DEEP = b"[" * 50_000
CASES = [
    SendCase("created", http(201, {"sid": SID, "status": "queued"})),
    SendCase("an error field that is null", http(201, {"sid": SID, "error_code": None})),
    SendCase("bad date in a success", http(201, {"sid": SID, "date_created": "yesterday"})),
    *(
        SendCase(f"code {code}", http(400, {"code": code}), Rejected(fault, str(code)))
        for code, fault in REJECTS.items()
    ),
    *(
        SendCase(f"code {code}", http(400, {"code": code}), Deferred(str(code), 1.0))
        for code in sorted(DEFERS)
    ),
    SendCase("wrong credentials", http(401, {"code": 20003}), Rejected(Fault.ACCOUNT, "20003")),
    SendCase("401 of a proxy", http(401, b"<html>"), Rejected(Fault.ACCOUNT, "http_401")),
    SendCase("403 without a code", http(403, {}), Rejected(Fault.ACCOUNT, "http_403")),
    SendCase(
        "403 with a code of the number",
        http(403, {"code": 21610}),
        Rejected(Fault.NUMBER, "21610"),
    ),
    SendCase(
        "429 in seconds", http(429, {"code": 20429}, "Retry-After: 9"), Deferred("http_429", 9.0)
    ),
    SendCase(
        "429 by date",
        http(429, b"", f"Retry-After: {format_datetime(NOW + timedelta(seconds=30), usegmt=True)}"),
        Deferred("http_429", 30.0),
    ),
    SendCase("429 without a wait", http(429, b""), Deferred("http_429", 1.0)),
    SendCase("a code that no table has", http(400, {"code": 20001}), OutcomeUnknown("20001")),
    SendCase("a code that is text", http(400, {"code": "21211"}), OutcomeUnknown("http_400")),
    SendCase("a code that is a list", http(400, {"code": [1]}), OutcomeUnknown("http_400")),
    SendCase("400 in HTML", http(400, b"<html>"), OutcomeUnknown("http_400")),
    SendCase("400, too deep", http(400, DEEP), OutcomeUnknown("http_400")),
    SendCase("404", http(404, {"code": 20404}), OutcomeUnknown("20404")),
    SendCase(
        "a redirect", http(307, b"", "Location: http://127.0.0.1:9/"), OutcomeUnknown("http_307")
    ),
    SendCase("500", http(500, {"code": 20500}), OutcomeUnknown("http_500")),
    SendCase("503 with a code", http(503, {"code": 21211}), OutcomeUnknown("http_503")),
    SendCase("200 in HTML", http(200, b"<html>ok</html>"), OutcomeUnknown("unreadable")),
    SendCase("201, empty", http(201, b""), OutcomeUnknown("no_id")),
    SendCase("204", b"HTTP/1.1 204 X\r\n\r\n", OutcomeUnknown("no_id")),
    SendCase("201, null", http(201, b"null"), OutcomeUnknown("unreadable")),
    SendCase("201, a list", http(201, []), OutcomeUnknown("unreadable")),
    SendCase("201, a number", http(201, 5), OutcomeUnknown("unreadable")),
    SendCase("201, too deep", http(201, DEEP), OutcomeUnknown("unreadable")),
    SendCase("201, not UTF-8", http(201, b'{"sid": "\xff"}'), OutcomeUnknown("not_json")),
    SendCase(
        "201, a number without end",
        http(201, b'{"sid": "SM1", "error_code": 1e999}'),
        OutcomeUnknown("unreadable"),
    ),
    SendCase("201 without an id", http(201, {"status": "queued"}), OutcomeUnknown("no_id")),
    SendCase("201 with an empty id", http(201, {"sid": ""}), OutcomeUnknown("no_id")),
    SendCase("201 with a number as id", http(201, {"sid": 7}), OutcomeUnknown("no_id")),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_answer_has_one_outcome_and_leaves_no_trace_in_the_log(
    case: SendCase, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    seen: list[bytes] = []
    one = start(case.reply, seen)
    if case.raises is None:
        assert one.send(SMS) == Accepted(SID)
    else:
        with pytest.raises(SendError) as raised:
            one.send(SMS)
        assert type(raised.value) is type(case.raises)
        assert vars(raised.value) == vars(case.raises)
    assert len(seen) == 1
    for secret in (TOKEN, PHONE[1:], TEXT, "s3cret"):
        assert secret not in caplog.text


@pytest.mark.parametrize(
    ("sender", "options", "sent"),
    [
        ("UBND-LT", {}, {"From": ["UBND-LT"]}),
        ("", {}, {"From": ["+15005550006"]}),
        (
            "UBND-LT",
            {"messaging_service_sid": SERVICE},
            {"MessagingServiceSid": [SERVICE]},
        ),
        (
            "",
            {"messaging_service_sid": SERVICE, "from_number": "+15005550006"},
            {"MessagingServiceSid": [SERVICE]},
        ),
    ],
)
def test_the_request_carries_the_sms_its_sender_and_where_to_report(
    sender: str, options: dict[str, str], sent: dict[str, list[str]], start: Start
) -> None:
    seen: list[bytes] = []
    one = start(http(201, {"sid": SID}), seen, **options)
    one.send(OutboundSms("att_7", PHONE, sender, TEXT, CALLBACK))
    head, _, body = seen[0].partition(b"\r\n\r\n")
    assert head.startswith(f"POST /2010-04-01/Accounts/{ACCOUNT}/Messages.json HTTP".encode())
    basic = base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode())
    assert b"Authorization: Basic " + basic in head
    assert parse_qs(body.decode()) == {
        "To": [PHONE],
        "Body": [TEXT],
        "StatusCallback": [CALLBACK],
        **sent,
    }


def test_without_an_address_for_reports_none_is_sent(start: Start) -> None:
    seen: list[bytes] = []
    start(http(201, {"sid": SID}), seen).send(OutboundSms("att_7", PHONE, "", TEXT))
    assert b"StatusCallback" not in seen[0]


# Looking up

REF = AttemptRef("att_7", PHONE, "UBND-LT", TEXT, NOW, taken=frozenset({"SMtaken"}))


def row(sid: str | None = SID, after_s: float = 1, **changes: object) -> dict[str, object]:
    created = format_datetime(NOW + timedelta(seconds=after_s))
    return {
        "sid": sid,
        "body": TEXT,
        "to": PHONE,
        "status": "queued",
        "direction": "outbound-api",
        "date_created": created,
        **changes,
    }


def page(*rows: object, more: bool = False) -> bytes:
    return http(200, {"messages": list(rows), "next_page_uri": "/next" if more else None})


def found(sid: str = SID, report: Report = Report.SENT, code: str = "") -> Found:
    return Found(sid, Receipt("twilio", report, provider_id=sid, code=code))


@dataclass(frozen=True)
class LookUp:
    name: str
    reply: bytes
    answer: Found | Absent | None  # none: it cannot tell
    ref: AttemptRef = REF


FETCH = AttemptRef("att_7", PHONE, "", TEXT, NOW, provider_id=SID)
LOOK_UPS = [
    LookUp("nothing there", page(), Absent()),
    LookUp("the one", page(row()), found()),
    LookUp("delivered", page(row(status="delivered")), found(report=Report.DELIVERED)),
    LookUp(
        "undelivered with its code",
        page(row(status="undelivered", error_code=30003)),
        found(report=Report.UNDELIVERED, code="30003"),
    ),
    LookUp("a status nobody knows", page(row(status="dreaming")), Found(SID)),
    LookUp(
        "decomposed, with trailing space",
        page(row(body=unicodedata.normalize("NFD", TEXT) + " \n")),
        found(),
    ),
    LookUp(
        "among a thousand to that phone",
        page(*(row(f"SM{n}", body=TEXT * 20) for n in range(999)), row()),
        found(),
    ),
    LookUp("another's words", page(row(body=TEXT + "!")), Absent()),
    LookUp("a citizen's own", page(row(direction="inbound")), Absent()),
    LookUp("an automatic answer", page(row(direction="outbound-reply")), Absent()),
    LookUp("another attempt's", page(row("SMtaken")), Absent()),
    LookUp("as early as clocks differ", page(row(after_s=-30)), found()),
    LookUp("too early", page(row(after_s=-31)), Absent()),
    LookUp("as late as can be", page(row(after_s=900)), found()),
    LookUp("too late", page(row(after_s=901)), Absent()),
    LookUp(
        "the oldest of two", page(row("SMb", 9), row("SMa", 2), row("SMtaken", 1)), found("SMa")
    ),
    LookUp("a full page that reaches far enough back", page(row(after_s=-99), more=True), Absent()),
    LookUp("a full page of later ones", page(row(after_s=950), more=True), None),
    LookUp("a full page of a citizen's own", page(row(direction="inbound"), more=True), None),
    LookUp("an empty page with more to come", page(more=True), None),
    LookUp("no list", http(200, {}), None),
    LookUp("a list of null", http(200, {"messages": None}), None),
    LookUp("rows that are none", page(None, 5), None),
    LookUp("a row without time", page(row(date_created=None)), None),
    LookUp("a row without id", page(row(sid=None)), None),
    LookUp("HTML", http(200, b"<html>"), None),
    LookUp("too deep", http(200, DEEP), None),
    LookUp("401", http(401, {"code": 20003}), None),
    LookUp("429", http(429, {}, "Retry-After: 3"), None),
    LookUp("500", http(500, {}), None),
    LookUp("never whole", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{", None),
    LookUp("by id", http(200, row(status="read")), found(report=Report.DELIVERED), FETCH),
    LookUp("by id, gone", http(404, {"code": 20404}), None, FETCH),
    LookUp("by id, nothing in it", http(200, {}), None, FETCH),
    LookUp("by id, a list", http(200, []), None, FETCH),
]


@pytest.mark.parametrize("case", LOOK_UPS, ids=lambda case: case.name)
def test_a_look_up_finds_the_one_or_tells_that_it_cannot_tell(case: LookUp, start: Start) -> None:
    seen: list[bytes] = []
    one = start(case.reply, seen)
    if case.answer is None:
        with pytest.raises(Deferred):
            one.look_up(case.ref)
    else:
        assert one.look_up(case.ref) == case.answer
    path = f"/2010-04-01/Accounts/{ACCOUNT}/Messages"
    assert seen[0].startswith(
        f"GET {path}/{SID}.json ".encode()
        if case.ref is FETCH
        else f"GET {path}.json?To=%2B84912345678&PageSize=1000 ".encode()
    )


def test_a_look_up_that_must_wait_says_how_long(start: Start) -> None:
    with pytest.raises(Deferred) as raised:
        start(http(429, {}, "Retry-After: 3")).look_up(REF)
    assert raised.value.retry_after_s == 3


# Webhooks


def signed(form: dict[str, str], url: str = CALLBACK, token: str = TOKEN) -> WebhookRequest:
    query = parse_qsl(url.partition("?")[2])
    return WebhookRequest(
        "POST",
        url,
        {"x-twilio-signature": signing.twilio(token, url, form)},
        query,
        urlencode(form).encode(),
        dict(query).get("attempt"),
    )


@pytest.fixture
def deaf(http_caller: HttpCaller) -> TwilioGateway:
    """A gateway that is only ever called, not calling."""
    return gateway("http://127.0.0.1:9", http_caller)


@pytest.mark.parametrize(
    ("status", "report"),
    [
        ("accepted", Report.SENT),
        ("scheduled", Report.SENT),
        ("queued", Report.SENT),
        ("sending", Report.SENT),
        ("partially_delivered", Report.SENT),
        ("sent", Report.SENT),
        ("delivered", Report.DELIVERED),
        ("read", Report.DELIVERED),
        ("undelivered", Report.UNDELIVERED),
        ("failed", Report.UNDELIVERED),
        ("canceled", Report.UNDELIVERED),
    ],
)
def test_a_status_callback_is_a_receipt_of_our_attempt(
    status: str, report: Report, deaf: TwilioGateway
) -> None:
    form = {"MessageSid": SID, "MessageStatus": status, "ErrorCode": "30003", "To": PHONE}
    assert deaf.parse_receipts(signed(form)) == [
        Receipt("twilio", report, provider_id=SID, reference="att_7", code="30003")
    ]


def test_a_receipt_without_our_attempt_goes_by_their_id(deaf: TwilioGateway) -> None:
    request = signed({"MessageSid": SID, "MessageStatus": "sent"}, "https://bt.test/r")
    assert deaf.parse_receipts(request) == [Receipt("twilio", Report.SENT, provider_id=SID)]


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"MessageSid": SID},
        {"MessageStatus": "sent"},
        {"MessageSid": "", "MessageStatus": "sent"},
        {"MessageSid": SID, "MessageStatus": "dreaming"},
    ],
)
def test_a_signed_callback_without_sense_is_refused_as_such(
    form: dict[str, str], deaf: TwilioGateway
) -> None:
    with pytest.raises(BadWebhook):
        deaf.parse_receipts(signed(form))
    with pytest.raises(BadWebhook):
        deaf.parse_inbound(signed(form))


def test_a_citizens_words_come_as_written(deaf: TwilioGateway) -> None:
    form = {"MessageSid": SID, "From": PHONE, "To": "+15005550006", "Body": " TRA CỨU & 1=2 "}
    inbound = deaf.parse_inbound(signed(form))
    assert (inbound.provider_id, inbound.sender, inbound.to, inbound.text) == (
        SID,
        PHONE,
        "+15005550006",
        " TRA CỨU & 1=2 ",
    )


FORM = {"MessageSid": SID, "MessageStatus": "delivered", "Body": "", "From": PHONE, "To": "1"}
GOOD = signed(FORM)
FORGERIES: dict[str, dict[str, Any]] = {
    "no signature": {"headers": {}},
    "an empty one": {"headers": {"X-Twilio-Signature": ""}},
    "one beyond ASCII": {"headers": {"X-Twilio-Signature": "ÿ" * 28}},
    "another's token": {"headers": signed(FORM, token="other").headers},
    "another attempt": {"url": CALLBACK.replace("att_7", "att_8")},
    "another host": {"url": CALLBACK.replace("bt.test", "evil.test")},
    "no query": {"url": CALLBACK.partition("?")[0]},
    "one field more": {"body": GOOD.body + b"&MessageStatus=sent"},
    "one field less": {"body": GOOD.body.partition(b"&")[2]},
    "no body": {"body": b""},
    "JSON": {"body": b'{"MessageSid": "SM1"}'},
    "no text at all": {"body": b"\xff\xfe"},
}


@pytest.mark.parametrize("changes", FORGERIES.values(), ids=FORGERIES.keys())
def test_a_forgery_is_refused_before_it_is_read(
    changes: dict[str, Any], deaf: TwilioGateway
) -> None:
    parts = {name: getattr(GOOD, name) for name in ("method", "url", "headers", "query", "body")}
    request = WebhookRequest(**{**parts, **changes})
    for parse in (deaf.parse_receipts, deaf.parse_inbound):
        with pytest.raises(BadSignature):
            parse(request)


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(at=st.integers(0, len(GOOD.headers["x-twilio-signature"]) * 8 - 17))
def test_no_flipped_bit_of_a_signature_passes(at: int, deaf: TwilioGateway) -> None:
    signature = bytearray(GOOD.headers["x-twilio-signature"].encode())
    signature[at // 8] ^= 1 << at % 8
    headers = {"X-Twilio-Signature": signature.decode("latin-1")}
    with pytest.raises(BadSignature):
        deaf.parse_receipts(WebhookRequest("POST", GOOD.url, headers, GOOD.query, GOOD.body))


def test_a_field_given_twice_is_signed_with_both_values(deaf: TwilioGateway) -> None:
    url = "https://bt.test/r"
    text = f"{url}MessageSid{SID}MessageStatusdeliveredMessageStatussent"
    signature = signing.twilio(TOKEN, text, {})
    body = f"MessageSid={SID}&MessageStatus=sent&MessageStatus=delivered".encode()
    request = WebhookRequest("POST", url, {"X-Twilio-Signature": signature}, [], body)
    assert deaf.parse_receipts(request)[0].report is Report.DELIVERED


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"account_sid": ""}, "BAOTIN_TWILIO_ACCOUNT_SID"),
        ({"auth_token": ""}, "BAOTIN_TWILIO_AUTH_TOKEN"),
        ({"from_number": ""}, "BAOTIN_TWILIO_FROM_NUMBER"),
    ],
)
def test_a_missing_option_is_named_by_its_variable(
    options: dict[str, str], named: str, http_caller: HttpCaller
) -> None:
    with pytest.raises(GatewayConfigError, match=named):
        gateway("", http_caller, **options)


def test_while_the_token_is_changed_calls_signed_with_either_are_heard(
    http_caller: HttpCaller,
) -> None:
    changing = gateway("http://127.0.0.1:9", http_caller, auth_token_old="the-one-before")
    for token in (TOKEN, "the-one-before"):
        assert changing.parse_receipts(signed(FORM, token=token))[0].report is Report.DELIVERED
    with pytest.raises(BadSignature):
        changing.parse_receipts(signed(FORM, token="other"))


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (http(200, {"balance": "20.5", "currency": "USD"}), Balance(Decimal("20.5"), "USD")),
        (http(200, {"balance": "-0.1", "currency": "USD"}), Balance(Decimal("-0.1"), "USD")),
        (http(200, {"balance": "many", "currency": "USD"}), Deferred),
        (http(200, {"balance": "NaN", "currency": "USD"}), Deferred),
        (http(200, {"balance": None, "currency": "USD"}), Deferred),
        (http(200, {"balance": "1", "currency": 5}), Deferred),
        (http(200, {}), Deferred),
        (http(200, DEEP), Deferred),
        (http(404, {"code": 20404}), Deferred),  # a subaccount
        (http(401, {"code": 20003}), Rejected),
        (http(500, b""), Deferred),
    ],
)
def test_the_balance_is_told_or_not(
    reply: bytes, expected: Balance | type[SendError], start: Start
) -> None:
    seen: list[bytes] = []
    one = start(reply, seen)
    if isinstance(expected, Balance):
        assert one.balance() == expected
    else:
        with pytest.raises(expected):
            one.balance()
    assert seen[0].startswith(f"GET /2010-04-01/Accounts/{ACCOUNT}/Balance.json ".encode())
