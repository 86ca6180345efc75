"""VietGuys's HTTP API for brandnames, as its users' code shows it.

Sources, read 2026-11: public clients of cloudsms.vietguys.biz:4438/api/index.php (a form, and the
answer `{msgid, error, error_code, log, carrier}`; type 0 for ASCII, 8 for Unicode; the codes, alike
in four of them) and developers.vietguys.biz. A receipt is posted as `{"data": {"message_id",
"status"}}`, after one of them.

Not known, and so not played: what the same `bid` again does (here it is another message), a token
that expires, the balance. VietGuys tells nobody how it would bring a citizen's SMS; what is posted
here as one is made up.
"""

import hmac
import json
from collections.abc import Callable
from http import HTTPStatus
from types import MappingProxyType
from urllib.parse import parse_qs

from gateways.simulator import segments
from gateways.simulator.dialect import (
    JSON,
    TEXT,
    Answer,
    Call,
    Dialect,
    Refused,
    answer,
)
from gateways.simulator.numbers import MAGIC, Magic, dialled, e164, landline
from gateways.simulator.posting import Post
from gateways.simulator.rows import Order, Reply, Row, Status

_PATH = "/api/index.php"
_LONGEST = 459
_MOST_SEGMENTS = 3
_ERRORS = {  # as four clients list them
    -1: "Chưa truyền đầy đủ tham số",
    -3: "Không tìm thấy tài khoản người dùng",
    -5: "Thông tin xác thực chưa chính xác",
    -9: "Tài khoản hết credits gửi tin",
    -10: "Số điện thoại chưa chính xác",
    -11: "Số điện thoại nằm trong danh sách từ chối nhận tin",
    -14: "Số kí tự vượt quá 459 kí tự (lỗi tin nhắn dài)",
    -18: "Nội dung có chứa từ khoá quảng cáo",
    -99: "?",  # no client lists it
}
_MAGIC = {
    Magic.INVALID: -10,
    Magic.CONTENT: -18,
    Magic.NO_BALANCE: -9,
    Magic.UNREACHABLE: -11,
    Magic.UNHEARD: -99,
}
_STATUS = {Status.SENT: "sent", Status.DELIVERED: "delivered", Status.UNDELIVERED: "fail"}


class VietGuysDialect(Dialect):
    """VietGuys's words."""

    name = "vietguys"
    refuses = frozenset(_MAGIC)
    undelivered = MappingProxyType({Magic.UNDELIVERED: "fail"})
    reports_to_account = True

    @staticmethod
    def account(digits: Callable[[int], str]) -> dict[str, str]:
        return {"username": f"office{digits(4)}", "password": digits(20)}

    def sends(self, method: str, path: str) -> bool:
        return method == "POST" and path == _PATH

    def read(self, call: Call) -> Order:
        form = {
            name: values[-1]
            for name, values in parse_qs(
                call.body.decode("utf-8", "replace"), keep_blank_values=True
            ).items()
        }
        account, password, sender, to, text = (
            form.get(name, "") for name in ("u", "pwd", "from", "phone", "sms")
        )
        if not (account and password and sender and to and text):
            raise _refused(-1)
        if account != self.stage.account["username"]:
            raise _refused(-3)
        if not hmac.compare_digest(password.encode(), self.stage.account["password"].encode()):
            raise _refused(-5)
        phone = e164(to)
        if not dialled(phone) or landline(phone):
            raise _refused(-10)
        if len(text) > _LONGEST or segments.count(text) > _MOST_SEGMENTS:
            raise _refused(-14)
        if not text.isascii() and form.get("type") != "8":
            text = text.encode("ascii", "replace").decode()  # what a wrong type makes of it
        if code := _MAGIC.get(MAGIC.get(phone, Magic.SILENT)):
            raise _refused(code)
        return Order(phone, sender, text, form.get("bid", ""), "")

    def taken(self, row: Row, *, duplicate: bool) -> Answer:  # noqa: ARG002 - not known of VietGuys
        return _answered(0, 0, "success", f"{row.seq}")

    def ask(self, call: Call) -> Answer:  # noqa: ARG002 - there is nothing to ask
        return Answer(HTTPStatus.NOT_FOUND, b"Not Found", {}, TEXT)

    def receipt(self, row: Row, status: Status, at: float) -> Post | None:  # noqa: ARG002 - it tells no time
        told = {"data": {"message_id": f"{row.seq}", "status": _STATUS[status]}}
        return Post(row.order.callback_url, json.dumps(told).encode(), JSON)

    def inbound(self, reply: Reply, url: str) -> Post:
        return Post(url, json.dumps({"phone": reply.phone, "sms": reply.text}).encode(), JSON)


def _answered(error: int, code: int, log: str, msgid: str) -> Answer:
    told = {"msgid": msgid, "error": error, "error_code": code, "log": log, "carrier": ""}
    return answer(HTTPStatus.OK, told)


def _refused(code: int) -> Refused:
    return Refused(_answered(1, code, _ERRORS[code], ""))
