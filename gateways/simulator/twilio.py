"""Twilio's Messages API, version 2010-04-01, as far as one who sends SMS can see it.

Sources, read 2026-11: the published OpenAPI (github.com/twilio/twilio-oai at d50069b,
spec/json/twilio_api_v2010.json), twilio.com/docs/messaging/api/message-resource,
twilio.com/docs/iam/test-credentials (magic numbers), twilio.com/docs/api/errors,
twilio.com/docs/messaging/guides/webhook-request and …/track-outbound-message-status.

A Messaging Service has one number in its pool; it is assigned once the message is sent.
Not played, and refused rather than overlooked: media, content templates, scheduling. Not
played either: WhatsApp, feedback, changing or deleting a message.
"""

import base64
import hmac
import re
from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus
from types import MappingProxyType
from urllib.parse import parse_qs, urlencode, urlsplit

from gateways.simulator import signing
from gateways.simulator.behaviour import FaultKind
from gateways.simulator.dialect import Answer, Call, Dialect, Refused, Stage, answer
from gateways.simulator.numbers import MAGIC, Magic, dialled, e164, landline
from gateways.simulator.posting import Post, callable_url
from gateways.simulator.rows import Order, Reply, Row, Status, seq_of_sid, sid
from gateways.simulator.twilio_resource import API_VERSION, STATUS, listed, resource, searched

_FORM = "application/x-www-form-urlencoded"
_LONGEST_BODY = 1_600
_SENDER = re.compile(r"\+[1-9]\d{4,14}|\d{3,8}|(?=.*[A-Za-z])[A-Za-z0-9 &+\-_.]{1,11}")
_SERVICE = re.compile(r"MG[0-9a-fA-F]{32}")
_ONE = re.compile(r"/(SM[0-9a-fA-F]{32})\.json")
_POOL = "+15005550006"  # the valid number of Twilio's test credentials
_NOT_PLAYED = ("MediaUrl", "ContentSid", "ScheduleType", "SendAt", "ApplicationSid")

_ERRORS: dict[int, tuple[int, str]] = {  # twilio.com/docs/api/errors; the words are ours
    20001: (HTTPStatus.BAD_REQUEST, "Unknown parameters"),
    20003: (HTTPStatus.UNAUTHORIZED, "Authenticate"),
    20004: (HTTPStatus.METHOD_NOT_ALLOWED, "Method not allowed"),
    20005: (HTTPStatus.FORBIDDEN, "Account is not active"),
    20404: (HTTPStatus.NOT_FOUND, "The requested resource was not found"),
    20429: (HTTPStatus.TOO_MANY_REQUESTS, "Too Many Requests"),
    20500: (HTTPStatus.INTERNAL_SERVER_ERROR, "An internal server error has occurred"),
    20503: (HTTPStatus.SERVICE_UNAVAILABLE, "Service unavailable"),
    21211: (HTTPStatus.BAD_REQUEST, "The 'To' number is not a valid phone number"),
    21212: (HTTPStatus.BAD_REQUEST, "The 'From' number is not a valid phone number or sender"),
    21408: (HTTPStatus.BAD_REQUEST, "Permission to send to this region has not been enabled"),
    21603: (HTTPStatus.BAD_REQUEST, "A 'From' or 'MessagingServiceSid' is required"),
    21604: (HTTPStatus.BAD_REQUEST, "A 'To' phone number is required"),
    21606: (HTTPStatus.BAD_REQUEST, "The 'From' number cannot send to this 'To' number"),
    21609: (HTTPStatus.BAD_REQUEST, "The 'StatusCallback' URL is not valid"),
    21610: (HTTPStatus.BAD_REQUEST, "The recipient has unsubscribed"),
    21611: (HTTPStatus.BAD_REQUEST, "The 'From' number has too many messages queued"),
    21612: (HTTPStatus.BAD_REQUEST, "The 'To' number cannot be reached from this 'From'"),
    21614: (HTTPStatus.BAD_REQUEST, "The 'To' number is not a mobile number"),
    21617: (HTTPStatus.BAD_REQUEST, "The message body exceeds 1600 characters"),
    21619: (HTTPStatus.BAD_REQUEST, "A text message body or media urls must be specified"),
    29999: (HTTPStatus.BAD_REQUEST, "Unheard of"),  # no document names it
}
_MAGIC = {
    Magic.INVALID: 21211,
    Magic.NO_BALANCE: 20005,
    Magic.UNREACHABLE: 21612,
    Magic.UNHEARD: 29999,
}
_MAGIC_TO = {
    "+15005550001": 21211,
    "+15005550002": 21612,
    "+15005550003": 21408,
    "+15005550004": 21610,
    "+15005550009": 21614,
}
_MAGIC_FROM = {"+15005550001": 21212, "+15005550007": 21606, "+15005550008": 21611}
_HEADERS: dict[int, dict[str, str]] = {
    HTTPStatus.TOO_MANY_REQUESTS: {"Retry-After": "1"},
    HTTPStatus.UNAUTHORIZED: {"WWW-Authenticate": 'Basic realm="Twilio API"'},
}
_FAILURES = {
    FaultKind.HTTP_400: 20001,
    FaultKind.HTTP_429: 20429,
    FaultKind.HTTP_500: 20500,
    FaultKind.HTTP_503: 20503,
}


class TwilioDialect(Dialect):
    """Twilio's words."""

    name = "twilio"
    refuses = frozenset(_MAGIC)
    # Twilio filters words after it took them: both come as receipts of undelivered messages.
    undelivered = MappingProxyType({Magic.UNDELIVERED: "30003", Magic.CONTENT: "30007"})

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        options = stage.account
        self._account, self._token = options["account_sid"], options["auth_token"]
        self._ledger = stage.ledger
        self._clock = stage.clock
        self._messages = f"/{API_VERSION}/Accounts/{self._account}/Messages"
        self._list = f"{self._messages}.json"
        self._balance = f"/{API_VERSION}/Accounts/{self._account}/Balance.json"
        pairs = [
            (self._account, self._token),
            (self._account, options.get("auth_token_old", "")),
            (options.get("api_key", ""), options.get("api_secret", "")),
        ]
        self._basics = [_basic(name, secret) for name, secret in pairs if name and secret]

    @staticmethod
    def account(digits: Callable[[int], str]) -> dict[str, str]:
        return {
            "account_sid": f"AC{digits(32)}",
            "auth_token": digits(32),
            "from_number": _POOL,
        }

    def sends(self, method: str, path: str) -> bool:
        # Another account's path is a send as well, if one that will be refused.
        return method == "POST" and path.endswith("/Messages.json")

    def read(self, call: Call) -> Order:
        self._authenticate(call)
        form = parse_qs(call.body.decode("utf-8", "replace"), keep_blank_values=True)
        to, sender, service, text, callback_url = (
            form.get(name, [""])[-1]
            for name in ("To", "From", "MessagingServiceSid", "Body", "StatusCallback")
        )
        phone = e164(to)
        for wrong, code in (
            (any(name in form for name in _NOT_PLAYED), 20001),
            (not to, 21604),
            (not sender and not service, 21603),
            (service and not _SERVICE.fullmatch(service), 21603),
            (phone in _MAGIC_TO, _MAGIC_TO.get(phone, 0)),
            (not dialled(phone), 21211),
            (landline(phone), 21614),
            (sender in _MAGIC_FROM, _MAGIC_FROM.get(sender, 0)),
            (sender and not _SENDER.fullmatch(sender), 21212),
            (not text, 21619),
            (len(text) > _LONGEST_BODY, 21617),
            (callback_url and not _callable(callback_url), 21609),
        ):
            if wrong:
                raise _refused(code)
        magic = MAGIC.get(phone)
        if magic in _MAGIC:
            raise _refused(_MAGIC[magic])
        sender = e164(sender or _POOL)
        return Order(phone, sender, text, _attempt(callback_url), callback_url, service)

    def taken(self, row: Row, *, duplicate: bool) -> Answer:  # noqa: ARG002 — Twilio has none
        return answer(HTTPStatus.CREATED, resource(row, self._messages, Status.ACCEPTED))

    def ask(self, call: Call) -> Answer:
        try:
            self._authenticate(call)
        except Refused as refused:
            return refused.answer
        if call.method != "GET":
            return _error(20004)
        now = self._clock.now().timestamp()
        if call.path == self._list:
            search = searched(call.query, now)
            rows = self._ledger.search(self.name, search.wanted, search.page_size + 1)
            return answer(HTTPStatus.OK, listed(rows, search, self._messages, now))
        if call.path == self._balance:
            told = {"account_sid": self._account, "balance": "20.50", "currency": "USD"}
            return answer(HTTPStatus.OK, told)
        named = _ONE.fullmatch(call.path.removeprefix(self._messages))
        seq = seq_of_sid(named[1]) if named else None
        row = None if seq is None else self._ledger.known(self.name, seq)
        if row is None:
            return _error(20404)
        return answer(HTTPStatus.OK, resource(row, self._messages, row.status(now)))

    def failure(self, kind: FaultKind) -> Answer:
        return _error(_FAILURES[kind])

    def receipt(self, row: Row, status: Status, at: float) -> Post:
        fields = {
            "MessageSid": row.sid,
            "SmsSid": row.sid,
            "AccountSid": self._account,
            "From": row.order.sender,
            "To": row.order.to,
            "MessageStatus": STATUS[status],
            "SmsStatus": STATUS[status],
            "ApiVersion": API_VERSION,
        }
        if row.order.service:
            fields["MessagingServiceSid"] = row.order.service
        if status is Status.UNDELIVERED:
            fields["ErrorCode"] = row.fate.code
        if status is row.fate.final:
            # A carrier's own clock to the minute, in a zone that Twilio does not name.
            fields["RawDlrDoneDate"] = f"{datetime.fromtimestamp(at, UTC):%y%m%d%H%M}"
        return self._signed(row.order.callback_url, fields)

    def inbound(self, reply: Reply, url: str) -> Post:
        message = sid("SM", reply.seq)
        return self._signed(
            url,
            {
                "MessageSid": message,
                "SmsSid": message,
                "SmsMessageSid": message,
                "AccountSid": self._account,
                "From": reply.phone,
                "To": reply.to,
                "Body": reply.text,
                "NumSegments": str(reply.segments),
                "NumMedia": "0",
                "SmsStatus": "received",
                "ApiVersion": API_VERSION,
            },
        )

    def _authenticate(self, call: Call) -> None:
        given = call.headers.get("Authorization", "").encode(errors="surrogateescape")
        right = [hmac.compare_digest(given, basic) for basic in self._basics]
        if not any(right) or not call.path.startswith((self._messages, self._balance)):
            raise _refused(20003)

    def _signed(self, url: str, fields: dict[str, str]) -> Post:
        signature = signing.twilio(self._token, url, fields)
        return Post(url, urlencode(fields).encode(), _FORM, {"X-Twilio-Signature": signature})


def _basic(name: str, secret: str) -> bytes:
    return b"Basic " + base64.b64encode(f"{name}:{secret}".encode())


def _attempt(callback_url: str) -> str:
    """Our attempt id, where the adapter put it into the callback's address."""
    return parse_qs(urlsplit(callback_url).query).get("attempt", [""])[0]


def _callable(url: str) -> bool:
    return callable_url(url) and "_" not in urlsplit(url).netloc


def _error(code: int) -> Answer:
    status, message = _ERRORS[code]
    return answer(
        status,
        {
            "code": code,
            "message": message,
            "more_info": f"https://www.twilio.com/docs/errors/{code}",
            "status": int(status),
        },
        _HEADERS.get(status),
    )


def _refused(code: int) -> Refused:
    return Refused(_error(code))
