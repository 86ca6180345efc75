"""The simulator's own dialect: plain JSON, and a reference that deduplicates for ever.

`POST /messages` with a bearer token and `{"reference", "to", "from", "text", "callback_url"}`
answers 201 `{"id", "reference", "segments", "duplicate": false}`; the same reference again
answers 200 with the first id and `"duplicate": true`. `GET /messages?reference=` answers
`{"messages": [{"id", "reference", "status"}]}`. Errors: `{"error": {"code", "message"}}`.
Receipts and citizens' SMS are JSON, signed by `X-Simulator-Signature` over the raw body.
"""

import hmac
import json
import math
from collections.abc import Callable
from http import HTTPStatus
from types import MappingProxyType
from urllib.parse import parse_qs

from gateways.simulator import signing
from gateways.simulator.behaviour import FaultKind
from gateways.simulator.bodies import read_json
from gateways.simulator.dialect import JSON, Answer, Call, Dialect, Refused, Stage, answer
from gateways.simulator.numbers import MAGIC, Magic, dialled, e164, landline
from gateways.simulator.posting import Post, callable_url
from gateways.simulator.rows import Order, Reply, Row, Status, rfc3339

_LONGEST_TEXT = 2_000  # characters
_LONGEST_SENDER = 20
_LONGEST_REFERENCE = 200

_MAGIC = {
    Magic.INVALID: (HTTPStatus.BAD_REQUEST, "number_invalid"),
    Magic.CONTENT: (HTTPStatus.BAD_REQUEST, "content_refused"),
    Magic.NO_BALANCE: (HTTPStatus.PAYMENT_REQUIRED, "no_balance"),
    Magic.UNREACHABLE: (HTTPStatus.BAD_REQUEST, "number_unreachable"),
    Magic.UNHEARD: (HTTPStatus.BAD_REQUEST, "unheard_of"),
}
_FAILURES = {
    FaultKind.HTTP_400: (HTTPStatus.BAD_REQUEST, "bad_request"),
    FaultKind.HTTP_429: (HTTPStatus.TOO_MANY_REQUESTS, "rate_limited"),
    FaultKind.HTTP_500: (HTTPStatus.INTERNAL_SERVER_ERROR, "server_error"),
    FaultKind.HTTP_503: (HTTPStatus.SERVICE_UNAVAILABLE, "unavailable"),
}
_MESSAGES = {
    "bad_request": "The request cannot be read.",
    "content_refused": "The words are not allowed.",
    "no_balance": "The account has no balance left.",
    "not_found": "There is nothing here.",
    "number_invalid": "There is no such number.",
    "number_unreachable": "This number takes no SMS.",
    "rate_limited": "Too many messages at once.",
    "sender_unknown": "The sender is not registered.",
    "server_error": "Something broke.",
    "unauthorised": "The token is missing or wrong.",
    "unavailable": "Down for maintenance.",
    "unheard_of": "No document names this.",
}


class PlainDialect(Dialect):
    """The words of the provider that only exists here."""

    name = "simulator"
    refuses = frozenset(_MAGIC)
    undelivered = MappingProxyType({Magic.UNDELIVERED: "number_unreachable"})
    remembers_s = math.inf

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self._token = stage.account["token"]
        self._ledger = stage.ledger
        self._clock = stage.clock
        tokens = (self._token, stage.account.get("token_old", ""))
        self._bearers = [f"Bearer {token}".encode() for token in tokens if token]

    @staticmethod
    def account(digits: Callable[[int], str]) -> dict[str, str]:
        return {"token": digits(32)}

    def sends(self, method: str, path: str) -> bool:
        return method == "POST" and path == "/messages"

    def read(self, call: Call) -> Order:
        self._authenticate(call)
        try:
            fields = read_json(call.body)
        except ValueError as error:
            raise _refused(HTTPStatus.BAD_REQUEST, "bad_request") from error
        reference, to, sender, text = (
            _text(fields, name) for name in ("reference", "to", "from", "text")
        )
        callback_url = _text(fields, "callback_url", "")
        unreadable = callback_url and not callable_url(callback_url)
        if unreadable or not 0 < len(reference) <= _LONGEST_REFERENCE:
            raise _refused(HTTPStatus.BAD_REQUEST, "bad_request")
        if not sender or len(sender) > _LONGEST_SENDER:
            raise _refused(HTTPStatus.BAD_REQUEST, "sender_unknown")
        phone = e164(to)
        if not dialled(phone):
            raise _refused(HTTPStatus.BAD_REQUEST, "number_invalid")
        if landline(phone):
            raise _refused(HTTPStatus.BAD_REQUEST, "number_unreachable")
        if not text or len(text) > _LONGEST_TEXT:
            raise _refused(HTTPStatus.BAD_REQUEST, "content_refused")
        magic = MAGIC.get(phone)
        if magic in _MAGIC:
            raise _refused(*_MAGIC[magic])
        return Order(phone, e164(sender), text, reference, callback_url)

    def taken(self, row: Row, *, duplicate: bool) -> Answer:
        return answer(
            HTTPStatus.OK if duplicate else HTTPStatus.CREATED,
            {
                "id": row.id,
                "reference": row.order.reference,
                "segments": row.segments,
                "duplicate": duplicate,
            },
        )

    def ask(self, call: Call) -> Answer:
        if call.method != "GET" or call.path != "/messages":
            return _error(HTTPStatus.NOT_FOUND, "not_found")
        try:
            self._authenticate(call)
        except Refused as refused:
            return refused.answer
        references = parse_qs(call.query).get("reference", [])
        if len(references) != 1:
            return _error(HTTPStatus.BAD_REQUEST, "bad_request")
        self._ledger.commit()
        row = self._ledger.referenced(self.name, references[0])
        now = self._clock.now().timestamp()
        found = [row] if row else []
        return answer(
            HTTPStatus.OK,
            {
                "messages": [
                    {"id": r.id, "reference": r.order.reference, "status": r.status(now).value}
                    for r in found
                ]
            },
        )

    def failure(self, kind: FaultKind) -> Answer:
        return _error(*_FAILURES[kind])

    def receipt(self, row: Row, status: Status, at: float) -> Post:
        return self._signed(
            row.order.callback_url,
            {
                "id": row.id,
                "reference": row.order.reference,
                "status": status.value,
                "code": row.fate.code if status is Status.UNDELIVERED else "",
                "at": rfc3339(at),
            },
        )

    def inbound(self, reply: Reply, url: str) -> Post:
        return self._signed(
            url,
            {
                "id": reply.id,
                "from": reply.phone,
                "to": reply.to,
                "text": reply.text,
                "at": rfc3339(reply.written_at),
            },
        )

    def _authenticate(self, call: Call) -> None:
        given = call.headers.get("Authorization", "").encode(errors="surrogateescape")
        if not any(hmac.compare_digest(given, bearer) for bearer in self._bearers):
            raise _refused(HTTPStatus.UNAUTHORIZED, "unauthorised")

    def _signed(self, url: str, value: dict[str, str]) -> Post:
        body = json.dumps(value).encode()
        return Post(
            url, body, JSON, {"X-Simulator-Signature": signing.simulator(self._token, body)}
        )


def _text(fields: object, name: str, default: str | None = None) -> str:
    value = fields.get(name, default) if isinstance(fields, dict) else None
    if value is None and default is not None:
        return default
    if not isinstance(value, str):
        raise _refused(HTTPStatus.BAD_REQUEST, "bad_request")
    return value


def _error(status: int, code: str) -> Answer:
    return answer(
        status,
        {"error": {"code": code, "message": _MESSAGES[code]}},
        {"Retry-After": "1"} if status == HTTPStatus.TOO_MANY_REQUESTS else None,
    )


def _refused(status: int, code: str) -> Refused:
    return Refused(_error(status, code))
