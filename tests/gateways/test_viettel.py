"""Viettel: its envelopes, its refusals, its faults, and XML that means harm."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from gateways.base import (
    Accepted,
    Alphabet,
    BadWebhook,
    Balance,
    Deferred,
    Fault,
    OutcomeUnknown,
    Rejected,
    TellsBalance,
    WebhookRequest,
)
from gateways.viettel import DEFERS, REFUSALS
from tests.gateways.cases import (
    SENDER,
    Played,
    SendCase,
    callback,
    hold,
    http,
    ref,
    sms,
)

Play = Callable[..., Played]

NAME = "viettel"
PASSWORD = "a-password-of-tests"
OPTIONS = {"user": "smsbrand_lt", "password": PASSWORD, "cp_code": "LT"}
HEAD = '<?xml version="1.0" ?><S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/">'


def envelope(inner: str, status: int = 200) -> bytes:
    return http(status, f"{HEAD}<S:Body>{inner}</S:Body></S:Envelope>".encode())


def told(message: str, result: str = "0", status: int = 200) -> bytes:
    return envelope(
        '<ns2:wsCpMtResponse xmlns:ns2="http://impl.bulkSms.ws/"><return>'
        f"<message>{message}</message><result>{result}</result></return></ns2:wsCpMtResponse>",
        status,
    )


def fault(code: str, status: int = 500) -> bytes:
    inner = f"<faultcode>{code}</faultcode><faultstring>said of 0912345678</faultstring>"
    return envelope(f"<S:Fault>{inner}</S:Fault>", status)


BOMB = b'<!DOCTYPE a [<!ENTITY b "%s"><!ENTITY c "%s">]><a>%s</a>' % (
    b"x" * 1000,
    b"&b;" * 100,
    b"&c;" * 100,
)
OUTSIDE = b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]><a>&b;</a>'
VARYING = [
    ("Authenticate: IP_INVALID (YOUR IP: 203.0.113.7)", "Authenticate: IP_INVALID"),
    ("Check ServiceID: ALIAS_INVALID:TELCO=VT", "Check ServiceID: ALIAS_INVALID"),
    (
        "Check Content: MAXLENGTH_LIMIT_612_BYTE (YOUR_CONTENT: 700 BYTE)",
        "Check Content: MAXLENGTH_LIMIT",
    ),
]
CASES = [
    SendCase("taken", told("Insert MT_QUEUE: OK", "1"), Accepted(None)),
    SendCase("more than 1", told("Insert MT_QUEUE: OK", "2"), Accepted(None)),
    *(SendCase(text, told(text), Rejected(whose, text)) for text, whose in REFUSALS.items()),
    *(SendCase(text, told(text), Rejected(REFUSALS[known], known)) for text, known in VARYING),
    *(
        SendCase(text, told(text), Deferred(text, wait, only_this=True))
        for text, wait in DEFERS.items()
    ),
    SendCase("the system fails", told("Check information error"), OutcomeUnknown("result_0")),
    SendCase("words of no list", told("0912345678 is busy"), OutcomeUnknown("result_0")),
    SendCase("no words", told(""), OutcomeUnknown("result_0")),
    SendCase("a result below", told("x", "-1"), OutcomeUnknown("http_200")),
    SendCase("a result of words", told("x", "OK"), OutcomeUnknown("http_200")),
    SendCase("a success of another status", told("x", "1", 404), OutcomeUnknown("http_404")),
    SendCase("our fault", fault("S:Client"), Rejected(Fault.CONTENT, "fault_Client")),
    SendCase("its kind", fault("S:Client.Data"), Rejected(Fault.CONTENT, "fault_Client")),
    SendCase("their fault", fault("S:Server"), OutcomeUnknown("fault")),
    SendCase("a fault with 200", fault("soap:Server", 200), OutcomeUnknown("fault")),
    SendCase("a fault of no code", envelope("<S:Fault/>", 500), OutcomeUnknown("fault")),
    SendCase("500 of a web server", http(500, b"oops"), OutcomeUnknown("http_500")),
    SendCase("503", told("x", "1", 503), OutcomeUnknown("http_503")),
    SendCase("429", http(429, b"", "Retry-After: 2"), Deferred("http_429", 2.0)),
    SendCase("no XML", http(200, b"<html>"), OutcomeUnknown("not_xml")),
    SendCase("no SOAP", http(200, b"<a><b/></a>"), OutcomeUnknown("not_soap")),
    SendCase("no body", http(200, f"{HEAD}</S:Envelope>".encode()), OutcomeUnknown("not_soap")),
    SendCase("another answer", envelope("<x/>"), OutcomeUnknown("http_200")),
    SendCase("entities that grow", http(200, BOMB), OutcomeUnknown("not_xml")),
    SendCase("an entity from outside", http(200, OUTSIDE), OutcomeUnknown("not_xml")),
    SendCase(
        "an encoding of nobody",
        http(200, b'<?xml version="1.0" encoding="x-nobody"?><a/>'),
        OutcomeUnknown("not_xml"),
    ),
    SendCase("nesting", http(200, b"<a>" * 10_000), OutcomeUnknown("not_xml")),
]


def asked(text: str, kind: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns:impl="http://impl.bulkSms.ws/"><soapenv:Header/><soapenv:Body><impl:wsCpMt>'
        f"<User>smsbrand_lt</User><Password>{PASSWORD}</Password><CPCode>LT</CPCode>"
        "<RequestID>69911354509635453</RequestID>"
        "<UserID>84912345678</UserID><ReceiverID>84912345678</ReceiverID>"
        f"<ServiceID>{SENDER}</ServiceID><CommandCode>bulksms</CommandCode>"
        f"<Content>{text}</Content><ContentType>{kind}</ContentType>"
        "</impl:wsCpMt></soapenv:Body></soapenv:Envelope>"
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_answer_has_one_outcome(
    case: SendCase, play: Play, caplog: pytest.LogCaptureFixture
) -> None:
    seen = hold(case, play(NAME, OPTIONS, case.reply), caplog, secrets=[PASSWORD])
    assert (seen.method, seen.path) == ("POST", "/bulkapi")
    assert seen.headers["content-type"] == "text/xml; charset=utf-8"
    assert seen.headers["soapaction"] == '""'
    assert seen.body.decode() == asked("Hồ sơ H29 đã có kết quả", "1")


@pytest.mark.parametrize(
    ("text", "written", "kind"),
    [
        ("Ho so <1> & 2", "Ho so &lt;1&gt; &amp; 2", "0"),
        ("]]> da xong", "]]&gt; da xong", "0"),
        ("hai\r\ndong", "hai&#13;\ndong", "0"),
        ("Đã xong 🎉", "Đã xong 🎉", "F"),
    ],
)
def test_words_are_written_as_xml_wants_them(
    play: Play, text: str, written: str, kind: str
) -> None:
    played = play(NAME, {**OPTIONS, "accented_type": "F"}, told("", "1"))
    played.gateway.send(sms(NAME, text=text))
    assert played.seen[0].body.decode() == asked(written, kind)


@pytest.mark.parametrize(
    ("options", "text", "code"),
    [
        ({"accented_type": "0"}, "Hồ sơ", "accents"),
        ({}, "Ho so\x0b", "characters"),
        ({}, "Ho so\ud800", "characters"),
        ({}, "Ho so\uffff", "characters"),
    ],
)
def test_words_that_cannot_go_are_not_sent(
    play: Play, options: dict[str, str], text: str, code: str
) -> None:
    played = play(NAME, {**OPTIONS, **options})
    with pytest.raises(Rejected) as raised:
        played.gateway.send(sms(NAME, text=text))
    assert (raised.value.fault, raised.value.code) == (Fault.CONTENT, code)
    assert played.seen == []


def test_a_contract_without_accents_says_so(play: Play) -> None:
    able = play(NAME, {**OPTIONS, "accented_type": "0"}).gateway.capabilities
    assert able.alphabets == {Alphabet.GSM7}


@pytest.mark.parametrize(("sender", "named"), [("", "UBND-TA"), (SENDER, SENDER)])
def test_an_office_without_a_brandname_uses_the_accounts(
    play: Play, sender: str, named: str
) -> None:
    played = play(NAME, {**OPTIONS, "brandname": "UBND-TA"}, told("", "1"))
    played.gateway.send(sms(NAME, sender=sender))
    assert f"<ServiceID>{named}</ServiceID>".encode() in played.seen[0].body


def left(balance: str, description: str = "check balance success") -> bytes:
    return envelope(
        '<ns2:checkBalanceResponse xmlns:ns2="http://impl.bulkSms.ws/"><return>'
        f"<balance>{balance}</balance><errCode>0</errCode><errDesc>{description}</errDesc>"
        "</return></ns2:checkBalanceResponse>"
    )


def test_the_balance_is_asked_for(play: Play) -> None:
    played = play(NAME, OPTIONS, left("1500000"))
    assert isinstance(played.gateway, TellsBalance)
    assert played.gateway.balance() == Balance(Decimal(1_500_000))
    body = played.seen[0].body.decode()
    account = f"<User>smsbrand_lt</User><Password>{PASSWORD}</Password><CPCode>LT</CPCode>"
    assert f"<impl:checkBalance>{account}</impl:checkBalance>" in body


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (
            left("0", "Authenticate: CP_CODE_NOT_FOUND"),
            Rejected(Fault.ACCOUNT, "Authenticate: CP_CODE_NOT_FOUND"),
        ),
        (left("a lot"), Deferred("unreadable")),
        (left("NaN"), Deferred("unreadable")),
        (left("5", "something else"), Deferred("unreadable")),
        (fault("S:Server"), Deferred("http_500")),
        (http(200, BOMB), Deferred("not_xml")),
    ],
)
def test_a_balance_that_is_not_told(
    play: Play, answer: bytes, outcome: Rejected | Deferred
) -> None:
    gateway = play(NAME, OPTIONS, answer).gateway
    assert isinstance(gateway, TellsBalance)
    with pytest.raises(type(outcome)) as raised:
        gateway.balance()
    assert vars(raised.value) == vars(outcome)


def test_nothing_can_be_asked_and_nothing_is_pushed(play: Play) -> None:
    gateway = play(NAME, OPTIONS).gateway
    for provider_id in (None, "12"):
        with pytest.raises(Deferred):
            gateway.look_up(ref(provider_id=provider_id))
    call = WebhookRequest("POST", callback(NAME), {}, [], b"<a/>")
    for parse in (gateway.parse_receipts, gateway.parse_inbound):
        with pytest.raises(BadWebhook):
            parse(call)
