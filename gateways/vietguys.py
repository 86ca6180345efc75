"""VietGuys: a form over HTTP that answers JSON, with the office's own brandname.

Sources, read 2026-11: developers.vietguys.biz, and users' code on cloudsms.vietguys.biz:4438, of
which four list the codes below, alike. Not confirmed, since VietGuys shows its documents to
customers alone: what the same `bid` again does, and the shape of a receipt (one user's code). So
`bid` carries our reference for people to find, nothing relies on it, and nothing is sent again
blindly.

Older accounts have a password; a newer account's access token that expires is not renewed here.
"""

from http import HTTPStatus
from typing import Any

from config.gateways import GatewaySettings, Option
from gateways.adapter import (
    Adapter,
    HttpGateway,
    Tools,
    json_object,
    post_form,
    without_plus,
    word,
)
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
    WebhookRequest,
)
from gateways.http import HttpReply, HttpRequest
from notifier.domain.operators import named

# Not here: -2, "server busy", which does not say that nothing was sent.
CODES: dict[str, Fault] = {
    "-1": Fault.CONTENT,  # missing parameters
    "-3": Fault.ACCOUNT,  # no such account
    "-4": Fault.ACCOUNT,  # account locked
    "-5": Fault.ACCOUNT,  # wrong credentials
    "-6": Fault.ACCOUNT,  # sending over the API is not switched on
    "-7": Fault.ACCOUNT,  # IP not allowed
    "-8": Fault.ACCOUNT,  # brandname not declared
    "-9": Fault.ACCOUNT,  # no credit
    "-10": Fault.NUMBER,  # wrong phone number
    "-11": Fault.NUMBER,  # the phone refuses messages
    "-12": Fault.ACCOUNT,  # no credit
    "-13": Fault.ACCOUNT,  # brandname not declared
    "-14": Fault.CONTENT,  # over 459 characters
    "-17": Fault.ACCOUNT,  # the account's messages of the day are used up
    "-18": Fault.CONTENT,  # a word of advertising
    "-20": Fault.CONTENT,  # template not registered
    "-21": Fault.CONTENT,  # no one-time password, on a route for these
    "-22": Fault.CHANNEL,  # the number's network: ported, or the brandname is not set up there
    "-23": Fault.ACCOUNT,  # no price set
}
# Surely not sent, and the seconds until it may be: the same words to the same phone within a
# minute; the phone's messages of the day are used up.
DEFERS: dict[str, float] = {"-16": 60.0, "-19": 3600.0}
REPORTS: dict[str, Report] = {
    "sent": Report.SENT,
    "delivered": Report.DELIVERED,
    "fail": Report.UNDELIVERED,
}
_ASCII, _UNICODE = "0", "8"


class VietGuysGateway(HttpGateway):
    """Sends through one VietGuys account."""

    capabilities = Capabilities(
        alphabets=frozenset(Alphabet),
        max_segments=3,
        reports=Reports.PUSH,
        deduplicates=False,
        can_look_up=False,
        receipt_proof=Proof.ADDRESS,
        inbound_proof=None,
    )

    def __init__(self, settings: GatewaySettings, tools: Tools) -> None:
        super().__init__(settings, tools)
        self._user, self._password = self._options["username"], self._options["password"]
        self._brandname = self._options["brandname"]

    def build(self, sms: OutboundSms) -> HttpRequest:
        fields = {
            "u": self._user,
            "pwd": self._password,
            "from": sms.sender or self._brandname,
            "phone": without_plus(sms.to),
            "sms": sms.text,
            "bid": sms.reference,
            "type": _ASCII if sms.text.isascii() else _UNICODE,
            "json": "1",
        }
        return post_form(f"{self._base_url}/api/index.php", fields)

    def read(self, reply: HttpReply) -> Accepted:
        told = json_object(reply.body)
        error = word(told.get("error"))
        if error == "0" and reply.status == HTTPStatus.OK:
            if provider_id := word(told.get("msgid")):
                return Accepted(provider_id, named(word(told.get("carrier"))))
            raise OutcomeUnknown("no_id")
        code = word(told.get("error_code"))
        code = error if code in {"", "0"} else code
        if code in CODES:
            raise Rejected(CODES[code], code)
        if code in DEFERS:
            raise Deferred(code, DEFERS[code], only_this=True)
        raise OutcomeUnknown(f"http_{reply.status}")

    def look_up(self, attempt: AttemptRef) -> Found | Absent:  # noqa: ARG002 - nothing to ask
        raise Deferred("no_look_up")

    def parse_receipts(self, request: WebhookRequest) -> list[Receipt]:
        fields = _data(request)
        provider_id, status = word(fields.get("message_id")), fields.get("status")
        if not provider_id or not isinstance(status, str) or status not in REPORTS:
            raise BadWebhook("a report needs data.message_id and a known data.status")
        return [Receipt(self.name, REPORTS[status], provider_id=provider_id, code=status)]

    def parse_inbound(self, request: WebhookRequest) -> InboundSms:
        raise BadWebhook(f"{request.method}: VietGuys brings no citizens' SMS")


def _data(request: WebhookRequest) -> dict[str, Any]:
    try:
        data = json_object(request.body).get("data")
    except OutcomeUnknown:
        raise BadWebhook("the body is not a JSON object") from None
    return data if isinstance(data, dict) else {}


ADAPTER = Adapter(
    build=VietGuysGateway,
    base_url="https://cloudsms.vietguys.biz:4438",
    options=(
        Option("username", "the account's name", required=True),
        Option("password", "its password for the API", required=True, secret=True),
        Option("brandname", "the sender of offices that have none of their own"),
    ),
)
