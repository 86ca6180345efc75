"""VietGuys: its answers and its reports."""

import json
from collections.abc import Callable

import pytest

from gateways.base import (
    Accepted,
    BadWebhook,
    Deferred,
    Fault,
    Gateway,
    OutcomeUnknown,
    Receipt,
    Rejected,
    Report,
    WebhookRequest,
)
from gateways.vietguys import CODES, DEFERS
from notifier.domain.operators import Operator
from tests.gateways.cases import (
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

NAME = "vietguys"
PASSWORD = "a-password-of-tests"
OPTIONS = {"username": "office", "password": PASSWORD}


def told(error: object = 0, code: object = 0, msgid: object = "m1") -> dict[str, object]:
    return {"msgid": msgid, "error": error, "error_code": code, "log": "words", "carrier": "VTL"}


CASES = [
    SendCase("taken", http(200, told()), Accepted("m1", Operator.VIETTEL)),
    SendCase("numbers as text", http(200, told("0", "0", 12)), Accepted("12", Operator.VIETTEL)),
    *(SendCase(c, http(200, told(1, int(c))), Rejected(f, c)) for c, f in CODES.items()),
    *(
        SendCase(c, http(200, told(1, c)), Deferred(c, wait, only_this=True))
        for c, wait in DEFERS.items()
    ),
    SendCase("a code as the error", http(200, told(-5, 0)), Rejected(Fault.ACCOUNT, "-5")),
    SendCase("a code as the only word", http(200, {"error": -10}), Rejected(Fault.NUMBER, "-10")),
    SendCase("a code with a status", http(400, told(1, -10)), Rejected(Fault.NUMBER, "-10")),
    SendCase("busy, who knows", http(200, told(1, -2)), OutcomeUnknown("http_200")),
    SendCase("a code of no table", http(200, told(1, -77)), OutcomeUnknown("http_200")),
    SendCase("a code that is a list", http(200, told(1, [-5])), OutcomeUnknown("http_200")),
    SendCase("an error that is none", http(200, told(False)), OutcomeUnknown("http_200")),
    SendCase("a success by another status", http(404, told()), OutcomeUnknown("http_404")),
    SendCase("no id", http(200, told(msgid="")), OutcomeUnknown("no_id")),
    SendCase("429", http(429, b"", "Retry-After: 2"), Deferred("http_429", 2.0)),
    SendCase("500", http(500, told()), OutcomeUnknown("http_500")),
    SendCase("the answer without json=1", http(200, b"-5"), OutcomeUnknown("not_json")),
    SendCase("too deep", http(200, DEEP), OutcomeUnknown("not_json")),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_answer_has_one_outcome(
    case: SendCase, play: Play, caplog: pytest.LogCaptureFixture
) -> None:
    seen = hold(case, play(NAME, OPTIONS, case.reply), caplog, secrets=[PASSWORD])
    assert (seen.method, seen.path) == ("POST", "/api/index.php")
    assert seen.form == {
        "u": "office",
        "pwd": PASSWORD,
        "from": SENDER,
        "phone": "84912345678",
        "sms": TEXT,
        "bid": "att_7",
        "type": "8",
        "json": "1",
    }


def test_words_without_accents_have_another_type(play: Play) -> None:
    played = play(NAME, OPTIONS, http(200, told()))
    played.gateway.send(sms(NAME, text="Ho so da xong"))
    assert played.seen[0].form["type"] == "0"


@pytest.mark.parametrize(("sender", "named"), [("", "UBND-TA"), (SENDER, SENDER)])
def test_an_office_without_a_brandname_uses_the_accounts(
    play: Play, sender: str, named: str
) -> None:
    played = play(NAME, {**OPTIONS, "brandname": "UBND-TA"}, http(200, told()))
    played.gateway.send(sms(NAME, sender=sender))
    assert played.seen[0].form["from"] == named


@pytest.fixture
def deaf(play: Play) -> Gateway:
    """A gateway that is only ever called, not calling."""
    return play(NAME, OPTIONS).gateway


def test_nothing_can_be_looked_up(deaf: Gateway) -> None:
    for provider_id in (None, "m1"):
        with pytest.raises(Deferred):
            deaf.look_up(ref(provider_id=provider_id))


def called(value: object) -> WebhookRequest:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return WebhookRequest("POST", callback(NAME), {}, [], body)


@pytest.mark.parametrize(
    ("status", "report"),
    [
        ("sent", Report.SENT),
        ("delivered", Report.DELIVERED),
        ("fail", Report.UNDELIVERED),
    ],
)
def test_a_report_is_of_the_message_that_it_names(
    deaf: Gateway, status: str, report: Report
) -> None:
    body = {"data": {"message_id": "m1", "status": status}}
    assert deaf.parse_receipts(called(body)) == [
        Receipt(NAME, report, provider_id="m1", code=status)
    ]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        [],
        {"data": None},
        {"data": {"message_id": "m1"}},
        {"data": {"status": "sent"}},
        {"data": {"message_id": "m1", "status": "dreaming"}},
        {"data": {"message_id": "m1", "status": ["sent"]}},
        {"message_id": "m1", "status": "sent"},
    ],
)
def test_a_report_without_sense_is_refused(deaf: Gateway, body: object) -> None:
    with pytest.raises(BadWebhook):
        deaf.parse_receipts(called(body))


def test_no_citizen_writes_through_it(deaf: Gateway) -> None:
    assert deaf.capabilities.inbound_proof is None
    with pytest.raises(BadWebhook):
        deaf.parse_inbound(called({"phone": "84912345678", "sms": "TC 1"}))
