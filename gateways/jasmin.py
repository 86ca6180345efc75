"""Jasmin's HTTP API, for an office with a Jasmin of its own, or a provider who runs one.

Sources, read 2026-11: docs.jasminsms.com, "HTTP API" (parameters, answers, reports, the
acknowledgement), and the source of Jasmin 0.11.1 (jookies/jasmin) for what the page leaves open:
the texts of refusals, which of them come before anything is queued, and which answers of an SMSC
it reports and tries again. Tried against that Jasmin, with a small SMSC behind it, on 2026-11-25.

Jasmin takes no reference and cannot be asked. The address of each message's reports carries our
attempt id, and the reports carry Jasmin's id as well.
"""

import json
import re
from decimal import Decimal
from http import HTTPStatus
from urllib.parse import parse_qsl

from config.gateways import GatewaySettings, Option
from gateways.adapter import Adapter, HttpGateway, Tools, get, post_form, without_plus
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
    Report,
    Reports,
    WebhookAnswer,
    WebhookRequest,
)
from gateways.http import HttpReply, HttpRequest
from gateways.waits import UNSAID_S
from notifier.domain.text import Encoding, analyse

_ACCEPTED = re.compile(r'Success "([0-9A-Za-z-]{1,64})"')
_REFUSED = re.compile(r'Error "(.*)"', re.DOTALL)
REFUSALS: dict[str, Fault] = {  # what a refusal begins with
    "Authentication failure for username": Fault.ACCOUNT,
    "Authorization failed for user": Fault.ACCOUNT,  # the account may not do this
    "Cannot charge submit_sm": Fault.ACCOUNT,  # no balance, or no messages left
    "Argument [to] has an invalid value": Fault.NUMBER,
    "Argument [username] has an invalid value": Fault.ACCOUNT,
    "Argument [password] has an invalid value": Fault.ACCOUNT,
    "Argument [dlr-url] has an invalid value": Fault.ACCOUNT,
    "No route found": Fault.CHANNEL,  # no connector for it: another gateway may have one
}
FILTERS: dict[str, Fault] = {  # "Value filter failed for user [X] (… filter mismatch)."
    "(destination_address filter mismatch).": Fault.CHANNEL,
    "(source_address filter mismatch).": Fault.CONTENT,
    "(content filter mismatch).": Fault.CONTENT,
}
# Nothing was queued: faster than the account may send; no connector is bound; no broker.
NOT_NOW: dict[str, tuple[str, float | None]] = {
    "User throughput exceeded": ("throughput", UNSAID_S),
    "Failover route has no bound connectors": ("no_connector", None),
    "Cannot send submit_sm, check SMPPClientManagerPB log file for details": ("not_queued", None),
}
STATES: dict[str, Report] = {  # level 2: what the SMSC reports
    "DELIVRD": Report.DELIVERED,
    "UNDELIV": Report.UNDELIVERED,
    "EXPIRED": Report.UNDELIVERED,
    "DELETED": Report.UNDELIVERED,
    "REJECTD": Report.UNDELIVERED,
    "ACCEPTD": Report.SENT,
    "ENROUTE": Report.SENT,
    "UNKNOWN": Report.SENT,  # nothing certain
}
# Level 1: the SMSC's answer. Any other is its refusal, and the end.
NOT_THE_END = frozenset(
    # Taken; or reported, but tried again all the same (`submit_error_retrial` in jasmin.cfg).
    ["ESME_ROK", "ESME_RSYSERR", "ESME_RTHROTTLED", "ESME_RMSGQFUL", "ESME_RINVSCHED"]
)
_ANSWER = re.compile(r"ESME_[A-Z0-9_]{1,40}")
_GSM7, _UCS2 = "0", "8"
_ALPHABETS = {"": "latin-1", "0": "latin-1", "1": "latin-1", "3": "latin-1", "8": "utf-16-be"}


class JasminGateway(HttpGateway):
    """Sends through one user of a Jasmin."""

    capabilities = Capabilities(
        alphabets=frozenset(Alphabet),
        max_segments=5,  # Jasmin's `long_content_max_parts`: what is beyond is cut off unsaid
        reports=Reports.PUSH,
        deduplicates=False,
        can_look_up=False,
        receipt_proof=Proof.ADDRESS,
        inbound_proof=Proof.ADDRESS,
        webhook_answer=WebhookAnswer(HTTPStatus.OK, "ACK/Jasmin"),
    )

    def __init__(self, settings: GatewaySettings, tools: Tools) -> None:
        super().__init__(settings, tools)
        self._account = {name: self._options[name] for name in ("username", "password")}
        self._sender, self._currency = self._options["sender"], self._options["currency"]

    def build(self, sms: OutboundSms) -> HttpRequest:
        fields = {**self._account, "to": without_plus(sms.to)}
        if sender := sms.sender or self._sender:
            fields["from"] = sender
        if analyse(sms.text).encoding is Encoding.GSM7:
            fields |= {"coding": _GSM7, "content": sms.text}
        else:  # Jasmin hands other codings on bit by bit, so the words go as what they become
            fields |= {"coding": _UCS2, "hex-content": sms.text.encode("utf-16-be").hex()}
        if sms.callback_url:
            fields |= {"dlr": "yes", "dlr-level": "3", "dlr-method": "POST"}
            fields["dlr-url"] = sms.callback_url
        return post_form(f"{self._base_url}/send", fields)

    def read(self, reply: HttpReply) -> Accepted:
        body = _text(reply)
        accepted = _ACCEPTED.fullmatch(body)
        if accepted and reply.status == HTTPStatus.OK:
            return Accepted(accepted[1])
        if (refused := _REFUSED.fullmatch(body)) and reply.status >= HTTPStatus.BAD_REQUEST:
            _judge(refused[1], reply.status)
        raise OutcomeUnknown(f"http_{reply.status}")

    def common(self, reply: HttpReply) -> None:
        refused = _REFUSED.fullmatch(_text(reply))
        if refused and refused[1] in NOT_NOW:
            raise Deferred(*NOT_NOW[refused[1]])
        super().common(reply)

    def check_credentials(self) -> None:
        """Ask for the balance. One that may not be told was asked for with the right password."""
        self._asked_for_balance()

    def balance(self) -> Balance:
        told = self._asked_for_balance()
        left = told.get("balance") if isinstance(told, dict) else None
        if isinstance(left, bool) or not isinstance(left, int | float):
            raise Deferred("not_told")  # ND: the account has no limit
        return Balance(Decimal(str(left)), self._currency)

    def _asked_for_balance(self) -> object:
        reply = self.ask(get(f"{self._base_url}/balance", self._account))
        try:
            told: object = json.loads(reply.body)
        except (ValueError, RecursionError):
            raise Deferred("not_json") from None
        if reply.status == HTTPStatus.FORBIDDEN and isinstance(told, str):
            raise Rejected(Fault.ACCOUNT, f"http_{reply.status}")
        if reply.status == HTTPStatus.BAD_REQUEST and told != "" and isinstance(told, str):
            return None  # "Authorization failed for user [X] (Cannot check balance)."
        if reply.status != HTTPStatus.OK:
            raise Deferred(f"http_{reply.status}")
        return told

    def look_up(self, attempt: AttemptRef) -> Found | Absent:  # noqa: ARG002 - nothing to ask
        raise Deferred("no_look_up")

    def parse_receipts(self, request: WebhookRequest) -> list[Receipt]:
        told = _told(request)
        provider_id, status = told.get("id", ""), told.get("message_status", "")
        report = _report(told.get("level", ""), status)
        if not provider_id or report is None:
            raise BadWebhook("a report needs id, level and a known message_status")
        error = told.get("err", "")
        code = f"{status} {error}" if error.strip("0") and error.isalnum() else status
        return [Receipt(self.name, report, provider_id, request.attempt, code)]

    def parse_inbound(self, request: WebhookRequest) -> InboundSms:
        told = _told(request)
        if not all(told.get(name) for name in ("id", "from", "to")) or "binary" not in told:
            raise BadWebhook("an SMS needs id, from, to and binary")
        coding = told.get("coding", "")
        if len(coding) == 1 and not coding.isdecimal():
            coding = str(ord(coding))  # Jasmin 0.11.1 writes the byte itself
        try:
            text = bytes.fromhex(told["binary"]).decode(_ALPHABETS[coding])
        except (ValueError, KeyError):
            raise BadWebhook("an SMS needs words: a known coding, and binary in it") from None
        return InboundSms(self.name, told["id"], told["from"], told["to"], text)


def _judge(refusal: str, status: int) -> None:
    """Raise for a refusal of the tables."""
    for begins, fault in REFUSALS.items():
        if refusal.startswith(begins):
            raise Rejected(fault, f"http_{status}")
    for ends, fault in FILTERS.items():
        if refusal.startswith("Value filter failed for user") and refusal.endswith(ends):
            raise Rejected(fault, f"http_{status}")


def _report(level: str, status: str) -> Report | None:
    if level == "1" and _ANSWER.fullmatch(status):
        return Report.SENT if status in NOT_THE_END else Report.UNDELIVERED
    return STATES.get(status) if level in {"2", "3"} else None


def _told(request: WebhookRequest) -> dict[str, str]:
    """What a call says, in its form or its query, as the method of the report was asked for."""
    if request.method == "GET":
        return dict(request.query)
    try:
        return dict(parse_qsl(request.body.decode("ascii"), keep_blank_values=True))
    except ValueError:
        raise BadWebhook("the body is no form") from None


def _text(reply: HttpReply) -> str:
    return reply.body.decode("utf-8", "replace").strip()


ADAPTER = Adapter(
    build=JasminGateway,
    options=(
        Option("username", "the user of the HTTP API, at most 16 characters", required=True),
        Option("password", "its password, at most 16 characters", required=True, secret=True),
        Option("sender", "the sender of offices that have none of their own"),
        Option("currency", "the currency of its balances, three letters", default="VND"),
    ),
)
