"""Viettel's dialect against what its users' code sends and reads, word for word."""

from collections.abc import Callable
from typing import Any

import pytest
import requests

# As a client writes it, its account replaced by the one of the tests.
SENT = (
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
    'xmlns:impl="http://impl.bulkSms.ws/"><soapenv:Header/><soapenv:Body><impl:wsCpMt>'
    "<User>smsbrand_lt</User><Password>pass</Password><CPCode>LT</CPCode>"
    "<RequestID>1</RequestID><UserID>84912345678</UserID><ReceiverID>84912345678</ReceiverID>"
    "<ServiceID>UBND-LT</ServiceID><CommandCode>bulksms</CommandCode>"
    "<Content>Test 4sms 123</Content><ContentType>0</ContentType>"
    "</impl:wsCpMt></soapenv:Body></soapenv:Envelope>"
)
TAKEN = (  # as a client's test keeps it
    '<?xml version="1.0" ?><S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/">'
    '<S:Body><ns2:wsCpMtResponse xmlns:ns2="http://impl.bulkSms.ws/"><return>'
    "<message>Insert MT_QUEUE: OK</message><result>1</result></return>"
    "</ns2:wsCpMtResponse></S:Body></S:Envelope>"
)


@pytest.fixture
def sim(alone: Callable[..., Any]) -> Any:
    return alone("viettel", user="smsbrand_lt", password="pass", cp_code="LT")


def send(sim: Any, *changes: tuple[str, str]) -> requests.Response:
    body = SENT
    for old, new in changes:
        assert old in body
        body = body.replace(old, new)
    headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""'}
    return requests.post(f"{sim.url}/bulkapi?wsdl", body.encode(), headers=headers, timeout=5)


def test_a_message_is_taken_in_the_known_words(sim: Any) -> None:
    answer = send(sim)
    assert (answer.status_code, answer.text) == (200, TAKEN)
    assert answer.headers["Content-Type"] == "text/xml; charset=utf-8"
    (row,) = sim.ledger()
    assert (row["to"], row["from"], row["text"], row["reference"]) == (
        "+84912345678",
        "UBND-LT",
        "Test 4sms 123",
        "1",
    )


def test_accents_need_their_type(sim: Any) -> None:
    words = ("Test 4sms 123", "Hồ sơ &lt;1&gt; &amp; 2")
    for kind in ("1", "F", "0"):
        send(sim, words, ("<ContentType>0", f"<ContentType>{kind}"))
    told = [row["text"] for row in sim.ledger()]
    assert told == ["Hồ sơ <1> & 2", "Hồ sơ <1> & 2", "H? s? <1> & 2"]


PHONE = "84912345678"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("<CPCode>LT", "<CPCode>"), "Authenticate: Cp_code: NULL_OR_BLANK"),
        (("<User>smsbrand_lt", "<User>"), "Authenticate: UserName: NULL_OR_BLANK"),
        (("<Password>pass", "<Password>"), "Authenticate: Password: NULL_OR_BLANK"),
        (("<CPCode>LT", "<CPCode>XX"), "Authenticate: CP_CODE_NOT_FOUND"),
        (("<Password>pass", "<Password>x"), "Authenticate: WRONG_INFORMATION_AUTHENTICATE"),
        (("<RequestID>1", "<RequestID>"), "Check RequestID: NULL_OR_BLANK"),
        (("<RequestID>1", "<RequestID>att_7"), "Check RequestID: REQUEST_ID_NOT_NUMBER"),
        (("<ReceiverID>849", "<ReceiverID>848"), "UserID_NOT_EQUAL_ReceiverID"),
        ((PHONE, "0912345678"), "Check ReceiverID: FORMAT_ERROR"),
        ((PHONE, "842743822222"), "Check ReceiverID: FORMAT_ERROR"),
        (("bulksms", "sms"), "Check CommandCode: COMMAND_CODE_ERROR"),
        (("Test 4sms 123", ""), "Check Content: NULL_OR_BLANK"),
        (
            ("Test 4sms 123", "x" * 613),
            "Check Content: MAXLENGTH_LIMIT_612_BYTE (YOUR_CONTENT: 613 BYTE)",
        ),
        ((PHONE, "84900000001"), "Check ReceiverID: FORMAT_ERROR"),
        ((PHONE, "84900000003"), "Check Content: MSG_ERROR_CONTAIN_BLACKLIST"),
        ((PHONE, "84900000007"), "Authenticate: WRONG_INFORMATION_AUTHENTICATE"),
        ((PHONE, "84900000008"), "Check ServiceID: ALIAS_INVALID:TELCO=VM"),
        ((PHONE, "84900000009"), "Check Weather: RAIN"),
    ],
)
def test_what_is_refused_has_its_message(sim: Any, change: tuple[str, str], message: str) -> None:
    answer = send(sim, change)
    refused = TAKEN.replace("Insert MT_QUEUE: OK", message).replace("<result>1", "<result>0")
    assert (answer.status_code, answer.text) == (200, refused)
    assert sim.ledger() == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<a",
        b"<a/>",
        SENT.replace("wsCpMt", "wsCpMt9").encode(),
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    ],
)
def test_what_is_no_such_envelope_is_a_fault(sim: Any, body: bytes) -> None:
    answer = requests.post(f"{sim.url}/bulkapi", body, timeout=5)
    assert answer.status_code == 500
    assert "<faultcode>S:Client</faultcode>" in answer.text


def test_the_balance_is_asked_at_the_same_address_and_is_no_message(sim: Any) -> None:
    sim.behave("viettel", "http_500")  # for messages alone
    inner = SENT.partition("<RequestID>")[0].partition("<impl:wsCpMt>")
    body = f"{inner[0]}<impl:checkBalance>{inner[2]}</impl:checkBalance></soapenv:Body>"
    body = f"{body}</soapenv:Envelope>"
    told = requests.post(f"{sim.url}/bulkapi", body.encode(), timeout=5).text
    assert "<balance>1500000</balance><errCode>0</errCode>" in told
    wrong = body.replace("<Password>pass", "<Password>x").encode()
    told = requests.post(f"{sim.url}/bulkapi", wrong, timeout=5).text
    assert "<errDesc>Authenticate: WRONG_INFORMATION_AUTHENTICATE</errDesc>" in told
    assert "<faultcode>S:Server</faultcode>" in send(sim).text
    assert requests.get(f"{sim.url}/bulkapi", timeout=5).status_code == 404
