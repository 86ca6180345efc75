"""eSMS.vn's REST API, version 4, as far as one who sends customer-care SMS can see it.

Source: developers.esms.vn (github.com/devesms/gitbook_esms_for_develop_v2, bcddef0 of 2026-04-07),
pages tin-nhan-sms-otp-cskh, callback-url, bang-ma-loi, ham-kiem-tra-tin-nhan-theo-smsid,
ham-kiem-tra-trang-thai-tin-nhan-theo-khoang-thoi-gian, ham-lay-so-du-tai-khoan,
ham-lay-danh-sach-template-tin-cham-soc-khach-hang, ket-noi-dau-so-ngan; read 2026-11.

Unconfirmed, and played in the likelier way: every answer has status 200; "Invalid request" has
400; times are Vietnam's. Not played: advertising, Zalo, Viber, scheduling, and the refusal of the
same words to the same phone within five minutes, whose code nobody tells.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from http import HTTPStatus
from types import MappingProxyType
from urllib.parse import parse_qs, urlencode

from gateways.simulator.behaviour import FaultKind
from gateways.simulator.bodies import read_json
from gateways.simulator.dialect import Answer, Call, Dialect, Refused, answer
from gateways.simulator.ledger import Search
from gateways.simulator.numbers import MAGIC, Magic, dialled, e164, landline
from gateways.simulator.posting import Post, callable_url
from gateways.simulator.rows import Order, Reply, Row, Status

_SERVICE = "/MainService.svc/json"
_SEND = f"{_SERVICE}/SendMultipleMessage_V4_post_json"
_VIETNAM = timezone(timedelta(hours=7))
_CUSTOMER_CARE = "2"
_LONGEST_REQUEST_ID = 50
_MOST_LISTED = 10_000
_MOST_PAGE = 500
_CPID = "1"

_ERRORS = {  # bang-ma-loi; the words where a sample shows them, else ours
    "99": "Phone is blocked",
    "101": "Authorize Failed",
    "103": "Balance not enough",
    "104": "Brand name code is not exist",
    "108": "Phone is invalid",
    "118": "Sms type is not valid",
    "201": "Content is not allowed",
    "998": "Unheard of",  # no document names it
}
_MAGIC = {
    Magic.INVALID: "108",
    Magic.CONTENT: "201",
    Magic.NO_BALANCE: "103",
    Magic.UNREACHABLE: "99",
    Magic.UNHEARD: "998",
}
# SendStatus: 5 is finished, and only SendSuccess and SendFailed tell how; 7 waits for its report.
_SEND_STATUS = {Status.SENT: 7, Status.DELIVERED: 5, Status.UNDELIVERED: 5}
_INVALID = answer(HTTPStatus.BAD_REQUEST, {"error": "Invalid request"})


class EsmsDialect(Dialect):
    """eSMS' words."""

    name = "esms"
    refuses = frozenset(_MAGIC)
    undelivered = MappingProxyType({Magic.UNDELIVERED: ""})  # its reports name no cause
    remembers_s = 24 * 3600.0

    @staticmethod
    def account(digits: Callable[[int], str]) -> dict[str, str]:
        return {
            "api_key": digits(30).upper(),
            "secret_key": digits(31).upper(),
            "inbound_key": digits(32),
        }

    def sends(self, method: str, path: str) -> bool:
        return method == "POST" and path.rstrip("/") == _SEND

    def read(self, call: Call) -> Order:
        fields = self._authenticated(call.body)
        phone = e164(_text(fields, "Phone"))
        sender, text, request_id = (
            _text(fields, name) for name in ("Brandname", "Content", "RequestId")
        )
        callback_url = _text(fields, "CallbackUrl")
        if not text or len(request_id) > _LONGEST_REQUEST_ID:
            raise Refused(_INVALID)
        if callback_url and not callable_url(callback_url):
            raise Refused(_INVALID)
        for wrong, code in (
            (_text(fields, "SmsType") != _CUSTOMER_CARE, "118"),
            (not sender, "104"),
            (not dialled(phone), "108"),
            (landline(phone), "108"),
        ):
            if wrong:
                raise _refused(code)
        magic = MAGIC.get(phone)
        if magic in _MAGIC:
            raise _refused(_MAGIC[magic])
        campaign = _text(fields, "campaignid")
        return Order(phone, sender, text, request_id, callback_url, campaign)

    def taken(self, row: Row, *, duplicate: bool) -> Answer:
        if duplicate:
            status = _SEND_STATUS.get(row.status(self._now()), 2)
            return _error("124", "Request exist 1", SendStatus=str(status))
        return answer(
            HTTPStatus.OK,
            {"CodeResult": "100", "CountRegenerate": 0, "SMSID": _sms_id(row)},
        )

    def ask(self, call: Call) -> Answer:
        try:
            match call.method, call.path.rstrip("/").removeprefix(_SERVICE):
                case "GET", "/GetSendStatus":
                    return self._status({k: v[-1] for k, v in parse_qs(call.query).items()})
                case "POST", "/GetSmsSentData_V2":
                    return self._sent(self._authenticated(call.body))
                case "POST", "/GetBalance_json":
                    return self._balance(read_json(call.body))
        except Refused as refused:
            return refused.answer
        except ValueError:
            return _INVALID
        return Answer(HTTPStatus.NOT_FOUND, b"Endpoint not found.")

    def failure(self, kind: FaultKind) -> Answer:
        return _INVALID if kind is FaultKind.HTTP_400 else super().failure(kind)

    def receipt(self, row: Row, status: Status, at: float) -> Post | None:  # noqa: ARG002 - no times
        if status is Status.SENT:
            return None  # "once the final state is there"
        failed = int(status is Status.UNDELIVERED)
        query = {
            "SMSID": _sms_id(row),
            "SendFailed": failed,
            "SendStatus": _SEND_STATUS[status],
            "SendSuccess": 1 - failed,
            "TotalPrice": "850.0000",
            "TotalReceiver": 1,
            "TotalSent": 1,
            "RequestId": row.order.reference,
            "TypeId": _CUSTOMER_CARE,
            "telcoid": 1,
            "phonenumber": _national(row.order.to),
            "switchsmsid": "",
        }
        return Post(f"{row.order.callback_url}?{urlencode(query)}", method="GET")

    def inbound(self, reply: Reply, url: str) -> Post:
        at = f"{datetime.fromtimestamp(reply.written_at, _VIETNAM):%Y%m%d%H%M%S}"
        signed = f"{_CPID}{reply.id}{reply.text}{at}{self.stage.account['inbound_key']}"
        digest = hashlib.md5(signed.encode(), usedforsecurity=False).digest()
        query = {
            "sender": reply.phone.removeprefix("+"),
            "content": reply.text,
            "serviceNumber": reply.to,
            "keyword": reply.text.partition(" ")[0],
            "sign": base64.b64encode(digest).decode(),
            "cpid": _CPID,
            "smsid": reply.id,
            "receiverTime": at,
        }
        return Post(f"{url}?{urlencode(query)}", method="GET")

    def _status(self, query: Mapping[str, str]) -> Answer:
        told = query.get("RefId", "")
        if not self._is_ours(query):
            return answer(HTTPStatus.OK, {"CodeResponse": "101", "SMSID": told})
        row = self._row(told)
        status = row.status(self._now()) if row else Status.ACCEPTED
        if row is None or status is Status.ACCEPTED:
            # Not there, or just sent: "try again later".
            return answer(HTTPStatus.OK, {"CodeResponse": "105", "SMSID": told})
        return answer(
            HTTPStatus.OK,
            {
                "CodeResponse": "100",
                "SMSID": told,
                "SendFailed": int(status is Status.UNDELIVERED),
                "SendStatus": _SEND_STATUS[status],
                "SendSuccess": int(status is Status.DELIVERED),
                "TotalPrice": 850.0,
                "TotalReceiver": 1,
                "TotalSent": int(status is not Status.SENT),
            },
        )

    def _sent(self, fields: Mapping[str, object]) -> Answer:
        since, until = (_instant(_text(fields, name)) for name in ("From", "To"))
        page, size = (int(str(fields.get(name, ""))) for name in ("Page", "PageSize"))
        if page < 1 or not 0 < size <= _MOST_PAGE:
            raise Refused(_INVALID)
        # By the day of its creation; the ledger searches by the sending, a moment later.
        wanted = Search(since=since.timestamp(), until=until.timestamp() + 60)
        found = [
            row
            for row in self.stage.ledger.search(self.name, wanted, _MOST_LISTED)
            if since.timestamp() <= row.received_at <= until.timestamp() + 1
        ]
        shown = found[(page - 1) * size : page * size]
        return answer(
            HTTPStatus.OK,
            {
                "CodeResult": "100",
                "CountTotal": len(found),
                "SentData": [self._listed(row) for row in shown],
            },
        )

    def _listed(self, row: Row) -> dict[str, object]:
        status = row.status(self._now())
        result = {Status.DELIVERED: 1, Status.UNDELIVERED: 0}.get(status, 2)
        return {
            "Campaign": row.order.service,
            "Content": row.order.text,
            "Phone": _national(row.order.to),
            "ReferenceId": _sms_id(row),
            "SellPrice": 850.0,
            "SendResult": result,
            "SendStatus": _SEND_STATUS.get(status, 2),
            "SentTime": f"/Date({int(row.fate.sent_at * 1000)}+0700)/",
            "SmsId": row.seq % 10**9,
            "SmsType": 2,
        }

    def _balance(self, fields: object) -> Answer:
        if not isinstance(fields, dict) or not self._is_ours(fields):
            wrong = {"Balance": 0, "CodeResponse": "101", "ErrorMessage": "Authorize Failed"}
            return answer(HTTPStatus.OK, wrong)
        return answer(HTTPStatus.OK, {"Balance": 36693, "CodeResponse": "100", "UserID": 9999})

    def _authenticated(self, body: bytes) -> Mapping[str, object]:
        try:
            fields = read_json(body)
        except ValueError:
            raise Refused(_INVALID) from None
        if not isinstance(fields, dict):
            raise Refused(_INVALID)
        if not self._is_ours(fields):
            raise _refused("101")
        return fields

    def _is_ours(self, fields: Mapping[str, object]) -> bool:
        given = f"{fields.get('ApiKey')}\0{fields.get('SecretKey')}".encode(errors="replace")
        account = self.stage.account
        right = f"{account['api_key']}\0{account['secret_key']}".encode()
        return hmac.compare_digest(given, right)

    def _row(self, sms_id: str) -> Row | None:
        try:
            seq = int(sms_id, 16)
        except ValueError:
            return None
        if seq >= 1 << 63:
            return None
        return self.stage.ledger.known(self.name, seq)

    def _now(self) -> float:
        return self.stage.clock.now().timestamp()


def _sms_id(row: Row) -> str:
    return f"{row.seq:032x}"


def _text(fields: Mapping[str, object], name: str) -> str:
    value = fields.get(name, "")
    if not isinstance(value, str):
        raise Refused(_INVALID)
    return value


def _national(phone: str) -> str:
    return f"0{phone[3:]}" if phone.startswith("+84") else phone


def _instant(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=_VIETNAM).astimezone(UTC)


def _error(code: str, message: str, **more: str) -> Answer:
    told = {"CodeResult": code, "CountRegenerate": 0, "ErrorMessage": message, **more}
    return answer(HTTPStatus.OK, told)


def _refused(code: str) -> Refused:
    return Refused(_error(code, _ERRORS[code]))
