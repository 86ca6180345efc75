"""Zalo: template messages by phone (ZNS), by a template's id and its parameters.

Sources, read 2026-11: zalo.cloud/zns/guidelines/handle-error-code, and public clients of
business.openapi.zalo.me (ten of `/message/quota`, alike) and oauth.zaloapp.com with their samples.
Codes: `zalo_codes`.

Zalo is no SMS: who has no Zalo account, an old one, or wants no such messages, is told by SMS
instead; so Zalo belongs before an SMS gateway in the route, and its refusals of a phone are this
channel's alone. Delivery is told by a signed event, or asked for; that a message was not delivered
is never told.

The refresh token works once: whoever renews stores the whole new pair, and the option's token is
used the first time, or when a person put a new one there.

Not confirmed: what the same tracking_id again does (so nothing is sent again blindly); whether the
event is signed with the app's id or the account's (either is taken, where both are set), and with
which key (`webhook_key`, else the app's secret); which code refuses a refresh token (any does).
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from http import HTTPStatus
from typing import Any

from config.gateways import GatewaySettings, Option
from gateways.adapter import (
    Adapter,
    GatewayConfigError,
    TokenGateway,
    Tools,
    get,
    json_object,
    post_form,
    post_json,
    without_plus,
    word,
)
from gateways.base import (
    Absent,
    Accepted,
    Alphabet,
    AttemptRef,
    BadSignature,
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
    Templates,
    WebhookRequest,
)
from gateways.http import HttpReply, HttpRequest
from gateways.tokens import Token
from gateways.zalo_codes import CODES, DEFERS, DELIVERED, NIGHT, TOKEN_REFUSED, UNDER_WAY

_VIETNAM = timezone(timedelta(hours=7))
_MORNING = 6
_LIFE = timedelta(hours=25)  # where the answer does not say
_DELIVERY = "user_received_message"
_SIGNATURE = "x-zevent-signature"
_PUSH, _POLL = "push", "poll"
_MESSAGES = "ZNS"  # what is counted, where a currency stands


class ZaloGateway(TokenGateway):
    """Sends through one app of one official account."""

    capabilities = Capabilities(
        alphabets=frozenset(Alphabet),
        max_segments=10,  # no segments there: the parameters have lengths of their own
        reports=Reports.PUSH,
        deduplicates=False,
        can_look_up=False,
        receipt_proof=Proof.SIGNATURE,
        inbound_proof=None,  # who writes to the account has no phone there
        takes_sender=False,
        templates=Templates.BY_ID,
    )

    def __init__(self, settings: GatewaySettings, tools: Tools) -> None:
        super().__init__(settings, tools)
        self._secret = self._options["secret_key"]
        self._signs = (self._options["webhook_key"] or self._secret).encode()
        self._signers = [
            name.encode() for name in (self._options["app_id"], self._options["oa_id"]) if name
        ]
        told = self._options["receipts"]
        if told not in {_PUSH, _POLL}:
            raise GatewayConfigError(f"{settings.where('receipts')} takes push or poll")
        if told == _POLL:
            self.capabilities = replace(self.capabilities, reports=Reports.POLL)

    def renew(self, last: Token | None, within_s: float) -> Token:
        ends = self._clock.monotonic() + within_s
        kept = last.refresh if last else ""
        code = ""
        for refresh in dict.fromkeys(filter(None, (kept, self._options["refresh_token"]))):
            told = self._refreshed(refresh, ends - self._clock.monotonic())
            access, following = told.get("access_token"), told.get("refresh_token")
            if isinstance(access, str) and access:
                seconds = word(told.get("expires_in"))
                life = timedelta(seconds=int(seconds)) if seconds.isdecimal() else _LIFE
                fresh = following if isinstance(following, str) else ""
                return Token(access, self._clock.now() + life, fresh)
            code = word(told.get("error"))
            if not code:
                raise Deferred("no_token")
        raise Rejected(Fault.ACCOUNT, f"refresh{code}" if code[1:].isdecimal() else "refresh")

    def _refreshed(self, refresh: str, within_s: float) -> dict[str, Any]:
        if within_s <= 0:
            raise Deferred("timeout")
        form = {
            "refresh_token": refresh,
            "app_id": self._options["app_id"],
            "grant_type": "refresh_token",
        }
        url = f"{self._options['oauth_url'].rstrip('/')}/v4/oa/access_token"
        return self.told(self.ask(post_form(url, form, {"secret_key": self._secret}), within_s))

    def build_with(self, sms: OutboundSms, token: Token) -> HttpRequest:
        if sms.template is None:
            raise Rejected(Fault.CONTENT, "template_missing")
        body = {
            "phone": without_plus(sms.to),
            "template_id": sms.template.provider_id,
            "template_data": {one.name: one.value for one in sms.template.parameters},
            "tracking_id": sms.reference,
        }
        return post_json(f"{self._base_url}/message/template", body, self._headers(token))

    def refuses_token(self, reply: HttpReply) -> bool:
        try:
            return _error(json_object(reply.body)) in TOKEN_REFUSED
        except OutcomeUnknown:
            return False

    def read(self, reply: HttpReply) -> Accepted:
        told = json_object(reply.body)
        code = _error(told)
        if code is None or (code == 0 and reply.status != HTTPStatus.OK):
            raise OutcomeUnknown(f"http_{reply.status}")
        if code in CODES:
            raise Rejected(CODES[code], str(code))
        if code in DEFERS:
            raise Deferred(str(code), DEFERS[code])
        if code == NIGHT:
            raise Deferred(str(code), self._until_morning_s(), only_this=True)
        if code != 0:
            raise OutcomeUnknown(str(code))
        data = told.get("data")
        msg_id = word(data.get("msg_id")) if isinstance(data, dict) else ""
        if not msg_id:
            raise OutcomeUnknown("no_id")
        return Accepted(msg_id)

    def look_up(self, attempt: AttemptRef) -> Found | Absent:
        """What became of a message, by Zalo's id; by ours nothing can be asked."""
        if attempt.provider_id is None or not self.capabilities.polls:
            raise Deferred("no_look_up")
        url, query = f"{self._base_url}/message/status", {"message_id": attempt.provider_id}
        try:
            reply = self.ask_with(lambda token: get(url, query, self._headers(token)))
        except Rejected as problem:
            raise Deferred(problem.code) from None
        told = self.told(reply)
        data = told.get("data")
        status = data.get("status") if isinstance(data, dict) else None
        if _error(told) != 0 or reply.status != HTTPStatus.OK or not isinstance(data, dict):
            raise Deferred("unreadable")
        if type(status) is not int or status not in {UNDER_WAY, DELIVERED}:
            raise Deferred("not_there")
        report = Report.DELIVERED if status == DELIVERED else Report.SENT
        at = _instant(data.get("delivery_time"))
        receipt = Receipt(self.name, report, attempt.provider_id, None, str(status), at)
        return Found(attempt.provider_id, receipt)

    def check_credentials(self) -> None:
        """Ask for the quota with a token. Raises `Rejected` or `Deferred`."""
        self._quota()

    def balance(self) -> Balance:
        """The messages that the account may still send today; its money Zalo tells nobody."""
        data = self._quota().get("data")
        left = word(data.get("remainingQuota")) if isinstance(data, dict) else ""
        if not left.isdecimal():
            raise Deferred("not_told")
        return Balance(Decimal(left), _MESSAGES)

    def _quota(self) -> dict[str, Any]:
        url = f"{self._base_url}/message/quota"
        told = self.told(self.ask_with(lambda token: get(url, headers=self._headers(token))))
        code = _error(told)
        if code is not None and CODES.get(code) is Fault.ACCOUNT:
            raise Rejected(Fault.ACCOUNT, str(code))
        if code != 0:
            raise Deferred("unreadable")
        return told

    def parse_receipts(self, request: WebhookRequest) -> list[Receipt]:
        """The report in an event; no report in the account's other events, signed as well."""
        told = self._signed(request)
        if told.get("event_name") != _DELIVERY:
            return []
        message = told.get("message")
        fields = message if isinstance(message, dict) else {}
        msg_id, tracking_id = word(fields.get("msg_id")), word(fields.get("tracking_id"))
        at = _instant(fields.get("delivery_time"))
        if at is None:
            return []  # of a conversation: only a template message's has it
        if not msg_id:
            raise BadWebhook("a delivery needs message.msg_id")
        reference = request.attempt or tracking_id or None
        return [Receipt(self.name, Report.DELIVERED, msg_id, reference, _DELIVERY, at)]

    def parse_inbound(self, request: WebhookRequest) -> InboundSms:
        raise BadWebhook(f"{request.method}: who writes on Zalo has no phone there")

    def _signed(self, request: WebhookRequest) -> dict[str, Any]:
        """The event, if Zalo signed it. Raises `BadSignature`."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        given = headers.get(_SIGNATURE, "").strip().removeprefix("mac=").lower()
        try:
            told = json_object(request.body)
        except OutcomeUnknown:
            raise BadSignature from None
        at = word(told.get("timestamp")).encode()
        for signer in self._signers:
            right = hashlib.sha256(signer + request.body + at + self._signs).hexdigest()
            if hmac.compare_digest(given.encode(), right.encode()):
                return told
        raise BadSignature

    def _headers(self, token: Token) -> Mapping[str, str]:
        proof = hmac.digest(self._secret.encode(), token.access.encode(), "sha256").hex()
        return {"access_token": token.access, "appsecret_proof": proof}

    def _until_morning_s(self) -> float:
        now = self._clock.now().astimezone(_VIETNAM)
        morning = now.replace(hour=_MORNING, minute=0, second=0, microsecond=0)
        if morning <= now:
            morning += timedelta(days=1)
        return (morning - now).total_seconds()


def _error(told: Mapping[str, Any]) -> int | None:
    """The number that Zalo calls an error; 0 is none, no number tells nothing."""
    code = told.get("error")
    return code if type(code) is int else None


def _instant(milliseconds: object) -> datetime | None:
    digits = word(milliseconds)
    if not digits.isdecimal() or len(digits) > 14:  # noqa: PLR2004 - the year 5138
        return None
    return datetime.fromtimestamp(int(digits) / 1000, UTC)


ADAPTER = Adapter(
    build=ZaloGateway,
    base_url="https://business.openapi.zalo.me",
    options=(
        Option("app_id", "the app's id", required=True),
        Option("secret_key", "the app's secret", required=True, secret=True),
        Option(
            "refresh_token",
            "a refresh token of the official account, which works once: only for the first time, "
            "or after the chain broke",
            required=True,
            secret=True,
        ),
        Option("webhook_key", "the key that signs events, if not the app's secret", secret=True),
        Option("oa_id", "the official account's id, should it sign events in the app's place"),
        Option("receipts", "push: Zalo tells of deliveries; poll: they are asked for", _PUSH),
        Option("oauth_url", "where tokens are renewed", "https://oauth.zaloapp.com"),
    ),
)
