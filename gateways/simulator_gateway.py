"""The simulator's own dialect: plain JSON that deduplicates by our reference, for ever.

Source: `gateways/simulator/plain.py`, read 2026-11. For demos, drills and development.
"""

import hashlib
import hmac
from datetime import datetime
from http import HTTPStatus
from typing import Any

from config.gateways import GatewaySettings, Option
from gateways.adapter import Adapter, HttpGateway, Tools, get, json_object, post_json
from gateways.base import (
    Absent,
    Accepted,
    Alphabet,
    AttemptRef,
    BadSignature,
    BadWebhook,
    Capabilities,
    Deferred,
    Fault,
    Found,
    InboundSms,
    OutboundSms,
    OutcomeUnknown,
    Receipt,
    Rejected,
    Report,
    Reports,
    WebhookRequest,
)
from gateways.http import HttpReply, HttpRequest

# A code that is not here, `bad_request` among them, tells nothing: unknown.
CODES: dict[str, Fault] = {
    "number_invalid": Fault.NUMBER,
    "number_unreachable": Fault.NUMBER,
    "content_refused": Fault.CONTENT,
    "no_balance": Fault.ACCOUNT,
    "unauthorised": Fault.ACCOUNT,
    "sender_unknown": Fault.ACCOUNT,
}
REPORTS: dict[str, Report] = {
    "accepted": Report.SENT,
    "sent": Report.SENT,
    "delivered": Report.DELIVERED,
    "undelivered": Report.UNDELIVERED,
}
_TAKEN = frozenset({HTTPStatus.OK, HTTPStatus.CREATED})
_SIGNATURE = "x-simulator-signature"


class SimulatorGateway(HttpGateway):
    """Talks to the phone simulator."""

    capabilities = Capabilities(
        alphabets=frozenset(Alphabet),
        max_segments=10,
        reports=Reports.PUSH,
        deduplicates=True,
        can_look_up=True,
    )

    def __init__(self, settings: GatewaySettings, tools: Tools) -> None:
        super().__init__(settings, tools)
        self._token = self._options["token"]
        self._bearer = {"Authorization": f"Bearer {self._token}"}

    def build(self, sms: OutboundSms) -> HttpRequest:
        body = {
            "reference": sms.reference,
            "to": sms.to,
            "from": sms.sender,
            "text": sms.text,
            "callback_url": sms.callback_url or "",
        }
        return post_json(f"{self._base_url}/messages", body, self._bearer)

    def read(self, reply: HttpReply) -> Accepted:
        answer = json_object(reply.body)
        if reply.status in _TAKEN:
            if isinstance(provider_id := answer.get("id"), str) and provider_id:
                return Accepted(provider_id)
            raise OutcomeUnknown("no_id")
        error = answer.get("error")
        code = error.get("code") if isinstance(error, dict) else None
        if isinstance(code, str) and code in CODES:
            raise Rejected(CODES[code], code)
        raise OutcomeUnknown(f"http_{reply.status}")

    def look_up(self, attempt: AttemptRef) -> Found | Absent:
        query = {"reference": attempt.reference}
        reply = self.ask(get(f"{self._base_url}/messages", query, self._bearer))
        rows = self.told(reply).get("messages")
        if reply.status != HTTPStatus.OK or not isinstance(rows, list):
            raise Deferred(f"http_{reply.status}")
        if not rows:
            return Absent()
        row = rows[0]
        if not isinstance(row, dict) or not _is_report(row):
            raise Deferred("unreadable")
        return Found(row["id"], self._receipt(row))

    def parse_receipts(self, request: WebhookRequest) -> list[Receipt]:
        fields = self._verified(request)
        if not _is_report(fields):
            raise BadWebhook("a report needs id and a known status")
        return [self._receipt(fields)]

    def parse_inbound(self, request: WebhookRequest) -> InboundSms:
        fields = self._verified(request)
        told = [fields.get(name) for name in ("id", "from", "to", "text")]
        if not all(isinstance(value, str) for value in told):
            raise BadWebhook("an SMS needs id, from, to and text")
        return InboundSms(
            gateway=self.name,
            provider_id=fields["id"],
            sender=fields["from"],
            to=fields["to"],
            text=fields["text"],
            received_at=_instant(fields.get("at")),
        )

    def _receipt(self, fields: dict[str, Any]) -> Receipt:
        reference = fields.get("reference")
        return Receipt(
            gateway=self.name,
            report=REPORTS[fields["status"]],
            provider_id=fields["id"],
            reference=reference if isinstance(reference, str) else None,
            code=str(fields.get("code", "")),
            occurred_at=_instant(fields.get("at")),
        )

    def _verified(self, request: WebhookRequest) -> dict[str, Any]:
        given = {name.lower(): value for name, value in request.headers.items()}.get(_SIGNATURE, "")
        known = [
            hmac.compare_digest(given.encode(errors="replace"), _signature(token, request.body))
            for token in (self._token, self._options["token_old"])
            if token
        ]
        if not any(known):
            raise BadSignature
        try:
            return json_object(request.body)
        except OutcomeUnknown:
            raise BadWebhook("the body is not a JSON object") from None


ADAPTER = Adapter(
    build=SimulatorGateway,
    options=(
        Option("token", "the key of the simulated account", required=True, secret=True),
        Option("token_old", "the key before, whose signatures are still taken", secret=True),
    ),
)


def _signature(token: str, body: bytes) -> bytes:
    return f"sha256={hmac.digest(token.encode(), body, hashlib.sha256).hex()}".encode()


def _is_report(fields: dict[str, Any]) -> bool:
    told, status = fields.get("id"), fields.get("status")
    return isinstance(told, str) and bool(told) and isinstance(status, str) and status in REPORTS


def _instant(text: object) -> datetime | None:
    try:
        instant = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return instant if instant is not None and instant.tzinfo else None
