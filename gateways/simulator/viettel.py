"""Viettel's bulk SMS service: SOAP 1.1, document/literal wrapped, `wsCpMt` and `checkBalance`.

Sources, read 2026-11: public clients of ams.tinnhanthuonghieu.vn (`/bulkapi`, namespace
http://impl.bulkSms.ws/, SOAPAction empty, parameters unqualified and all text), among them
Viettel's own, with the answers they keep word for word: `<return><message>Insert MT_QUEUE:
OK</message><result>1</result></return>`, and the refusals below with result 0.

Not known, and played in the likelier way: ContentType "1" for accented words ("F" is seen too and
taken); the most bytes (612); the order inside `checkBalance`'s answer. Not played: the refusal of
the same words as a duplicate, whose window nobody tells, and lists of failed messages. The account
closes for who has no money: no list has a word for it. Viettel brings no citizen's SMS here; what
is posted as one is made up.
"""

import hmac
import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from types import MappingProxyType
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import escape

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from gateways.simulator.behaviour import FaultKind
from gateways.simulator.dialect import JSON, TEXT, XML, Answer, Call, Dialect, Refused
from gateways.simulator.numbers import MAGIC, Magic, dialled, landline
from gateways.simulator.posting import Post
from gateways.simulator.rows import Order, Reply, Row, Status

_PATH = "/bulkapi"
_ENVELOPE = "{http://schemas.xmlsoap.org/soap/envelope/}"
_SERVICE = "{http://impl.bulkSms.ws/}"
_ASCII, _ACCENTED = "0", frozenset({"1", "F"})
_MOST_BYTES = 612
_MAGIC = {
    Magic.INVALID: "Check ReceiverID: FORMAT_ERROR",
    Magic.CONTENT: "Check Content: MSG_ERROR_CONTAIN_BLACKLIST",
    Magic.NO_BALANCE: "Authenticate: WRONG_INFORMATION_AUTHENTICATE",
    Magic.UNREACHABLE: "Check ServiceID: ALIAS_INVALID:TELCO=VM",
    Magic.UNHEARD: "Check Weather: RAIN",  # no list has it
}


class ViettelDialect(Dialect):
    """Viettel's words."""

    name = "viettel"
    refuses = frozenset(_MAGIC)
    undelivered = MappingProxyType({Magic.UNDELIVERED: ""})  # nobody is told

    @staticmethod
    def account(digits: Callable[[int], str]) -> dict[str, str]:
        return {"user": f"smsbrand_{digits(6)}", "password": digits(20), "cp_code": digits(8)}

    def sends(self, method: str, path: str) -> bool:
        return method == "POST" and path == _PATH

    def hands_over(self, call: Call) -> bool:
        """One address serves the balance too. What cannot be read would be a message."""
        if not self.sends(call.method, call.path):
            return False
        try:
            return _operation(call.body).tag != f"{_SERVICE}checkBalance"
        except Refused:
            return True

    def read(self, call: Call) -> Order:
        asked = _operation(call.body)
        if asked.tag != f"{_SERVICE}wsCpMt":
            raise Refused(_fault("Client", "Cannot find dispatch method"))
        given = {child.tag: child.text or "" for child in asked}
        self._authenticate(given)
        for field, value in given.items():
            if not value:
                raise _refused(f"Check {field}: NULL_OR_BLANK")
        number, to, sender, text, kind = (
            given.get(name, "")
            for name in ("RequestID", "ReceiverID", "ServiceID", "Content", "ContentType")
        )
        if not number.isdecimal():
            raise _refused("Check RequestID: REQUEST_ID_NOT_NUMBER")
        if given.get("UserID") != to:
            raise _refused("UserID_NOT_EQUAL_ReceiverID")
        phone = f"+{to}"
        if not to.startswith("84") or not dialled(phone) or landline(phone):
            raise _refused("Check ReceiverID: FORMAT_ERROR")
        if given.get("CommandCode") != "bulksms":
            raise _refused("Check CommandCode: COMMAND_CODE_ERROR")
        if (size := len(text.encode() if kind == _ASCII else text)) > _MOST_BYTES:
            limit = f"MAXLENGTH_LIMIT_{_MOST_BYTES}_BYTE (YOUR_CONTENT: {size} BYTE)"
            raise _refused(f"Check Content: {limit}")
        if refusal := _MAGIC.get(MAGIC.get(phone, Magic.SILENT)):
            raise _refused(refusal)
        if kind not in _ACCENTED:  # what plain words cannot hold
            text = text.encode("ascii", "replace").decode()
        return Order(phone, sender, text, number, "")

    def taken(self, row: Row, *, duplicate: bool) -> Answer:  # noqa: ARG002 - not known of Viettel
        return _returned("wsCpMt", message="Insert MT_QUEUE: OK", result="1")

    def ask(self, call: Call) -> Answer:
        if not self.sends(call.method, call.path):
            return Answer(HTTPStatus.NOT_FOUND, b"Not Found", {}, TEXT)
        try:
            self._authenticate({child.tag: child.text or "" for child in _operation(call.body)})
        except Refused as refused:
            told = fromstring(refused.answer.body).findtext(".//message", "")
            return _returned("checkBalance", balance="0", errCode="1", errDesc=told)
        return _returned(
            "checkBalance", balance="1500000", errCode="0", errDesc="check balance success"
        )

    def failure(self, kind: FaultKind) -> Answer:
        if kind is FaultKind.HTTP_500:
            return _fault("Server", "java.lang.NullPointerException")
        return super().failure(kind)

    def receipt(self, row: Row, status: Status, at: float) -> Post | None:  # noqa: ARG002 - none
        return None

    def inbound(self, reply: Reply, url: str) -> Post:
        return Post(url, json.dumps({"phone": reply.phone, "text": reply.text}).encode(), JSON)

    def _authenticate(self, given: Mapping[str, str]) -> None:
        account = self.stage.account
        for field, word in (("CPCode", "Cp_code"), ("User", "UserName"), ("Password", "Password")):
            if not given.get(field):
                raise _refused(f"Authenticate: {word}: NULL_OR_BLANK")
        if given["CPCode"] != account["cp_code"]:
            raise _refused("Authenticate: CP_CODE_NOT_FOUND")
        told = f"{given['User']}\0{given['Password']}".encode()
        right = f"{account['user']}\0{account['password']}".encode()
        if not hmac.compare_digest(told, right):
            raise _refused("Authenticate: WRONG_INFORMATION_AUTHENTICATE")


def _operation(body: bytes) -> Element:
    """What the body asks for. Raises `Refused` with a fault where it is no envelope."""
    try:
        envelope: Element = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise Refused(_fault("Client", "Couldn't parse the message")) from None
    found = envelope.find(f"{_ENVELOPE}Body/*")
    if envelope.tag != f"{_ENVELOPE}Envelope" or found is None:
        raise Refused(_fault("Client", "No Body"))
    return found


def _envelope(inner: str, status: int) -> Answer:
    text = (
        '<?xml version="1.0" ?>'
        '<S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/">'
        f"<S:Body>{inner}</S:Body></S:Envelope>"
    )
    return Answer(status, text.encode(), {}, XML)


def _returned(operation: str, **fields: str) -> Answer:
    told = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in fields.items())
    wrapped = f'<ns2:{operation}Response xmlns:ns2="http://impl.bulkSms.ws/">'
    inner = f"{wrapped}<return>{told}</return></ns2:{operation}Response>"
    return _envelope(inner, HTTPStatus.OK)


def _fault(whose: str, text: str) -> Answer:
    inner = f"<faultcode>S:{whose}</faultcode><faultstring>{escape(text)}</faultstring>"
    return _envelope(f"<S:Fault>{inner}</S:Fault>", HTTPStatus.INTERNAL_SERVER_ERROR)


def _refused(message: str) -> Refused:
    return Refused(_returned("wsCpMt", message=message, result="0"))
