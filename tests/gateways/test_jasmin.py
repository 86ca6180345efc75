"""Jasmin: its answers, its reports, citizens' SMS and the balance."""

from collections.abc import Callable
from decimal import Decimal
from urllib.parse import urlencode

import pytest

from gateways.base import (
    Accepted,
    BadWebhook,
    Balance,
    ChecksCredentials,
    Deferred,
    Fault,
    Gateway,
    OutcomeUnknown,
    Receipt,
    Rejected,
    Report,
    SendError,
    TellsBalance,
    WebhookRequest,
)
from gateways.jasmin import FILTERS, NOT_NOW, NOT_THE_END, REFUSALS, STATES
from tests.gateways.cases import (
    ATTEMPT,
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

NAME = "jasmin"
PASSWORD = "password-of-tst"
OPTIONS = {"username": "office", "password": PASSWORD}
ID = "07033084-5cfd-4812-90a4-e4d24ffb6e3d"  # docs.jasminsms.com, "HTTP response"
SUCCESS = http(200, f'Success "{ID}"'.encode())


def error(status: int, text: str) -> bytes:
    return http(status, f'Error "{text}"'.encode())


CASES = [
    SendCase("queued", SUCCESS, Accepted(ID)),
    *(
        SendCase(begins, error(400, f"{begins}: x"), Rejected(fault, "http_400"))
        for begins, fault in REFUSALS.items()
    ),
    *(
        SendCase(
            ends,
            error(400, f"Value filter failed for user [office] {ends}"),
            Rejected(fault, "http_400"),
        )
        for ends, fault in FILTERS.items()
    ),
    SendCase(
        "no credit",
        error(403, "Cannot charge submit_sm, check RouterPB log file for details"),
        Rejected(Fault.ACCOUNT, "http_403"),
    ),
    *(
        SendCase(text, error(status, text), Deferred(*NOT_NOW[text]))
        for text, status in zip(NOT_NOW, (403, 412, 500), strict=True)
    ),
    SendCase("no route", error(412, "No route found"), Rejected(Fault.CHANNEL, "http_412")),
    SendCase("a text of no table", error(400, "Unheard of"), OutcomeUnknown("http_400")),
    SendCase("another filter", error(400, "Value filter failed"), OutcomeUnknown("http_400")),
    SendCase("an error as a success", error(200, "No route found"), OutcomeUnknown("http_200")),
    SendCase("a success as an error", http(400, SUCCESS), OutcomeUnknown("http_400")),
    SendCase("another success", http(202, b'Success "1"'), OutcomeUnknown("http_202")),
    SendCase("no id", http(200, b'Success ""'), OutcomeUnknown("http_200")),
    SendCase("an id of words", http(200, b'Success "a b"'), OutcomeUnknown("http_200")),
    SendCase("crashed", error(500, "Unknown error: x"), OutcomeUnknown("http_500")),
    SendCase("429", http(429, b"", "Retry-After: 2"), Deferred("http_429", 2.0)),
    SendCase("no UTF-8", http(200, b"\xff\xfe"), OutcomeUnknown("http_200")),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_answer_has_one_outcome(
    case: SendCase, play: Play, caplog: pytest.LogCaptureFixture
) -> None:
    seen = hold(case, play(NAME, OPTIONS, case.reply), caplog, secrets=[PASSWORD])
    assert (seen.method, seen.path, seen.query) == ("POST", "/send", {})
    assert seen.form == {
        "username": "office",
        "password": PASSWORD,
        "to": "84912345678",
        "from": SENDER,
        "coding": "8",
        "hex-content": TEXT.encode("utf-16-be").hex(),
        "dlr": "yes",
        "dlr-level": "3",
        "dlr-method": "POST",
        "dlr-url": callback(NAME),
    }


def test_an_answer_cut_short_is_unknown(play: Play) -> None:
    with pytest.raises(OutcomeUnknown):
        play(NAME, OPTIONS, CUT_SHORT).gateway.send(sms(NAME))


@pytest.mark.parametrize("text", ["Ho so da xong", "[x] € {y}", "@_$"])
def test_words_that_seven_bits_hold_go_as_words(play: Play, text: str) -> None:
    played = play(NAME, OPTIONS, SUCCESS)
    played.gateway.send(sms(NAME, text=text))
    assert (played.seen[0].form["coding"], played.seen[0].form["content"]) == ("0", text)
    assert "hex-content" not in played.seen[0].form


def test_emoji_go_as_a_pair(play: Play) -> None:
    played = play(NAME, OPTIONS, SUCCESS)
    played.gateway.send(sms(NAME, text="🎉"))
    assert played.seen[0].form["hex-content"] == "d83cdf89"


@pytest.mark.parametrize("own", ["", "8088"])
def test_an_sms_without_a_sender_has_the_gateways_or_leaves_it_to_jasmin(
    play: Play, own: str
) -> None:
    played = play(NAME, {**OPTIONS, "sender": own}, SUCCESS)
    played.gateway.send(sms(NAME, sender=""))
    assert played.seen[0].form.get("from", "") == own


def test_without_an_address_no_report_is_asked_for(play: Play) -> None:
    played = play(NAME, OPTIONS, SUCCESS)
    played.gateway.send(sms(NAME, callback_url=None))
    assert not {name for name in played.seen[0].form if name.startswith("dlr")}


# Balance: docs.jasminsms.com, "Checking account balance"; refusals are JSON there


@pytest.mark.parametrize(
    ("status", "body", "left", "known"),
    [
        (200, {"balance": 100.0, "sms_count": "ND"}, Balance(Decimal("100.0"), "USD"), None),
        (200, {"balance": 0.1, "sms_count": 5}, Balance(Decimal("0.1"), "USD"), None),
        (200, {"balance": "ND", "sms_count": "ND"}, Deferred, None),
        (200, [], Deferred, None),
        (200, DEEP, Deferred, Deferred),
        (403, "Authentication failure for username:office", Rejected, Rejected),
        (400, "Authorization failed for user [office] (Cannot check balance).", Deferred, None),
        (400, {}, Deferred, Deferred),
        (403, b"<html>", Deferred, Deferred),
        (500, "Unknown error: x", Deferred, Deferred),
    ],
)
def test_a_balance_is_told_or_not(
    play: Play, status: int, body: object, left: Balance | type[SendError], known: type | None
) -> None:
    reply = http(status, body)
    played = play(NAME, {**OPTIONS, "currency": "USD"}, reply, reply)
    gateway = played.gateway
    assert isinstance(gateway, TellsBalance)
    assert isinstance(gateway, ChecksCredentials)
    if isinstance(left, Balance):
        assert gateway.balance() == left
    else:
        with pytest.raises(left):
            gateway.balance()
    if known is None:
        gateway.check_credentials()
    else:
        with pytest.raises(known):
            gateway.check_credentials()
    assert (played.seen[0].method, played.seen[0].path) == ("GET", "/balance")
    assert played.seen[0].query == OPTIONS


# What it calls


@pytest.fixture
def deaf(play: Play) -> Gateway:
    """A gateway that is only ever called, not calling."""
    return play(NAME, OPTIONS).gateway


def test_nothing_can_be_looked_up(deaf: Gateway) -> None:
    with pytest.raises(Deferred):
        deaf.look_up(ref())


def called(told: dict[str, str], attempt: str | None = ATTEMPT) -> WebhookRequest:
    return WebhookRequest("POST", callback(NAME), {}, [], urlencode(told).encode(), attempt)


LEVEL_1 = {"id": ID, "level": "1", "message_status": "ESME_ROK", "connector": "smpp-01"}
LEVEL_2 = {
    **LEVEL_1,
    "level": "2",
    "message_status": "DELIVRD",
    "id_smsc": "2567",
    "sub": "001",
    "dlvrd": "001",
    "subdate": "2611251057",
    "donedate": "2611251058",
    "err": "000",
    "text": "Ho so da co ket qua.",
}


@pytest.mark.parametrize(
    ("told", "report", "code"),
    [
        *(({**LEVEL_1, "message_status": s}, Report.SENT, s) for s in sorted(NOT_THE_END)),
        ({**LEVEL_1, "message_status": "ESME_RINVDSTADR"}, Report.UNDELIVERED, "ESME_RINVDSTADR"),
        *(({**LEVEL_2, "message_status": s}, report, s) for s, report in STATES.items()),
        ({**LEVEL_2, "err": "044"}, Report.DELIVERED, "DELIVRD 044"),
        ({**LEVEL_2, "err": "see +84912345678"}, Report.DELIVERED, "DELIVRD"),
    ],
)
def test_a_report_is_of_both_ids(
    deaf: Gateway, told: dict[str, str], report: Report, code: str
) -> None:
    expected = [Receipt(NAME, report, ID, ATTEMPT, code)]
    assert deaf.parse_receipts(called(told)) == expected
    by_get = WebhookRequest("GET", callback(NAME), {}, list(told.items()), b"", ATTEMPT)
    assert deaf.parse_receipts(by_get) == expected


@pytest.mark.parametrize(
    "changes",
    [
        {"id": ""},
        {"level": "1"},
        {"level": ""},
        {"message_status": ""},
        {"message_status": "GONE"},
        {"message_status": "ESME_ROK"},
    ],
)
def test_a_report_without_sense_is_refused(deaf: Gateway, changes: dict[str, str]) -> None:
    with pytest.raises(BadWebhook):
        deaf.parse_receipts(called({**LEVEL_2, **changes}))


def brought(words: bytes, coding: str = "0") -> dict[str, str]:
    told = {"id": ID, "from": "84912345678", "to": "8088", "origin-connector": "smpp-01"}
    return {**told, "coding": coding, "binary": words.hex()}


@pytest.mark.parametrize(
    ("told", "text"),
    [
        (brought(b"TC H29-1 "), "TC H29-1 "),
        (brought("TC 1 cảm ơn 🎉".encode("utf-16-be"), "8"), "TC 1 cảm ơn 🎉"),
        (brought("ồ".encode("utf-16-be"), "\b"), "ồ"),
        (brought("à".encode("latin-1"), "3"), "à"),
        (brought("à".encode("latin-1"), "\0"), "à"),
        (brought(b""), ""),
    ],
)
def test_a_citizens_words_are_read_by_their_coding(
    deaf: Gateway, told: dict[str, str], text: str
) -> None:
    inbound = deaf.parse_inbound(called(told))
    assert (inbound.provider_id, inbound.sender, inbound.to) == (ID, "84912345678", "8088")
    assert inbound.text == text


@pytest.mark.parametrize(
    "told",
    [
        brought(b"x", "4"),
        brought(b"x", "8"),
        {**brought(b"x"), "binary": "x"},
        {**brought(b"x"), "id": ""},
        {**brought(b"x"), "from": ""},
        {**brought(b"x"), "to": ""},
        {"id": ID, "from": "1", "to": "2"},
    ],
)
def test_a_citizens_sms_needs_all_its_parts(deaf: Gateway, told: dict[str, str]) -> None:
    with pytest.raises(BadWebhook):
        deaf.parse_inbound(called(told))


def test_a_body_that_is_no_form_is_refused(deaf: Gateway) -> None:
    call = WebhookRequest("POST", callback(NAME), {}, [], b"\xff", ATTEMPT)
    with pytest.raises(BadWebhook):
        deaf.parse_receipts(call)
