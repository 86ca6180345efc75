"""FPT's SMS API for brandnames, as its users' code shows it.

Sources, read 2026-11: developer.sms.fpt.net/document, and public clients of `/oauth2/token` and
`/api/push-brandname-otp` on app.sms.fpt.net (JSON both ways; the words in base64; the session of
the token repeated with each message; `{MessageId, Phone, BrandName, Message, PartnerId, Telco}` or
`{error, error_description}`), of which two list the codes below, alike.

Not known, and played in the likelier way: the status of a refusal (400), whether another token
ends the one before it (no), what the same RequestId again does (another message). Not played: the
refusal of the same words to the same phone within five minutes (2501), advertising, and delivery
reports, which FPT's users may ask for in a way that no public page shows. FPT brings no citizen's
SMS; what is posted here as one is made up.
"""

import base64
import binascii
import hmac
import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from types import MappingProxyType

from gateways.simulator.bodies import read_json
from gateways.simulator.dialect import JSON, TEXT, Answer, Call, Dialect, Refused, answer
from gateways.simulator.numbers import MAGIC, Magic, dialled, e164, landline
from gateways.simulator.posting import Post
from gateways.simulator.rows import Order, Reply, Row, Status

_TOKEN, _SEND = "/oauth2/token", "/api/push-brandname-otp"
_LIFE_S = 3600
_SCOPES = frozenset({"send_brandname_otp", "send_brandname"})
_LONGEST_ASCII, _LONGEST_UNICODE = 612, 266
_ERRORS = {  # as two clients list them
    1001: "Request không hợp lệ",
    1005: "Các scope không hợp lệ",
    1008: "Thông tin client không đúng (sai client_id hoặc client_secret)",
    1011: "Access token không hợp lệ",
    1013: "Access token hết hạn",
    1014: "Các tham số truyền vào bị lỗi",
    1015: "Không hỗ trợ kiểu loại hình cấp quyền này",
    2502: "Hết hạn mức gửi tin",
    2505: "Số điện thoại bị chặn",
    901: "Độ dài tin nhắn vượt quá qui định của nhà mạng",
    902: "Sai số điện thoại",
    6: "Nội dung gửi có chứa từ khóa bị chặn",
    2999: "?",  # no client lists it
}
_MAGIC = {
    Magic.INVALID: 902,
    Magic.CONTENT: 6,
    Magic.NO_BALANCE: 2502,
    Magic.UNREACHABLE: 2505,
    Magic.UNHEARD: 2999,
}


class FptDialect(Dialect):
    """FPT's words."""

    name = "fpt"
    refuses = frozenset(_MAGIC)
    undelivered = MappingProxyType({Magic.UNDELIVERED: ""})  # nobody is told

    @staticmethod
    def account(digits: Callable[[int], str]) -> dict[str, str]:
        return {"client_id": digits(40), "client_secret": digits(72)}

    def sends(self, method: str, path: str) -> bool:
        return method == "POST" and path == _SEND

    def read(self, call: Call) -> Order:
        fields = _fields(call)
        self._authenticate(_text(fields, "access_token"), _text(fields, "session_id"))
        sender, to, told, reference = (
            _text(fields, name) for name in ("BrandName", "Phone", "Message", "RequestId")
        )
        if not (sender and to and told):
            raise _refused(1014)
        try:
            text = base64.b64decode(told, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise _refused(1014) from None
        phone = e164(to)
        if not dialled(phone) or landline(phone):
            raise _refused(902)
        if len(text) > (_LONGEST_ASCII if text.isascii() else _LONGEST_UNICODE):
            raise _refused(901)
        if code := _MAGIC.get(MAGIC.get(phone, Magic.SILENT)):
            raise _refused(code)
        return Order(phone, sender, text, reference, "")

    def taken(self, row: Row, *, duplicate: bool) -> Answer:  # noqa: ARG002 - not known of FPT
        told = {
            "MessageId": row.seq,
            "Phone": row.order.to.removeprefix("+"),
            "BrandName": row.order.sender,
            "Message": row.order.text,
            "PartnerId": "office",
            "Telco": "viettel",
        }
        return answer(HTTPStatus.OK, told)

    def ask(self, call: Call) -> Answer:
        if (call.method, call.path) != ("POST", _TOKEN):
            return Answer(HTTPStatus.NOT_FOUND, b"Not Found", {}, TEXT)
        try:
            return self._token(_fields(call))
        except Refused as refused:
            return refused.answer

    def receipt(self, row: Row, status: Status, at: float) -> Post | None:  # noqa: ARG002 - none
        return None

    def inbound(self, reply: Reply, url: str) -> Post:
        return Post(url, json.dumps({"phone": reply.phone, "text": reply.text}).encode(), JSON)

    def _token(self, fields: Mapping[str, object]) -> Answer:
        given = f"{_text(fields, 'client_id')}\0{_text(fields, 'client_secret')}".encode()
        account = self.stage.account
        right = f"{account['client_id']}\0{account['client_secret']}".encode()
        scopes, session = _text(fields, "scope").split(), _text(fields, "session_id")
        if not hmac.compare_digest(given, right):
            raise _refused(1008)
        if _text(fields, "grant_type") != "client_credentials":
            raise _refused(1015)
        if not scopes or not _SCOPES.issuperset(scopes):
            raise _refused(1005)
        if not session:
            raise _refused(1014)
        given_at = int(self.stage.clock.now().timestamp())
        told = {
            "access_token": f"{given_at:x}.{self._mark(given_at, session)}",
            "expires_in": _LIFE_S,
            "token_type": "Bearer",
            "scope": " ".join(scopes),
        }
        return answer(HTTPStatus.OK, told)

    def _authenticate(self, token: str, session: str) -> None:
        at, _, mark = token.partition(".")
        try:
            given_at = int(at, 16)
        except ValueError:
            raise _refused(1011) from None
        if not hmac.compare_digest(mark.encode(), self._mark(given_at, session).encode()):
            raise _refused(1011)
        if self.stage.clock.now().timestamp() >= given_at + _LIFE_S:
            raise _refused(1013)

    def _mark(self, given_at: int, session: str) -> str:
        """What nobody else could have put into a token."""
        key = self.stage.account["client_secret"].encode()
        return hmac.digest(key, f"{given_at}\0{session}".encode(), "sha256").hex()


def _fields(call: Call) -> Mapping[str, object]:
    try:
        fields = read_json(call.body)
    except ValueError:
        raise _refused(1001) from None
    if not isinstance(fields, dict):
        raise _refused(1001)
    return fields


def _text(fields: Mapping[str, object], name: str) -> str:
    value = fields.get(name, "")
    if not isinstance(value, str):
        raise _refused(1014)
    return value


def _refused(code: int) -> Refused:
    told = {"error": code, "error_description": _ERRORS[code]}
    return Refused(answer(HTTPStatus.BAD_REQUEST, told))
