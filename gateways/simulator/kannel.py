"""Kannel's smsbox: `sendsms`, delivery reports by `dlr-url`, and an `sms-service` with a `get-url`.

Sources, read 2026-11: the user guide of Kannel 1.4.5 (tables 7-10, 7-16 and 7-17, chapter 10), and
a Kannel 1.4.5 of Debian's, asked: the bodies and statuses below are what it answered. `make kannel`
holds the adapter to such a Kannel.

Not played: POST, several receivers, binary messages. The account has its `sms-service` set up as
docs/gateways/kannel.md says.
"""

import hmac
import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from types import MappingProxyType
from urllib.parse import parse_qs, quote_plus, urlencode

from gateways.simulator import segments
from gateways.simulator.behaviour import FaultKind
from gateways.simulator.dialect import Answer, Call, Dialect, Refused
from gateways.simulator.numbers import MAGIC, Magic, dialled, e164
from gateways.simulator.posting import Post, callable_url
from gateways.simulator.rows import Order, Reply, Row, Status

_PATH = "/cgi-bin/sendsms"
_HTML = "text/html"
_GSM7, _UCS2 = "0", "2"
_MOST_PARTS = 10
_DENIED = "Number(s) has/have been denied by white- and/or black-lists."
_UNAUTHORISED = "Authorization failed for sendsms"
_MAGIC = {
    Magic.INVALID: (HTTPStatus.BAD_REQUEST, _DENIED),
    Magic.NO_BALANCE: (HTTPStatus.FORBIDDEN, _UNAUTHORISED),  # the account was closed
    Magic.UNREACHABLE: (HTTPStatus.FORBIDDEN, "Not routable. Do not try again."),
    Magic.UNHEARD: (HTTPStatus.BAD_REQUEST, "Unheard of, rejected"),
}
_REPORT = {Status.SENT: 8, Status.DELIVERED: 1}
_CODES = re.compile(r"%(.)")


class KannelDialect(Dialect):
    """Kannel's words."""

    name = "kannel"
    refuses = frozenset(_MAGIC)
    undelivered = MappingProxyType({Magic.UNDELIVERED: "2", Magic.CONTENT: "16"})

    @staticmethod
    def account(digits: Callable[[int], str]) -> dict[str, str]:
        return {"username": f"office{digits(4)}", "password": digits(20)}

    def sends(self, method: str, path: str) -> bool:
        return method == "GET" and path == _PATH

    def read(self, call: Call) -> Order:
        given = {n: v[-1] for n, v in parse_qs(call.query, keep_blank_values=True).items()}
        self._authenticate(given)
        to, sender, text, coding = (
            given.get(name, "") for name in ("to", "from", "text", "coding")
        )
        if not to:
            raise _refused(HTTPStatus.BAD_REQUEST, "Missing receiver number, rejected")
        if not sender:
            refusal = "Sender missing and no global set, rejected"
            raise _refused(HTTPStatus.BAD_REQUEST, refusal)
        if coding not in {_GSM7, _UCS2}:
            raise _refused(HTTPStatus.BAD_REQUEST, "Coding field misformed, rejected")
        if given.get("charset") != "UTF-8" or segments.count(text) > _MOST_PARTS:
            raise _refused(HTTPStatus.BAD_REQUEST, "Charset or body misformed, rejected")
        url = given.get("dlr-url", "")
        if url and not callable_url(url):
            raise _refused(HTTPStatus.BAD_REQUEST, "DLR-URL field misformed, rejected")
        phone = e164(to)
        if not dialled(phone):
            raise _refused(HTTPStatus.BAD_REQUEST, _DENIED)
        if (magic := MAGIC.get(phone)) in _MAGIC:
            raise _refused(*_MAGIC[magic])
        if coding == _GSM7:  # what the seven bits cannot hold goes out as a question mark
            text = "".join(letter if _seven_bits(letter) else "?" for letter in text)
        mask = int(given.get("dlr-mask", "0"))
        return Order(phone, sender, text, "", url if mask else "", service=str(mask))

    def taken(self, row: Row, *, duplicate: bool) -> Answer:  # noqa: ARG002 - Kannel knows none
        return Answer(HTTPStatus.ACCEPTED, b"0: Accepted for delivery", {}, _HTML)

    def ask(self, call: Call) -> Answer:
        if call.path == _PATH:
            return Answer(HTTPStatus.BAD_REQUEST, b"Invalid content-type", {}, _HTML)
        return Answer(HTTPStatus.NOT_FOUND, b"Unknown request.", {}, _HTML)

    def failure(self, kind: FaultKind) -> Answer:
        if kind is FaultKind.HTTP_400:
            return Answer(HTTPStatus.BAD_REQUEST, b"Validity field misformed, rejected", {}, _HTML)
        return super().failure(kind)

    def receipt(self, row: Row, status: Status, at: float) -> Post | None:
        report = _REPORT.get(status) or int(row.fate.code or 2)
        if not int(row.order.service) & report:
            return None
        told = {
            "d": str(report),
            "T": str(int(at)),
            "P": row.order.to,
            "p": row.order.sender,
            "I": row.id,
            "F": row.id,
            "A": "",
        }
        return Post(_filled(row.order.callback_url, told), method="GET")

    def inbound(self, reply: Reply, url: str) -> Post:
        told = {
            "from": reply.phone,
            "to": reply.to,
            "text": reply.text,
            "charset": "UTF-8",
            "id": reply.id,
            "at": str(int(reply.written_at)),
        }
        return Post(f"{url}?{urlencode(told)}", method="GET")

    def _authenticate(self, given: Mapping[str, str]) -> None:
        account = self.stage.account
        right = [
            hmac.compare_digest(given.get(name, "").encode(), account[name].encode())
            for name in ("username", "password")
        ]
        if not all(right):
            raise _refused(HTTPStatus.FORBIDDEN, _UNAUTHORISED)


_EXTENSION = frozenset("^{}\\[~]|€\f")
_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "ÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)


def _seven_bits(letter: str) -> bool:
    return letter in _BASIC or letter in _EXTENSION


def _filled(url: str, told: Mapping[str, str]) -> str:
    """The address with its escape codes filled in; `%%` is a percent sign."""
    return _CODES.sub(
        lambda code: "%" if code[1] == "%" else quote_plus(told.get(code[1], "")), url
    )


def _refused(status: int, body: str) -> Refused:
    return Refused(Answer(status, body.encode(), {}, _HTML))
