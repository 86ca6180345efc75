"""Zalo: its answers, its token pair, its events, and who is told by SMS instead."""

import hashlib
import hmac
import json
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from config.gateways import GatewaySettings
from gateways import registry
from gateways.adapter import GatewayConfigError, Tools
from gateways.base import (
    Accepted,
    BadSignature,
    BadWebhook,
    Balance,
    ChecksCredentials,
    Deferred,
    Fault,
    Found,
    Gateway,
    OutcomeUnknown,
    Parameter,
    Receipt,
    RegisteredTemplate,
    Rejected,
    Report,
    TellsBalance,
    WebhookRequest,
)
from gateways.http import HttpCaller
from gateways.tokens import OwnTokens, Token
from gateways.zalo_codes import CODES, DEFERS, NIGHT, TOKEN_REFUSED
from notifier.domain.clock import ManualClock
from notifier.services.wiring import Wiring
from tests.gateways.cases import (
    DEEP,
    NOW,
    SECRET,
    LookUpCase,
    Played,
    Seen,
    SendCase,
    callback,
    http,
    ref,
    sms,
)
from tests.gateways.test_tokens import shared

Play = Callable[..., Played]

NAME = "zalo"
KEY, WEBHOOK_KEY, FIRST = "a-secret-of-tests", "a-key-of-tests", "first-of-tests"
OPTIONS = {"app_id": "2074138120372622546", "secret_key": KEY, "refresh_token": FIRST}
TEMPLATE = RegisteredTemplate(
    "7895417a", (Parameter("ma_ho_so", "H29-1"), Parameter("noi_nhan", "Quầy 3"))
)
MSG = {"msg_id": "a4d0243feee163bd3af2", "sent_time": "1626926349402"}
TAKEN = http(200, {"error": 0, "message": "Success", "data": MSG})


def pair(access: str = "t0k3n", refresh: str = "next") -> bytes:
    told = {"access_token": access, "refresh_token": refresh, "expires_in": "90000"}
    return http(200, told)


def error(code: object, status: int = 200) -> bytes:
    return http(status, {"error": code, "message": "words"})


@pytest.fixture
def made(
    serve: Callable[..., str], http_caller: HttpCaller
) -> Callable[..., tuple[Gateway, list[Seen], ManualClock]]:
    """A gateway whose messages and tokens are answered in turn, from one provider."""

    def make(*replies: bytes, **options: str) -> tuple[Gateway, list[Seen], ManualClock]:
        seen: list[Seen] = []
        left = list(replies)

        def script(connection: socket.socket, request: bytes) -> bool:
            seen.append(Seen.read(request))
            connection.sendall(left.pop(0))
            return True

        url, clock = serve(script), ManualClock(NOW)
        settings = GatewaySettings(NAME, url, {**OPTIONS, "oauth_url": url, **options}, 2.0)
        tools = Tools(http_caller, clock, OwnTokens(clock))
        return registry.load([settings], tools)[NAME], seen, clock

    return make


CASES = [
    SendCase("taken", TAKEN, Accepted(MSG["msg_id"])),
    *(
        SendCase(str(code), error(code), Rejected(fault, str(code)))
        for code, fault in CODES.items()
        if code not in TOKEN_REFUSED
    ),
    *(SendCase(str(c), error(c), Deferred(str(c), wait)) for c, wait in DEFERS.items()),
    # 09:00 UTC is 16:00 there
    SendCase("night", error(NIGHT), Deferred(str(NIGHT), 14 * 3600.0, only_this=True)),
    SendCase("unknown error", error(-100), OutcomeUnknown("-100")),
    SendCase("a code of no table", error(-999), OutcomeUnknown("-999")),
    SendCase("no number", error("-108"), OutcomeUnknown("http_200")),
    SendCase("true", error(True), OutcomeUnknown("http_200")),
    SendCase("no error", http(400, {"message": "Bad Request"}), OutcomeUnknown("http_400")),
    SendCase("no id", http(200, {"error": 0, "data": {}}), OutcomeUnknown("no_id")),
    SendCase("no data", http(200, {"error": 0}), OutcomeUnknown("no_id")),
    SendCase("another status", http(404, {"error": 0, "data": MSG}), OutcomeUnknown("http_404")),
    SendCase("429", http(429, b"", "Retry-After: 2"), Deferred("http_429", 2.0)),
    SendCase("500", error(-108, 500), OutcomeUnknown("http_500")),
    SendCase("no JSON", http(200, b"<html>"), OutcomeUnknown("not_json")),
    SendCase("too deep", http(200, DEEP), OutcomeUnknown("not_json")),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_answer_has_one_outcome(
    case: SendCase, made: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    gateway, seen, _ = made(pair(), case.reply)
    one = sms(NAME, template=TEMPLATE)
    if isinstance(case.answer, Accepted):
        assert gateway.send(one) == case.answer
    else:
        with pytest.raises(type(case.answer)) as raised:
            gateway.send(one)
        assert vars(raised.value) == vars(case.answer)
    asked, sent = seen
    assert (asked.method, asked.path) == ("POST", "/v4/oa/access_token")
    assert asked.headers["secret_key"] == KEY
    assert asked.form == {
        "refresh_token": FIRST,
        "app_id": OPTIONS["app_id"],
        "grant_type": "refresh_token",
    }
    assert (sent.method, sent.path) == ("POST", "/message/template")
    assert sent.headers["access_token"] == "t0k3n"
    proof = hmac.digest(KEY.encode(), b"t0k3n", "sha256").hex()
    assert sent.headers["appsecret_proof"] == proof
    assert sent.json == {
        "phone": "84912345678",
        "template_id": "7895417a",
        "template_data": {"ma_ho_so": "H29-1", "noi_nhan": "Quầy 3"},
        "tracking_id": "att_7",
    }
    for secret in (KEY, FIRST, "t0k3n", proof, "912345678", "Quầy 3", SECRET):
        assert secret not in caplog.text


@pytest.mark.parametrize("code", [-108, -114, -118, -119, -139, -141])
def test_who_cannot_be_reached_on_zalo_is_told_by_sms(made: Any, code: int) -> None:
    gateway, _, _ = made(pair(), error(code))
    with pytest.raises(Rejected) as raised:
        gateway.send(sms(NAME, template=TEMPLATE))
    assert raised.value.fault is Fault.CHANNEL


def test_words_without_a_template_are_not_sent(made: Any) -> None:
    gateway, seen, _ = made(pair())
    with pytest.raises(Rejected) as raised:
        gateway.send(sms(NAME))
    assert (raised.value.fault, raised.value.code) == (Fault.CONTENT, "template_missing")
    assert [one.path for one in seen] == ["/v4/oa/access_token"]


# The pair


@pytest.mark.parametrize("code", sorted(TOKEN_REFUSED))
def test_a_refused_token_is_renewed_once_with_the_refresh_token_of_its_pair(
    made: Any, code: int
) -> None:
    gateway, seen, _ = made(pair(), error(code), pair("fresh", "third"), TAKEN)
    assert gateway.send(sms(NAME, template=TEMPLATE)) == Accepted(MSG["msg_id"])
    assert [seen[0].form["refresh_token"], seen[2].form["refresh_token"]] == [FIRST, "next"]
    assert seen[3].headers["access_token"] == "fresh"
    again, _, _ = made(pair(), error(code), pair(), error(code))
    with pytest.raises(Rejected) as raised:
        again.send(sms(NAME, template=TEMPLATE))
    assert (raised.value.fault, raised.value.code) == (Fault.ACCOUNT, str(code))


def test_a_broken_chain_is_mended_by_the_token_that_a_person_put_there(made: Any) -> None:
    gateway, seen, clock = made(pair(), TAKEN, error(-14003), pair("fresh"), TAKEN)
    gateway.send(sms(NAME, template=TEMPLATE))
    clock.advance(timedelta(hours=25))
    gateway.send(sms(NAME, template=TEMPLATE))
    asked = [one.form["refresh_token"] for one in seen if one.path == "/v4/oa/access_token"]
    assert asked == [FIRST, "next", FIRST]


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (error(-14003), Rejected(Fault.ACCOUNT, "refresh-14003")),
        (error("words 0912345678"), Rejected(Fault.ACCOUNT, "refresh")),
        (http(200, {}), Deferred("no_token")),
        (http(200, {"access_token": 5}), Deferred("no_token")),
        (http(200, b"x"), Deferred("not_json")),
        (http(500, b""), Deferred("http_500")),
    ],
)
def test_without_a_token_nothing_is_sent(
    made: Any, answer: bytes, outcome: Rejected | Deferred
) -> None:
    gateway, seen, _ = made(answer)
    with pytest.raises(type(outcome)) as raised:
        gateway.send(sms(NAME, template=TEMPLATE))
    assert vars(raised.value) == vars(outcome)
    assert [one.path for one in seen] == ["/v4/oa/access_token"]


def test_of_all_who_need_a_token_one_uses_the_refresh_token(
    serve: Callable[..., str], http_caller: HttpCaller
) -> None:
    used: list[str] = []

    def script(connection: socket.socket, request: bytes) -> bool:
        one = Seen.read(request)
        if one.path == "/message/template":
            connection.sendall(TAKEN)
            return True
        used.append(one.form["refresh_token"])
        connection.sendall(pair(f"access-{len(used)}", f"refresh-{len(used)}"))
        return True

    url, clock = serve(script), ManualClock(NOW)
    settings = GatewaySettings(NAME, url, {**OPTIONS, "oauth_url": url})
    tools = Tools(http_caller, clock, OwnTokens(clock))
    gateways = [registry.load([settings], tools)[NAME] for _ in range(4)]
    one = sms(NAME, template=TEMPLATE)
    for _ in range(3):
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda n: gateways[n % 4].send(one), range(16)))
        clock.advance(timedelta(hours=25))
    assert used == [FIRST, "refresh-1", "refresh-2"]


def test_over_one_database_each_refresh_token_is_used_once_by_one_process(
    serve: Callable[..., str], http_caller: HttpCaller, wiring: Wiring
) -> None:
    used: list[str] = []

    def script(connection: socket.socket, request: bytes) -> bool:
        one = Seen.read(request)
        if one.path == "/message/template":
            connection.sendall(TAKEN)
            return True
        refresh = one.form["refresh_token"]
        known = refresh in {FIRST, f"refresh-{len(used)}"} and refresh not in used
        used.append(refresh)
        time.sleep(0.05)  # long enough for the others to come
        again = pair(f"access-{len(used)}", f"refresh-{len(used)}")
        connection.sendall(again if known else error(-14003))
        return True

    url, clock = serve(script), ManualClock(NOW)
    settings = GatewaySettings(NAME, url, {**OPTIONS, "oauth_url": url})
    processes = [
        registry.load([settings], Tools(http_caller, clock, shared(wiring, clock)))[NAME]
        for _ in range(3)
    ]
    one = sms(NAME, template=TEMPLATE)
    for _ in range(3):
        with ThreadPoolExecutor(6) as pool:
            list(pool.map(lambda n: processes[n % 3].send(one), range(12)))
        clock.advance(timedelta(hours=25))
    assert used == [FIRST, "refresh-1", "refresh-2"]


# Events


def event(told: dict[str, Any], key: str = KEY, signer: str = OPTIONS["app_id"]) -> WebhookRequest:
    body = json.dumps(told, ensure_ascii=False).encode()
    signed = signer.encode() + body + str(told.get("timestamp")).encode() + key.encode()
    mac = f"mac={hashlib.sha256(signed).hexdigest()}"
    # As the API hands headers on.
    return WebhookRequest("POST", callback(NAME), {"X-Zevent-Signature": mac}, [], body)


DELIVERY: dict[str, Any] = {  # the sample of a client's documents
    "sender": {"id": "2893352839501541173"},
    "recipient": {"id": "84123456789"},
    "event_name": "user_received_message",
    "message": {
        "delivery_time": "1602960467432",
        "msg_id": "15a0cc0bbb13bd4ce403",
        "tracking_id": "att_7",
    },
    "app_id": "2074138120372622546",
    "timestamp": "1602560967477",
}
TOLD = Receipt(
    NAME,
    Report.DELIVERED,
    "15a0cc0bbb13bd4ce403",
    "att_7",
    "user_received_message",
    datetime(2020, 10, 17, 18, 47, 47, 432_000, tzinfo=UTC),
)


def test_a_signed_delivery_is_a_receipt(made: Any) -> None:
    gateway, _, _ = made()
    assert gateway.parse_receipts(event(DELIVERY)) == [TOLD]
    keyed, _, _ = made(webhook_key=WEBHOOK_KEY)
    assert keyed.parse_receipts(event(DELIVERY, WEBHOOK_KEY)) == [TOLD]
    named, _, _ = made(oa_id="2893352839501541173")
    assert named.parse_receipts(event(DELIVERY, signer="2893352839501541173")) == [TOLD]


@pytest.mark.parametrize(
    "forged",
    [
        event(DELIVERY, "another key"),
        event(DELIVERY, signer="2893352839501541173"),
        event(DELIVERY, signer=""),
        WebhookRequest("POST", callback(NAME), {}, [], event(DELIVERY).body),
        WebhookRequest("POST", callback(NAME), event(DELIVERY).headers, [], b"{}"),
        WebhookRequest("POST", callback(NAME), event(DELIVERY).headers, [], b""),
        WebhookRequest("POST", callback(NAME), {"X-ZEvent-Signature": "mac=ü"}, [], b"{}"),
    ],
)
def test_what_zalo_did_not_sign_is_not_believed(made: Any, forged: WebhookRequest) -> None:
    gateway, _, _ = made(webhook_key="")
    with pytest.raises(BadSignature):
        gateway.parse_receipts(forged)


@pytest.mark.parametrize(
    "told",
    [
        {"event_name": "follow", "timestamp": "1"},
        {"event_name": "user_send_text", "message": {"text": "x"}, "timestamp": "1"},
        {**DELIVERY, "message": {"msg_id": "m"}},  # of a conversation
        {**DELIVERY, "message": None},
        {**DELIVERY, "message": {**DELIVERY["message"], "delivery_time": "9" * 30}},
    ],
)
def test_other_events_report_nothing(made: Any, told: dict[str, Any]) -> None:
    gateway, _, _ = made()
    assert gateway.parse_receipts(event(told)) == []


def test_a_delivery_of_nothing_is_told_so(made: Any) -> None:
    gateway, _, _ = made()
    told = {**DELIVERY, "message": {"delivery_time": "1602960467432"}}
    with pytest.raises(BadWebhook):
        gateway.parse_receipts(event(told))


def test_who_writes_on_zalo_has_no_phone(made: Any) -> None:
    gateway, _, _ = made()
    with pytest.raises(BadWebhook):
        gateway.parse_inbound(event(DELIVERY))


# Asking


def status(value: object, **more: object) -> bytes:
    return http(200, {"error": 0, "data": {"status": value, "message": "words", **more}})


def found(report: Report, code: str, at: datetime | None = None) -> Found:
    return Found("a4d0", Receipt(NAME, report, "a4d0", None, code, at))


ASKED = ref(provider_id="a4d0")
LOOK_UPS = [
    LookUpCase(
        "delivered",
        status(1, delivery_time="1602960467432"),
        found(Report.DELIVERED, "1", TOLD.occurred_at),
        ASKED,
    ),
    LookUpCase("under way", status(0), found(Report.SENT, "0"), ASKED),
    LookUpCase("not there", status(-1), None, ASKED),
    LookUpCase("true", status(True), None, ASKED),
    LookUpCase("an error", error(-107), None, ASKED),
    LookUpCase("no data", http(200, {"error": 0}), None, ASKED),
    LookUpCase("500", http(500, b""), None, ASKED),
]


@pytest.mark.parametrize("case", LOOK_UPS, ids=lambda case: case.name)
def test_deliveries_are_asked_for_where_zalo_does_not_tell(case: LookUpCase, made: Any) -> None:
    gateway, seen, _ = made(pair(), case.reply, receipts="poll")
    if case.answer is None:
        with pytest.raises(Deferred):
            gateway.look_up(case.question)
    else:
        assert gateway.look_up(case.question) == case.answer
    assert (seen[1].method, seen[1].path) == ("GET", "/message/status")
    assert (seen[1].query, seen[1].headers["access_token"]) == ({"message_id": "a4d0"}, "t0k3n")


def test_nothing_is_asked_by_our_reference_or_without_need(made: Any) -> None:
    for gateway, question in ((made(receipts="poll")[0], ref()), (made()[0], ASKED)):
        with pytest.raises(Deferred):
            gateway.look_up(question)
    with pytest.raises(GatewayConfigError, match="BAOTIN_ZALO_RECEIPTS takes push or poll"):
        made(receipts="never")


def test_credentials_are_checked_by_the_quota(made: Any) -> None:
    quota = http(200, {"error": 0, "data": {"dailyQuota": 500, "remainingQuota": 499}})
    gateway, seen, _ = made(pair(), quota, error(-135), error(-100))
    assert isinstance(gateway, ChecksCredentials)
    gateway.check_credentials()
    assert seen[1].path == "/message/quota"
    with pytest.raises(Rejected):
        gateway.check_credentials()
    with pytest.raises(Deferred):
        gateway.check_credentials()


@pytest.mark.parametrize(
    ("data", "left"),
    [
        ({"dailyQuota": 500, "remainingQuota": 499, "dailyQuotaPromotion": None}, 499),
        ({"dailyQuota": "500", "remainingQuota": "0"}, 0),
        ({"dailyQuota": 500}, None),
        ({"remainingQuota": -1}, None),
        ([], None),
        (None, None),
    ],
)
def test_what_may_still_be_sent_today_stands_for_the_balance(
    made: Any, data: object, left: int | None
) -> None:
    gateway, seen, _ = made(pair(), http(200, {"error": 0, "data": data}))
    assert isinstance(gateway, TellsBalance)
    if left is None:
        with pytest.raises(Deferred):
            gateway.balance()
    else:
        assert gateway.balance() == Balance(Decimal(left), "ZNS")
    assert seen[1].path == "/message/quota"


def test_no_repr_shows_the_pair() -> None:
    assert "t0k3n" not in repr(Token("t0k3n", NOW, "t0k3n"))
