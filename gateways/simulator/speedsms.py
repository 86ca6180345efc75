"""SpeedSMS's API, as far as one who sends SMS can see it.

Sources: speedsms.vn/sms-api (codes, `/user/info`, `/sms/send`, rate limit), read 2026-11; public
client code (alexzvn/speedsms-api at d27f932: webhooks `report` and `incoming`, 0 delivered, from 1
temporary, from 64 failed; that a wrong token answers 404).

Not played: the limit of 60 requests in 60 s, so that drills may send as fast as they like;
`http_429` answers as the limit does. Only a message to one phone is played.
"""

import base64
import hmac
import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from types import MappingProxyType

from gateways.simulator.behaviour import FaultKind
from gateways.simulator.bodies import read_json
from gateways.simulator.dialect import JSON, Answer, Call, Dialect, Refused, Stage, answer
from gateways.simulator.numbers import MAGIC, Magic, dialled, e164, landline
from gateways.simulator.posting import Post
from gateways.simulator.rows import Order, Reply, Row, Status

_SEND, _ACCOUNT = "/index.php/sms/send", "/index.php/user/info"
_BRANDNAMES = {3, 4, 5}  # types that name a sender; 2 sends from some number
_LONGEST_ASCII, _LONGEST_UNICODE = 612, 266
_BALANCE = 1_000_000.0
_ERRORS = {  # the page's own words
    "101": "Invalid or missing parameters",
    "105": "Phone number invalid",
    "113": "Sms content too long",
    "300": "Your account balance not enough to send sms",
    "999": "Unheard of",  # no document names it
}
_MAGIC = {Magic.NO_BALANCE: "300", Magic.UNHEARD: "999"}
# What a Yii server answers where the API itself was not reached.
_FAILURES = {
    FaultKind.HTTP_400: (HTTPStatus.BAD_REQUEST, "Bad Request", "Invalid JSON data.", {}),
    FaultKind.HTTP_429: (
        HTTPStatus.TOO_MANY_REQUESTS,
        "Too Many Requests",
        "Rate limit exceeded.",
        {"X-Rate-Limit-Limit": "60", "X-Rate-Limit-Remaining": "0", "X-Rate-Limit-Reset": "1"},
    ),
}


class SpeedSmsDialect(Dialect):
    """SpeedSMS's words."""

    name = "speedsms"
    refuses = frozenset({Magic.INVALID, *_MAGIC})
    undelivered = MappingProxyType(
        {Magic.UNDELIVERED: "64", Magic.CONTENT: "65", Magic.UNREACHABLE: "66"}
    )
    reports_to_account = True

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        token = stage.account["token"]
        self._basic = b"Basic " + base64.b64encode(f"{token}:x".encode())

    @staticmethod
    def account(digits: Callable[[int], str]) -> dict[str, str]:
        return {"token": digits(32)}

    @staticmethod
    def addresses(url: str) -> dict[str, str]:
        return {"base_url": f"{url}/index.php"}

    def sends(self, method: str, path: str) -> bool:
        return method == "POST" and path == _SEND

    def read(self, call: Call) -> Order:
        self._authenticate(call)
        try:
            fields = read_json(call.body)
        except ValueError:
            raise Refused(self.failure(FaultKind.HTTP_400)) from None
        if not isinstance(fields, dict):
            raise _refused("101")
        to, text, kind, sender = (
            fields.get(name, default)
            for name, default in (("to", []), ("content", ""), ("sms_type", 2), ("sender", ""))
        )
        if not (isinstance(to, list) and len(to) == 1 and isinstance(to[0], str)):
            raise _refused("101")
        named = sender if kind in _BRANDNAMES else "0901756186"
        if not (isinstance(text, str) and text and isinstance(named, str) and named):
            raise _refused("101")
        phone = e164(to[0])
        if not dialled(phone) or landline(phone):
            raise _refused("105", to)
        if len(text) > (_LONGEST_ASCII if text.isascii() else _LONGEST_UNICODE):
            raise _refused("113")
        magic = MAGIC.get(phone)
        if magic is Magic.INVALID:  # a success that sent nothing
            raise Refused(_success(0, [to[0]], seq=0))
        if magic in _MAGIC:
            raise _refused(_MAGIC[magic])
        return Order(phone, named, text, "", "")

    def taken(self, row: Row, *, duplicate: bool) -> Answer:  # noqa: ARG002 - SpeedSMS has none
        return _success(row.segments, [], seq=row.seq)

    def ask(self, call: Call) -> Answer:
        try:
            self._authenticate(call)
        except Refused as refused:
            return refused.answer
        if (call.method, call.path) != ("GET", _ACCOUNT):
            return _yii(HTTPStatus.NOT_FOUND, "Not Found", "Page not found.", {})
        told = {"email": "ubnd@example.vn", "balance": _BALANCE, "currency": "VND"}
        return answer(HTTPStatus.OK, {"status": "success", "code": "00", "data": told})

    def failure(self, kind: FaultKind) -> Answer:
        return _yii(*_FAILURES[kind]) if kind in _FAILURES else super().failure(kind)

    def receipt(self, row: Row, status: Status, at: float) -> Post | None:  # noqa: ARG002 - it tells no time
        code = {Status.DELIVERED: 0, Status.SENT: 1}.get(status) or int(row.fate.code or 0)
        return _post(
            row.order.callback_url,
            {"type": "report", "tranId": row.seq, "phone": _bare(row.order.to), "status": code},
        )

    def inbound(self, reply: Reply, url: str) -> Post:
        told = {"type": "incoming", "phone": _bare(reply.phone), "content": reply.text}
        return _post(url, told)

    def _authenticate(self, call: Call) -> None:
        given = call.headers.get("Authorization", "").encode(errors="surrogateescape")
        if not hmac.compare_digest(given, self._basic):
            raise Refused(_yii(HTTPStatus.NOT_FOUND, "Not Found", "User not found.", {}))


def _bare(phone: str) -> str:
    return phone.removeprefix("+")


def _post(url: str, told: Mapping[str, object]) -> Post:
    return Post(url, json.dumps(told).encode(), JSON)


def _success(count: int, invalid: list[str], *, seq: int) -> Answer:
    data = {"tranId": seq, "totalSMS": count, "totalPrice": 250 * count, "invalidPhone": invalid}
    return answer(HTTPStatus.OK, {"status": "success", "code": "00", "data": data})


def _refused(code: str, invalid: list[str] | None = None) -> Refused:
    told = {"status": "error", "code": code, "message": _ERRORS[code]}
    return Refused(answer(HTTPStatus.OK, {**told, "invalidPhone": invalid or []}))


def _yii(status: int, name: str, message: str, headers: dict[str, str]) -> Answer:
    return answer(
        status, {"name": name, "message": message, "code": 0, "status": int(status)}, headers
    )
