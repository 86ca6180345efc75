"""Viettel's bulk SMS service for brandnames: SOAP 1.1 (`wsCpMt`), document/literal wrapped.

Sources, read 2026-11: public clients of ams.tinnhanthuonghieu.vn, among them Viettel's own, a
government's and three with the same list of refusals; two keep an answer word for word.

Not confirmed: the ContentType of accented words (two say "1", one has "F"; some contracts want
plain words only), hence `accented_type`; the window in which the same words are a duplicate; the
words for an empty account, which no list has.

An answer names no id, no public code shows a report, and what became of one message cannot be
asked: taken means queued at Viettel, and no more is known unless the contract names reports and a
file describes them (`receipts_file`). RequestID must be a number, so it is one made from our
reference; whether the same one again is the same SMS nobody says, so nothing relies on it.

The answer is read by `defusedxml`: the standard parser with every DTD refused, so that no entity
can grow and nothing be fetched, and no C library more.
"""

import hashlib
import re
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from http import HTTPStatus
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import escape

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from config.gateways import GatewaySettings, Option
from gateways.adapter import Adapter, HttpGateway, Tools, without_plus
from gateways.base import (
    Absent,
    Accepted,
    Alphabet,
    AttemptRef,
    BadWebhook,
    Balance,
    Capabilities,
    Deferred,
    Fault,
    Found,
    InboundSms,
    OutboundSms,
    OutcomeUnknown,
    Proof,
    Receipt,
    Rejected,
    Reports,
    WebhookRequest,
)
from gateways.described import receipts as described_receipts
from gateways.http import HttpReply, HttpRequest

# The message beside result 0, without what varies in it: see `_refusal`. Not here: "Check
# information error", the system's failure, which does not say that nothing was sent.
REFUSALS: dict[str, Fault] = {
    "Authenticate: Cp_code: NULL_OR_BLANK": Fault.ACCOUNT,
    "Authenticate: UserName: NULL_OR_BLANK": Fault.ACCOUNT,
    "Authenticate: Password: NULL_OR_BLANK": Fault.ACCOUNT,
    "Authenticate: CP_CODE_NOT_FOUND": Fault.ACCOUNT,
    "Authenticate: WRONG_INFORMATION_AUTHENTICATE": Fault.ACCOUNT,
    "Authenticate: IP_INVALID": Fault.ACCOUNT,  # our address is not on their list
    "CP_CODE_NOT_FOUND": Fault.ACCOUNT,  # one list has these two so
    "WRONG_INFORMATION_AUTHENTICATE": Fault.ACCOUNT,
    "Check CommandCode: NULL_OR_BLANK": Fault.ACCOUNT,
    "Check CommandCode: COMMAND_CODE_ERROR": Fault.ACCOUNT,
    "Check RequestID: NULL_OR_BLANK": Fault.CONTENT,
    "Check RequestID: REQUEST_ID_NOT_NUMBER": Fault.CONTENT,
    "Check UserID: NULL_OR_BLANK": Fault.NUMBER,
    "Check ReceiverID: NULL_OR_BLANK": Fault.NUMBER,
    "Check ReceiverID: FORMAT_ERROR": Fault.NUMBER,
    "UserID_NOT_EQUAL_ReceiverID": Fault.NUMBER,
    "Unable to check telco from input receiver": Fault.NUMBER,
    "Length of ReceiverID is invalid.": Fault.NUMBER,
    "Check ServiceID: NULL_OR_BLANK": Fault.CONTENT,  # no brandname: the office's
    "Check ServiceID: ALIAS_INVALID": Fault.CHANNEL,  # this phone's network does not know it
    "Check Content: NULL_OR_BLANK": Fault.CONTENT,
    "Check Content: MAXLENGTH_LIMIT": Fault.CONTENT,
    "Check Content: MSG_ERROR_CONTAIN_BLACKLIST": Fault.CONTENT,
    "Check template: CONTENT_NOT_MATCH_TEMPLATE": Fault.CONTENT,
}
# Surely not sent: the same words to the same phone lately.
DEFERS: dict[str, float] = {"Check ServiceID: DUPLICATE MESSAGE": 300.0}
# SOAP 1.1 §4.4.1: our envelope was not understood. Another fault may come after the message went.
_OUR_FAULTS = frozenset({"Client", "VersionMismatch", "MustUnderstand"})

_ENVELOPE = "{http://schemas.xmlsoap.org/soap/envelope/}"
_RESPONSE = "{http://impl.bulkSms.ws/}"
_VARIES = re.compile(r"\s*\(.*\)$|(?<=ALIAS_INVALID):TELCO=.*$|(?<=MAXLENGTH_LIMIT)_.*$", re.DOTALL)
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PLAIN = "0"


class ViettelGateway(HttpGateway):
    """Sends through one Viettel account."""

    capabilities = Capabilities(
        alphabets=frozenset(Alphabet),
        max_segments=3,
        reports=Reports.NONE,
        deduplicates=False,
        can_look_up=False,
        receipt_proof=Proof.ADDRESS,
        inbound_proof=None,
    )

    def __init__(self, settings: GatewaySettings, tools: Tools) -> None:
        super().__init__(settings, tools)
        self._account = {
            "User": self._options["user"],
            "Password": self._options["password"],
            "CPCode": self._options["cp_code"],
        }
        self._accented = self._options["accented_type"]
        if self._accented == _PLAIN:
            self.capabilities = replace(self.capabilities, alphabets=frozenset({Alphabet.GSM7}))
        if (receipts := described_receipts.beside(settings)) is not None:
            self.capabilities = receipts.with_reports(self.capabilities)
        self._receipts = receipts

    def send(self, sms: OutboundSms) -> Accepted:
        accepted = super().send(sms)
        # Reports, where they are described, name the request by our number.
        return accepted if self._receipts is None else Accepted(_number(sms.reference))

    def build(self, sms: OutboundSms) -> HttpRequest:
        kind = _PLAIN if sms.text.isascii() else self._accented
        if kind == _PLAIN and not sms.text.isascii():
            raise Rejected(Fault.CONTENT, "accents")
        if _NOT_XML.search(sms.text):
            raise Rejected(Fault.CONTENT, "characters")
        phone = without_plus(sms.to)
        fields = {
            **self._account,
            "RequestID": _number(sms.reference),
            "UserID": phone,
            "ReceiverID": phone,
            "ServiceID": sms.sender or self._options["brandname"],
            "CommandCode": self._options["command_code"],
            "Content": sms.text,
            "ContentType": kind,
        }
        return self._asking("wsCpMt", fields)

    def read(self, reply: HttpReply) -> Accepted:
        told = _body(reply)
        fault = told.find(f"{_ENVELOPE}Fault")
        if fault is not None:
            whose = fault.findtext("faultcode", "").rpartition(":")[2].partition(".")[0]
            if whose in _OUR_FAULTS:
                raise Rejected(Fault.CONTENT, f"fault_{whose}")
            raise OutcomeUnknown("fault")
        answer = _returned(told, "wsCpMt", reply)
        result = answer.findtext("result", "").strip()
        if not result.isdecimal():
            raise OutcomeUnknown(f"http_{reply.status}")
        if int(result) > 0:
            return Accepted(None)  # Viettel names no id
        refusal = _refusal(answer.findtext("message", ""))
        if refusal in REFUSALS:
            raise Rejected(REFUSALS[refusal], refusal)
        if refusal in DEFERS:
            raise Deferred(refusal, DEFERS[refusal], only_this=True)
        raise OutcomeUnknown("result_0")

    def common(self, reply: HttpReply) -> None:
        """As everybody's, but 500 may be a fault that says more."""
        if reply.status != HTTPStatus.INTERNAL_SERVER_ERROR:
            super().common(reply)

    def look_up(self, attempt: AttemptRef) -> Found | Absent:  # noqa: ARG002 - nothing to ask
        raise Deferred("no_look_up")

    def balance(self) -> Balance:
        """What is left on the account. Raises `Rejected` or `Deferred`."""
        reply = self.ask(self._asking("checkBalance", self._account))
        try:
            answer = _returned(_body(reply), "checkBalance", reply)
        except OutcomeUnknown as problem:
            raise Deferred(problem.code) from None
        refusal = _refusal(answer.findtext("errDesc", ""))
        if REFUSALS.get(refusal) is Fault.ACCOUNT:
            raise Rejected(Fault.ACCOUNT, refusal)
        try:
            amount = Decimal(answer.findtext("balance", ""))
        except InvalidOperation:
            amount = Decimal("NaN")
        if not amount.is_finite() or refusal != "check balance success":
            raise Deferred("unreadable")
        return Balance(amount)

    def parse_receipts(self, request: WebhookRequest) -> list[Receipt]:
        if self._receipts is None:
            raise BadWebhook(f"{request.method}: Viettel pushes no reports")
        return self._receipts.parse(request)

    def parse_inbound(self, request: WebhookRequest) -> InboundSms:
        raise BadWebhook(f"{request.method}: Viettel brings no citizens' SMS")

    def _asking(self, operation: str, fields: dict[str, str]) -> HttpRequest:
        inner = "".join(
            f"<{name}>{escape(value, {chr(13): '&#13;'})}</{name}>"
            for name, value in fields.items()
        )
        envelope = (
            '<?xml version="1.0" encoding="UTF-8"?>'
            '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"'
            ' xmlns:impl="http://impl.bulkSms.ws/"><soapenv:Header/><soapenv:Body>'
            f"<impl:{operation}>{inner}</impl:{operation}></soapenv:Body></soapenv:Envelope>"
        )
        headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""'}
        return HttpRequest("POST", f"{self._base_url}/bulkapi", headers, envelope.encode())


def _number(reference: str) -> str:
    """Our reference as a number that a Java long holds."""
    return str(int.from_bytes(hashlib.sha256(reference.encode()).digest()[:7]))


def _body(reply: HttpReply) -> Element:
    """The envelope's body. Raises `OutcomeUnknown`."""
    try:
        envelope: Element = fromstring(reply.body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise OutcomeUnknown(_status(reply, "not_xml")) from None
    body = envelope.find(f"{_ENVELOPE}Body")
    if envelope.tag != f"{_ENVELOPE}Envelope" or body is None:
        raise OutcomeUnknown(_status(reply, "not_soap"))
    return body


def _returned(body: Element, operation: str, reply: HttpReply) -> Element:
    answer = body.find(f"{_RESPONSE}{operation}Response/return")
    if answer is None or reply.status != HTTPStatus.OK:
        raise OutcomeUnknown(f"http_{reply.status}")
    return answer


def _status(reply: HttpReply, code: str) -> str:
    return code if reply.status == HTTPStatus.OK else f"http_{reply.status}"


def _refusal(message: str) -> str:
    """The message as the table has it: without our address, the network and the bytes."""
    return _VARIES.sub("", message.strip())


ADAPTER = Adapter(
    build=ViettelGateway,
    base_url="https://ams.tinnhanthuonghieu.vn:8998",
    options=(
        Option("user", "the account's User", required=True),
        Option("password", "its Password", required=True, secret=True),
        Option("cp_code", "its CPCode", required=True),
        Option("brandname", "the brandname of offices that have none of their own"),
        Option(
            "accented_type",
            "the ContentType of accented words: 1, or F; 0 where the contract wants none",
            "1",
        ),
        Option("command_code", "the CommandCode", "bulksms"),
        *described_receipts.OPTIONS,
    ),
)
