"""SpeedSMS: JSON over HTTP, a brandname of the office's own, no reference and nothing to look up.

Sources: speedsms.vn/sms-api, read 2026-11; for webhooks, the 404 of a wrong token and a receipt's
numbers the public client alexzvn/speedsms-api and users' code, since no page of SpeedSMS tells.
Not confirmed: that a receipt below 64 is never final, the longest text (an account may have less
than three segments), whether accented words go on every brandname (code 110 if not).

It takes no reference of ours, deduplicates nothing and cannot be asked what it took. So what has
no readable answer stays unknown until a receipt or a person says more; sending again by itself
would be a second SMS.
"""

import base64
import hmac
import re
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from http import HTTPStatus
from typing import Any

from config.gateways import GatewaySettings, Option
from gateways.adapter import (
    Adapter,
    GatewayConfigError,
    HttpGateway,
    Tools,
    get,
    json_object,
    post_json,
    without_plus,
    word,
)
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
    WebhookRequest,
)
from gateways.http import HttpReply, HttpRequest

# Not here: 500, "internal error, please try again", which does not say that nothing was sent.
CODES: dict[str, Fault] = {
    "007": Fault.ACCOUNT,  # IP locked
    "008": Fault.ACCOUNT,  # account blocked
    "009": Fault.ACCOUNT,  # account not allowed to call the API
    "101": Fault.CONTENT,  # invalid or missing parameters
    "105": Fault.NUMBER,  # phone number invalid
    "110": Fault.CONTENT,  # the words' alphabet is not supported
    "113": Fault.CONTENT,  # too long
    "300": Fault.ACCOUNT,  # no balance
}
# A token that SpeedSMS does not know is answered 404, as any address that is not there.
_STATUSES = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND})
_OWN_BRANDNAME, _ANY_NUMBER = "3", "2"
_NAMED = {"4": "Notify or Verify", "5": "the device's id"}  # types whose sender is not an office's
_STATUS = re.compile(r"[0-9]{1,9}")
_FAILED_FROM = 64
_SAME_SMS_S = 600  # the same words from the same phone within this are one SMS told twice


class SpeedSmsGateway(HttpGateway):
    """Sends through one SpeedSMS account."""

    capabilities = Capabilities(
        alphabets=frozenset(Alphabet),
        max_segments=3,
        reports=Reports.PUSH,
        deduplicates=False,
        can_look_up=False,
        receipt_proof=Proof.ADDRESS,
        inbound_proof=Proof.ADDRESS,
        messages_per_second=1.0,  # 60 requests in 60 s
    )

    wait_header = "X-Rate-Limit-Reset"

    def __init__(self, settings: GatewaySettings, tools: Tools) -> None:
        super().__init__(settings, tools)
        self._token, self._type = self._options["token"], self._options["sms_type"]
        self._sender = self._options["sender"]
        if self._type not in {_OWN_BRANDNAME, _ANY_NUMBER, *_NAMED}:
            raise GatewayConfigError(f"{settings.where('sms_type')} takes 2, 3, 4 or 5")
        if self._type in _NAMED and not self._sender:
            told = f"type {self._type} needs {_NAMED[self._type]}"
            raise GatewayConfigError(f"{settings.where('sender')} is not set: {told}")
        if self._type == _ANY_NUMBER or self._sender:
            self.capabilities = replace(self.capabilities, takes_sender=False)
        basic = base64.b64encode(f"{self._token}:x".encode()).decode()
        self._basic = {"Authorization": f"Basic {basic}"}

    def build(self, sms: OutboundSms) -> HttpRequest:
        named = "" if self._type == _ANY_NUMBER else self._sender or sms.sender
        body = {
            "to": [without_plus(sms.to)],
            "content": sms.text,
            "sms_type": int(self._type),
            "sender": named,
        }
        return post_json(f"{self._base_url}/sms/send", body, self._basic)

    def read(self, reply: HttpReply) -> Accepted:
        told = self._answered(reply)
        data = told.get("data")
        if told.get("status") != "success" or not isinstance(data, dict):
            raise OutcomeUnknown(f"http_{reply.status}")
        if data.get("invalidPhone"):  # only ours was sent
            raise Rejected(Fault.NUMBER, "invalidPhone")
        if not (provider_id := word(data.get("tranId"))):
            raise OutcomeUnknown("no_id")
        return Accepted(provider_id)

    def look_up(self, attempt: AttemptRef) -> Found | Absent:  # noqa: ARG002 - nothing to ask
        raise Deferred("no_look_up")

    def balance(self) -> Balance:
        """What is left on the account. Raises `Rejected` or `Deferred`."""
        reply = self.ask(get(f"{self._base_url}/user/info", headers=self._basic))
        try:
            told = self._answered(reply)
        except OutcomeUnknown as problem:
            raise Deferred(problem.code) from None
        data = told.get("data")
        fields = data if isinstance(data, dict) else told
        try:
            amount = Decimal(str(fields.get("balance")))
        except InvalidOperation:
            raise Deferred("unreadable") from None
        if not amount.is_finite():
            raise Deferred("unreadable")
        currency = fields.get("currency")
        return Balance(amount, currency) if isinstance(currency, str) else Balance(amount)

    @staticmethod
    def _answered(reply: HttpReply) -> dict[str, Any]:
        """The answer, where it refuses nothing. Raises `Rejected` or `OutcomeUnknown`."""
        if reply.status in _STATUSES:
            raise Rejected(Fault.ACCOUNT, f"http_{reply.status}")
        told = json_object(reply.body)
        code = word(told.get("code"))
        if told.get("status") == "error" and code:
            if code in CODES:
                raise Rejected(CODES[code], code)
            raise OutcomeUnknown(code)
        if reply.status != HTTPStatus.OK:
            raise OutcomeUnknown(f"http_{reply.status}")
        return told

    def parse_receipts(self, request: WebhookRequest) -> list[Receipt]:
        fields = _webhook(request)
        provider_id, status = word(fields.get("tranId")), word(fields.get("status"))
        if not provider_id or not _STATUS.fullmatch(status):
            raise BadWebhook("a report needs tranId and a status that is a number")
        return [Receipt(self.name, _report(int(status)), provider_id=provider_id, code=status)]

    def parse_inbound(self, request: WebhookRequest) -> InboundSms:
        fields = _webhook(request)
        phone, text = fields.get("phone"), fields.get("content")
        if not isinstance(phone, str) or not phone or not isinstance(text, str):
            raise BadWebhook("an SMS needs phone and content")
        # SpeedSMS gives no id. The same call a second time is the same SMS, a later one is not.
        lately = int(self._clock.now().timestamp()) // _SAME_SMS_S
        told = f"{lately}\n{phone}\n{text}".encode(errors="surrogatepass")
        own_id = hmac.digest(self._token.encode(), told, "sha256").hex()[:32]
        return InboundSms(self.name, own_id, sender=phone, to="", text=text)


def _report(status: int) -> Report:
    if status == 0:
        return Report.DELIVERED
    return Report.UNDELIVERED if status >= _FAILED_FROM else Report.SENT


def _webhook(request: WebhookRequest) -> dict[str, Any]:
    try:
        return json_object(request.body)
    except OutcomeUnknown:
        raise BadWebhook("the body is not a JSON object") from None


ADAPTER = Adapter(
    build=SpeedSmsGateway,
    base_url="https://api.speedsms.vn/index.php",
    options=(
        Option("token", "the API access token", required=True, secret=True),
        Option(
            "sms_type",
            "3: the office's own brandname; 2: some number; 4: SpeedSMS's Notify or Verify; "
            "5: an Android phone",
            _OWN_BRANDNAME,
        ),
        Option("sender", "the sender instead of the office's brandname; types 4 and 5 need one"),
    ),
)
