"""Twilio's Messages API, through the `twilio` package and its own `HttpClient` hook.

Source: twilio.com/docs/messaging/api/message-resource and /usage/webhooks, read 2026-11.
An office's own brandname is the sender where no messaging service is configured. Twilio takes no
reference of ours, so an unknown attempt is looked up by phone, words and time.
"""

import base64
import json
import logging
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlencode

from twilio.base.exceptions import TwilioException
from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from config.gateways import GatewaySettings, Option
from gateways.adapter import Adapter, GatewayConfigError, Tools
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
    Receipt,
    Rejected,
    Report,
    Reports,
    SendError,
    WebhookRequest,
)
from gateways.http import BODY_CAP, HttpCaller, HttpReply, HttpRequest, raise_for_common
from gateways.twilio_codes import DEFERS, REJECTS
from gateways.waits import UNSAID_S
from notifier.domain.clock import Clock

_HOST = "https://api.twilio.com"
_PAGE = 1000
_PAGE_BYTES = 4_000_000  # of a list: a message is 1 to 3 kB there
_FOREIGN_CLOCK = timedelta(seconds=30)  # how far Twilio's clock may be from ours
_CREATED_WITHIN = timedelta(minutes=15)

# What the package raises over an answer that is not what it expects: no such field, another
# type, a number without end, JSON too deep.
_UNREADABLE = (
    TwilioException,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RecursionError,
)

REPORTS: dict[str, Report] = {
    "accepted": Report.SENT,
    "scheduled": Report.SENT,
    "queued": Report.SENT,
    "sending": Report.SENT,
    "sent": Report.SENT,
    "partially_delivered": Report.SENT,  # some parts arrived: nothing final
    "delivered": Report.DELIVERED,
    "read": Report.DELIVERED,
    "undelivered": Report.UNDELIVERED,
    "failed": Report.UNDELIVERED,
    "canceled": Report.UNDELIVERED,
}


class _Hook(HttpClient):  # type: ignore[misc]  # the package ships no types
    """The package's way out: our one HTTP call, with refusals as the contract's outcomes."""

    def __init__(self, base_url: str, caller: HttpCaller, clock: Clock, deadline_s: float) -> None:
        super().__init__(logging.getLogger(__name__), is_async=False, timeout=deadline_s)
        self._base_url = base_url
        self._caller = caller
        self._clock = clock
        self._deadline_s = deadline_s

    def request(
        self,
        method: str,
        uri: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        """The 2xx answer; anything else is raised as one of the contract's outcomes."""
        del timeout, allow_redirects  # the deadline is the gateway's; a redirect is no answer
        url = self._base_url + uri.removeprefix(_HOST)
        if params:
            url = f"{url}?{urlencode(params)}"
        sent = dict(headers or {})
        if auth:
            sent["Authorization"] = f"Basic {base64.b64encode(':'.join(auth).encode()).decode()}"
        body = urlencode(data).encode() if data else None
        if body is not None:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        most_bytes = BODY_CAP if method == "POST" else _PAGE_BYTES
        reply = self._caller.call(
            HttpRequest(method, url, sent, body, most_bytes), deadline_s=self._deadline_s
        )
        raise_for_common(reply, now=self._clock.now())
        if not HTTPStatus.OK <= reply.status < HTTPStatus.MULTIPLE_CHOICES:
            raise _refusal(reply)
        try:
            return Response(reply.status, reply.body.decode(), reply.headers)
        except UnicodeDecodeError:
            raise OutcomeUnknown("not_json") from None


def _refusal(reply: HttpReply) -> SendError:
    code = _error_code(reply.body)
    if code in REJECTS:
        return Rejected(REJECTS[code], str(code))
    if code in DEFERS:
        return Deferred(str(code), UNSAID_S)
    if reply.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return Rejected(Fault.ACCOUNT, f"http_{reply.status}")
    return OutcomeUnknown(str(code) if code else f"http_{reply.status}")


def _error_code(body: bytes) -> int:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return 0
    code = answer.get("code") if isinstance(answer, dict) else None
    return code if isinstance(code, int) else 0


class TwilioGateway:
    """Sends through one Twilio account."""

    capabilities = Capabilities(
        alphabets=frozenset(Alphabet),
        max_segments=10,
        reports=Reports.PUSH,
        deduplicates=False,
        can_look_up=True,
    )

    def __init__(
        self,
        settings: GatewaySettings,
        *,
        client: Client,
        validators: Sequence[RequestValidator],
        from_number: str,
        messaging_service_sid: str,
    ) -> None:
        self._settings = settings
        self._client = client
        self._validators = validators
        self._from_number = from_number
        self._messaging_service_sid = messaging_service_sid

    @property
    def name(self) -> str:
        return self._settings.name

    def send(self, sms: OutboundSms) -> Accepted:
        sender = (
            {"messaging_service_sid": self._messaging_service_sid}
            if self._messaging_service_sid
            else {"from_": sms.sender or self._from_number}
        )
        callback = {"status_callback": sms.callback_url} if sms.callback_url else {}
        try:
            made = self._client.messages.create(to=sms.to, body=sms.text, **sender, **callback)
            sid = made.sid
        except SendError:
            raise
        except _UNREADABLE as problem:
            # The package could not make sense of a success.
            raise OutcomeUnknown("unreadable") from problem
        if not isinstance(sid, str) or not sid:
            raise OutcomeUnknown("no_id")
        return Accepted(sid)

    def check_credentials(self) -> None:
        """Lists one message: what look-ups need, and what a restricted key may do as well."""
        try:
            self._client.messages.page(page_size=1)
        except (Deferred, Rejected):
            raise
        except SendError as problem:
            raise Deferred(problem.code) from problem
        except _UNREADABLE as problem:
            raise Deferred("unreadable") from problem

    def balance(self) -> Balance:
        """What is left on the account; a subaccount has nothing of its own to tell."""
        try:
            told = self._client.api.account.balance.fetch()
            amount, currency = Decimal(told.balance), told.currency
        except (Deferred, Rejected):
            raise
        except SendError as problem:
            raise Deferred(problem.code) from problem
        except _UNREADABLE as problem:
            raise Deferred("unreadable") from problem
        if not amount.is_finite() or not isinstance(currency, str) or not currency.isalpha():
            raise Deferred("unreadable")
        return Balance(amount, currency[:3])

    def look_up(self, attempt: AttemptRef) -> Found | Absent:
        try:
            if attempt.provider_id is not None:
                return self._found(self._client.messages(attempt.provider_id).fetch())
            return self._match(attempt)
        except Deferred:
            raise
        except SendError as problem:
            raise Deferred(problem.code) from problem
        except _UNREADABLE as problem:
            raise Deferred("unreadable") from problem

    def _match(self, attempt: AttemptRef) -> Found | Absent:
        """The oldest message to that phone with those words and of that time, not yet taken."""
        earliest = attempt.started_at - _FOREIGN_CLOCK
        latest = attempt.started_at + _CREATED_WITHIN
        # Not filtered by DateSent: a message that still waits at Twilio has none.
        page = self._client.messages.page(to=attempt.to, page_size=_PAGE)
        listed = list(page)
        found = [
            one
            for one in listed
            if one.direction == "outbound-api"
            and one.sid not in attempt.taken
            and _words(one.body) == _words(attempt.text)
            and earliest <= _aware(one.date_created) <= latest
        ]
        if found:
            return self._found(min(found, key=lambda one: _aware(one.date_created)))
        # Newest first: a full page that does not reach back to the attempt proves nothing.
        if page.next_page_url and _aware(listed[-1].date_created) >= earliest:
            raise Deferred("too_many_messages")
        return Absent()

    def _found(self, message: Any) -> Found:
        if not isinstance(message.sid, str) or not message.sid:
            raise TypeError("a message without its sid")
        code = str(message.error_code or "")
        report = REPORTS.get(str(message.status))
        if report is None:
            return Found(message.sid)
        receipt = Receipt(self.name, report, provider_id=message.sid, code=code)
        return Found(message.sid, receipt)

    def parse_receipts(self, request: WebhookRequest) -> list[Receipt]:
        fields = self._verified(request)
        status, sid = fields.get("MessageStatus", ""), fields.get("MessageSid", "")
        if status not in REPORTS or not sid:
            raise BadWebhook("a status callback needs MessageSid and a known MessageStatus")
        return [
            Receipt(
                gateway=self.name,
                report=REPORTS[status],
                provider_id=sid,
                reference=request.attempt,
                code=fields.get("ErrorCode", ""),
            )
        ]

    def parse_inbound(self, request: WebhookRequest) -> InboundSms:
        fields = self._verified(request)
        if not all(name in fields for name in ("MessageSid", "From", "To", "Body")):
            raise BadWebhook("an SMS needs MessageSid, From, To and Body")
        return InboundSms(
            gateway=self.name,
            provider_id=fields["MessageSid"],
            sender=fields["From"],
            to=fields["To"],
            text=fields["Body"],
        )

    def _verified(self, request: WebhookRequest) -> dict[str, str]:
        """The form, once its signature over the public address and every field holds."""
        try:
            pairs = parse_qsl(
                request.body.decode(), keep_blank_values=True, strict_parsing=bool(request.body)
            )
        except ValueError:
            raise BadSignature from None
        form: dict[str, list[str]] = {}
        for name, value in pairs:
            form.setdefault(name, []).append(value)
        given = {name.lower(): value for name, value in request.headers.items()}
        signature = given.get("x-twilio-signature", "")
        posted = _MultiForm(form)
        if not any(one.validate(request.url, posted, signature) for one in self._validators):
            raise BadSignature
        return {name: values[-1] for name, values in form.items()}


class _MultiForm(dict[str, list[str]]):
    """A form as the package's validator reads repeated fields."""

    def getlist(self, name: str) -> list[str]:
        return self[name]


def _words(text: object) -> str:
    return unicodedata.normalize("NFC", str(text)).rstrip()


def _aware(instant: Any) -> datetime:
    if not isinstance(instant, datetime):
        raise TypeError("a message without its time")
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def build(settings: GatewaySettings, tools: Tools) -> TwilioGateway:
    """Raises `GatewayConfigError` where neither a number nor a service sends."""
    options = settings.options
    if not options["from_number"] and not options["messaging_service_sid"]:
        number, service = settings.where("from_number"), settings.where("messaging_service_sid")
        raise GatewayConfigError(f"{number} or {service} is not set")
    hook = _Hook(settings.base_url, tools.caller, tools.clock, settings.call_deadline_s)
    return TwilioGateway(
        settings,
        client=Client(options["account_sid"], options["auth_token"], http_client=hook),
        validators=[
            RequestValidator(options[name])
            for name in ("auth_token", "auth_token_old")
            if options[name]
        ],
        from_number=options["from_number"],
        messaging_service_sid=options["messaging_service_sid"],
    )


ADAPTER = Adapter(
    build=build,
    base_url=_HOST,
    options=(
        Option("account_sid", "the account, AC…", required=True),
        Option("auth_token", "its token; signs the calls to us too", required=True, secret=True),
        Option(
            "auth_token_old",
            "its other token while it is changed: calls to us may still be signed with it",
            secret=True,
        ),
        Option("from_number", "the sender, unless the office's own brandname or a service sends"),
        Option("messaging_service_sid", "a Messaging Service, MG…, that chooses the sender"),
    ),
)
