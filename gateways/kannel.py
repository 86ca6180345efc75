"""Kannel's `sendsms`, for an office with a Kannel of its own, or a provider who speaks as one.

Sources, read 2026-11: the user guide of Kannel 1.4.5 (reply codes in table 7-16, parameters in
7-17, escape codes in 7-10, delivery reports in chapter 10), and a Kannel 1.4.5 itself, which
`make kannel` holds this adapter to. The guide leaves the bodies of 4xx open; those below are what
it answers.

Kannel names no id, takes no reference and cannot be asked. The address of each message's reports
carries our attempt id, and that is how they find it.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus

from config.gateways import GatewaySettings, Option
from gateways.adapter import Adapter, HttpGateway, Tools, get
from gateways.base import (
    Absent,
    Accepted,
    Alphabet,
    AttemptRef,
    BadWebhook,
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
    Report,
    Reports,
    WebhookAnswer,
    WebhookRequest,
)
from gateways.http import HttpReply, HttpRequest
from notifier.domain.text import Encoding, analyse

ACCEPTED = ("0:", "3:")  # on its way to an SMSC; kept until there is one
BODIES: dict[str, Fault] = {
    "Authorization failed for sendsms": Fault.ACCOUNT,
    "Sender missing and no global set, rejected": Fault.ACCOUNT,
    "Number(s) has/have been denied by white- and/or black-lists.": Fault.NUMBER,
    "Missing receiver number, rejected": Fault.NUMBER,
    "Empty receiver number not allowed, rejected": Fault.NUMBER,
    "Charset or body misformed, rejected": Fault.CONTENT,
    "Not routable. Do not try again.": Fault.CHANNEL,  # no SMSC for it: another gateway may have
    "Unknown request.": Fault.ACCOUNT,  # another address than smsbox's
}
NOT_NOW = "Temporal failure, try again later."  # with 503: bearerbox did not take it
REPORTS: dict[str, Report] = {
    "1": Report.DELIVERED,  # to the phone
    "2": Report.UNDELIVERED,  # to the phone
    "4": Report.SENT,  # buffered by the SMSC
    "8": Report.SENT,  # handed to the SMSC
    "16": Report.UNDELIVERED,  # refused by the SMSC
    "34": Report.UNDELIVERED,  # expired
    "66": Report.SENT,  # the SMSC does not know: nothing certain
}
_EVERY_REPORT = "31"
_GSM7, _UCS2 = "0", "2"
_UNIX_SECONDS = re.compile(r"[0-9]{1,10}")


class KannelGateway(HttpGateway):
    """Sends through one `sendsms-user` of a Kannel."""

    capabilities = Capabilities(
        alphabets=frozenset(Alphabet),
        max_segments=10,
        reports=Reports.PUSH,
        deduplicates=False,
        can_look_up=False,
        receipt_proof=Proof.ADDRESS,
        inbound_proof=Proof.ADDRESS,
        # smsbox.c knows two good statuses, 200 and 202; at any other it asks again, where
        # `http-request-retry` is set, and a citizen's SMS counts as unanswered.
        webhook_answer=WebhookAnswer(HTTPStatus.OK),
    )

    def __init__(self, settings: GatewaySettings, tools: Tools) -> None:
        super().__init__(settings, tools)
        self._user, self._password = self._options["username"], self._options["password"]
        self._sender, self._smsc = self._options["sender"], self._options["smsc"]

    def build(self, sms: OutboundSms) -> HttpRequest:
        seven_bits = analyse(sms.text).encoding is Encoding.GSM7
        query = {
            "username": self._user,
            "password": self._password,
            "from": sms.sender or self._sender,
            "to": sms.to,
            "text": sms.text,
            "charset": "UTF-8",
            "coding": _GSM7 if seven_bits else _UCS2,
        }
        if self._smsc:
            query["smsc"] = self._smsc
        if sms.callback_url:
            query["dlr-mask"] = _EVERY_REPORT
            query["dlr-url"] = _report_url(sms.callback_url)
        return get(f"{self._base_url}/cgi-bin/sendsms", query)

    def read(self, reply: HttpReply) -> Accepted:
        body = _text(reply)
        if reply.status == HTTPStatus.ACCEPTED and body.startswith(ACCEPTED):
            return Accepted(None)
        if reply.status >= HTTPStatus.BAD_REQUEST and body in BODIES:
            raise Rejected(BODIES[body], f"http_{reply.status}")
        raise OutcomeUnknown(f"http_{reply.status}")

    def common(self, reply: HttpReply) -> None:
        if reply.status == HTTPStatus.SERVICE_UNAVAILABLE and _text(reply) == NOT_NOW:
            raise Deferred("http_503")
        super().common(reply)

    def look_up(self, attempt: AttemptRef) -> Found | Absent:  # noqa: ARG002 - nothing to ask
        raise Deferred("no_look_up")

    def parse_receipts(self, request: WebhookRequest) -> list[Receipt]:
        told = dict(request.query)
        status = told.get("status", "")
        if not request.attempt or status not in REPORTS:
            raise BadWebhook("a report needs the attempt in its address and a known status")
        return [
            Receipt(
                self.name,
                REPORTS[status],
                reference=request.attempt,
                code=status,
                occurred_at=_instant(told),
            )
        ]

    def parse_inbound(self, request: WebhookRequest) -> InboundSms:
        told = dict(request.query)
        if not all(told.get(name) for name in ("id", "from", "to")) or "text" not in told:
            raise BadWebhook("an SMS needs id, from, to and text")
        return InboundSms(
            self.name, told["id"], told["from"], told["to"], told["text"], _instant(told)
        )


def _report_url(callback_url: str) -> str:
    """The address with Kannel's escape codes; it reads every percent sign as one of them."""
    joint = "&" if "?" in callback_url else "?"
    return f"{callback_url.replace('%', '%%')}{joint}status=%d&at=%T"


def _text(reply: HttpReply) -> str:
    return reply.body.decode("utf-8", "replace").strip()


def _instant(told: Mapping[str, str]) -> datetime | None:
    at = told.get("at", "")
    return datetime.fromtimestamp(int(at), UTC) if _UNIX_SECONDS.fullmatch(at) else None


ADAPTER = Adapter(
    build=KannelGateway,
    options=(
        Option("username", "the sendsms-user", required=True),
        Option("password", "its password", required=True, secret=True),
        Option("sender", "the sender of offices that have none of their own"),
        Option("smsc", "the smsc-id to send through, where Kannel has several"),
    ),
)
