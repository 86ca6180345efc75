"""FPT: its answers, its token, and what is not there."""

import base64
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from config.gateways import GatewaySettings
from gateways import registry
from gateways.adapter import GatewayConfigError, Tools
from gateways.base import (
    Accepted,
    BadWebhook,
    ChecksCredentials,
    Deferred,
    Fault,
    OutcomeUnknown,
    Rejected,
    WebhookRequest,
)
from gateways.fpt import CODES, DEFERS
from gateways.http import HttpCaller
from gateways.tokens import OwnTokens
from notifier.domain.clock import ManualClock
from notifier.domain.operators import Operator
from tests.gateways.cases import (
    DEEP,
    NOW,
    SENDER,
    TEXT,
    Played,
    Seen,
    SendCase,
    callback,
    http,
    ref,
    sms,
)

Play = Callable[..., Played]

NAME = "fpt"
SECRET = "a-secret-of-tests"
OPTIONS = {"client_id": "office", "client_secret": SECRET, "accents": "1"}
TOKEN = http(200, {"access_token": "t0k3n", "expires_in": 3600, "token_type": "Bearer"})


def refused(code: object, name: str = "error") -> dict[str, object]:
    return {name: code, "error_description": "words"}


TAKEN = {"MessageId": 12, "Phone": "84912345678", "BrandName": SENDER, "PartnerId": "p"}
CASES = [
    SendCase("taken", http(200, TAKEN), Accepted("12")),
    SendCase(
        "the operator",
        http(200, {**TAKEN, "Telco": "Viettel"}),
        Accepted("12", Operator.VIETTEL),
    ),
    SendCase("an operator of no table", http(200, {**TAKEN, "Telco": "x"}), Accepted("12")),
    SendCase("an id as text", http(200, {**TAKEN, "MessageId": "m1"}), Accepted("m1")),
    SendCase("errors that are none", http(200, {**TAKEN, "Error": None}), Accepted("12")),
    *(
        SendCase(code, http(400, refused(int(code))), Rejected(fault, code))
        for code, fault in CODES.items()
        if code not in {"1011", "1013"}
    ),
    *(
        SendCase(c, http(200, refused(c, "Error")), Deferred(c, s, only_this=True))
        for c, s in DEFERS.items()
    ),
    SendCase("a code of no table", http(400, refused(2999)), OutcomeUnknown("2999")),
    SendCase("the server fails", http(400, refused(1006)), OutcomeUnknown("1006")),
    SendCase("a code with words", http(400, refused("số 0912345678")), OutcomeUnknown("http_400")),
    SendCase("a success of another status", http(404, TAKEN), OutcomeUnknown("http_404")),
    SendCase("no id", http(200, {**TAKEN, "MessageId": None}), OutcomeUnknown("no_id")),
    SendCase("429", http(429, b"", "Retry-After: 2"), Deferred("http_429", 2.0)),
    SendCase("500", http(500, TAKEN), OutcomeUnknown("http_500")),
    SendCase("no JSON", http(200, b"<html>"), OutcomeUnknown("not_json")),
    SendCase("too deep", http(200, DEEP), OutcomeUnknown("not_json")),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_answer_has_one_outcome(
    case: SendCase, play: Play, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    played = play(NAME, OPTIONS, TOKEN, case.reply)
    if isinstance(case.answer, Accepted):
        assert played.gateway.send(sms(NAME)) == case.answer
    else:
        with pytest.raises(type(case.answer)) as raised:
            played.gateway.send(sms(NAME))
        assert vars(raised.value) == vars(case.answer)
    asked, sent = played.seen
    session = asked.json["session_id"]
    assert (asked.method, asked.path) == ("POST", "/oauth2/token")
    assert asked.json == {
        "grant_type": "client_credentials",
        "client_id": "office",
        "client_secret": SECRET,
        "scope": "send_brandname_otp",
        "session_id": session,
    }
    assert (sent.method, sent.path) == ("POST", "/api/push-brandname-otp")
    assert sent.json == {
        "access_token": "t0k3n",
        "session_id": session,
        "BrandName": SENDER,
        "Phone": "84912345678",
        "Message": base64.b64encode(TEXT.encode()).decode(),
        "RequestId": "att_7",
    }
    for secret in (SECRET, "t0k3n", "912345678", TEXT):
        assert secret not in caplog.text


@pytest.mark.parametrize("code", ["1011", "1013"])
def test_a_token_that_is_refused_is_asked_for_anew_once(play: Play, code: str) -> None:
    no = http(400, refused(int(code)))
    played = play(NAME, OPTIONS, TOKEN, no, TOKEN.replace(b"t0k3n", b"fresh"), http(200, TAKEN))
    assert played.gateway.send(sms(NAME)) == Accepted("12")
    assert [seen.path[-5:] for seen in played.seen] == ["token", "e-otp", "token", "e-otp"]
    assert played.seen[3].json["access_token"] == "fresh"
    again = play(NAME, OPTIONS, TOKEN, no, TOKEN, no)
    with pytest.raises(Rejected) as raised:
        again.gateway.send(sms(NAME))
    assert (raised.value.fault, raised.value.code) == (Fault.ACCOUNT, code)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (http(400, refused(1008)), Rejected(Fault.ACCOUNT, "1008")),
        (http(401, refused("invalid_client")), Rejected(Fault.ACCOUNT, "invalid_client")),
        (http(400, refused(1006)), Deferred("no_token")),
        (http(200, {}), Deferred("no_token")),
        (http(200, {"access_token": ["x"]}), Deferred("no_token")),
        (http(200, b"x"), Deferred("not_json")),
        (http(500, b""), Deferred("http_500")),
        (http(429, b""), Deferred("http_429", 1.0)),
    ],
)
def test_without_a_token_nothing_is_sent(
    play: Play, answer: bytes, outcome: Rejected | Deferred
) -> None:
    played = play(NAME, OPTIONS, answer)
    with pytest.raises(type(outcome)) as raised:
        played.gateway.send(sms(NAME))
    assert vars(raised.value) == vars(outcome)
    (seen,) = played.seen
    assert seen.path == "/oauth2/token"


def test_processes_share_one_session_and_one_token(
    serve: Callable[..., str], http_caller: HttpCaller
) -> None:
    seen: list[Seen] = []

    def script(connection: socket.socket, request: bytes) -> bool:
        seen.append(Seen.read(request))
        connection.sendall(TOKEN if seen[-1].path == "/oauth2/token" else http(200, TAKEN))
        return True

    clock = ManualClock(NOW)
    tools, url = Tools(http_caller, clock, OwnTokens(clock)), serve(script)
    settings = GatewaySettings(NAME, url, OPTIONS)
    processes = [registry.load([settings], tools)[NAME] for _ in range(4)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: processes[n % 4].send(sms(NAME)), range(16)))
    tokens = [one for one in seen if one.path == "/oauth2/token"]
    assert (len(tokens), len(seen)) == (1, 17)
    assert len({one.json["session_id"] for one in seen}) == 1
    clock.advance(timedelta(hours=1))
    processes[0].send(sms(NAME))
    assert len([one for one in seen if one.path == "/oauth2/token"]) == 2


def test_accents_go_only_where_the_contract_lets_them(play: Play) -> None:
    played = play(NAME, {**OPTIONS, "accents": "0"}, TOKEN, http(200, TAKEN))
    with pytest.raises(Rejected) as raised:
        played.gateway.send(sms(NAME))
    assert (raised.value.fault, raised.value.code) == (Fault.CONTENT, "accents")
    assert played.gateway.send(sms(NAME, text="Ho so da xong")) == Accepted("12")
    with pytest.raises(GatewayConfigError, match="BAOTIN_FPT_ACCENTS takes 0 or 1"):
        play(NAME, {**OPTIONS, "accents": "yes"})


@pytest.mark.parametrize(("sender", "named"), [("", "UBND-TA"), (SENDER, SENDER)])
def test_an_office_without_a_brandname_uses_the_accounts(
    play: Play, sender: str, named: str
) -> None:
    played = play(NAME, {**OPTIONS, "brandname": "UBND-TA"}, TOKEN, http(200, TAKEN))
    played.gateway.send(sms(NAME, sender=sender))
    assert played.seen[1].json["BrandName"] == named


def test_credentials_are_checked_by_a_token(play: Play) -> None:
    gateway = play(NAME, OPTIONS, TOKEN, http(400, refused(1008))).gateway
    assert isinstance(gateway, ChecksCredentials)
    gateway.check_credentials()
    with pytest.raises(Rejected):
        gateway.check_credentials()


def test_nothing_can_be_asked_and_nothing_is_pushed(play: Play) -> None:
    gateway = play(NAME, OPTIONS).gateway
    for provider_id in (None, "12"):
        with pytest.raises(Deferred):
            gateway.look_up(ref(provider_id=provider_id))
    call = WebhookRequest("POST", callback(NAME), {}, [], b"{}")
    for parse in (gateway.parse_receipts, gateway.parse_inbound):
        with pytest.raises(BadWebhook):
            parse(call)
