"""Zalo's template messages by phone (ZNS): sending, status, quota, tokens and the delivery event.

Sources, read 2026-11: zalo.cloud/zns/guidelines/handle-error-code (what each error says); public
clients of business.openapi.zalo.me (`/message/template`, `/message/status`, `/message/quota`) and
of oauth.zaloapp.com (`/v4/oa/access_token`: a form, the app's secret in the header `secret_key`, a
pair back whose refresh token works once); their samples of answers and of the event
`user_received_message`, signed `mac=sha256(app_id + body + timestamp + key)`.

Not known, and played in the likelier way: the code of a refused refresh token (-14003); whether
another access token ends the one before it (no); what the same tracking_id again does (another
message). Not played: hashed and encrypted phones, quotas, the night. Zalo tells of what was
delivered and never of what was not. A citizen who writes to the account has no phone there; what is
posted as an SMS is made up.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import ClassVar
from urllib.parse import parse_qs

from gateways.simulator.behaviour import FaultKind
from gateways.simulator.bodies import read_json
from gateways.simulator.dialect import JSON, TEXT, Answer, Call, Dialect, Refused, answer
from gateways.simulator.numbers import MAGIC, Magic, dialled, e164, landline
from gateways.simulator.posting import Post
from gateways.simulator.rows import Order, Reply, Row, Status

_SEND = "/message/template"
_LIFE_S = 90_000  # 25 hours
_LONGEST_TRACKING_ID = 48
_OA = "2893352839501541173"
_ERRORS = {
    -108: "Phone number invalid",
    -109: "Template ID invalid",
    -112: "Template data invalid",
    -114: "User is inactive, or reject the message, or using an outdated Zalo version",
    -115: "Out of quota",
    -116: "Text invalid",
    -118: "Zalo account not existed",
    -122: "Body request is not valid JSON",
    -124: "Access token invalid",
    -1241: "Invalid appsecret_proof",
    -132: "Parameter invalid",
    -999: "?",  # no list has it
    -14003: "Invalid parameter",
}
_MAGIC = {
    Magic.INVALID: -108,
    Magic.CONTENT: -116,
    Magic.NO_BALANCE: -115,
    Magic.UNREACHABLE: -118,
    Magic.UNHEARD: -999,
}


class ZaloDialect(Dialect):
    """Zalo's words."""

    name = "zalo"
    refuses = frozenset(_MAGIC)
    undelivered = MappingProxyType({Magic.UNDELIVERED: ""})
    tells_failures: ClassVar[bool] = False
    reports_to_account = True

    @staticmethod
    def account(digits: Callable[[int], str]) -> dict[str, str]:
        return {
            "app_id": "2074138120372622546",
            "secret_key": digits(20),
            "webhook_key": digits(20),
            "refresh_token": f"first-{digits(60)}",
        }

    @staticmethod
    def addresses(url: str) -> dict[str, str]:
        return {"base_url": url, "oauth_url": url}

    def sends(self, method: str, path: str) -> bool:
        return method == "POST" and path == _SEND

    def read(self, call: Call) -> Order:
        self._authenticate(call.headers)
        try:
            fields = read_json(call.body)
        except ValueError:
            raise _refused(-122) from None
        if not isinstance(fields, dict):
            raise _refused(-122)
        to, template_id, tracking_id, values = (
            fields.get(name) for name in ("phone", "template_id", "tracking_id", "template_data")
        )
        if not isinstance(to, str) or not to:
            raise _refused(-108)
        if not isinstance(tracking_id, str) or len(tracking_id) > _LONGEST_TRACKING_ID:
            raise _refused(-132)
        phone = e164(to)
        if not dialled(phone) or landline(phone):
            raise _refused(-108)
        if not isinstance(template_id, str) or self.stage.templates.text(template_id) is None:
            raise _refused(-109)
        if not isinstance(values, dict) or not all(isinstance(v, str) for v in values.values()):
            raise _refused(-112)
        text = self.stage.templates.filled(template_id, values)
        if text is None:
            raise _refused(-112)
        if code := _MAGIC.get(MAGIC.get(phone, Magic.SILENT)):
            raise _refused(code)
        return Order(phone, _OA, text, tracking_id, "")

    def taken(self, row: Row, *, duplicate: bool) -> Answer:  # noqa: ARG002 - not known of Zalo
        told = {
            "msg_id": _msg_id(row),
            "sent_time": str(int(row.received_at * 1000)),
            "sending_mode": "1",
            "quota": {"dailyQuota": "500", "remainingQuota": "499"},
        }
        return _success(told)

    def ask(self, call: Call) -> Answer:
        try:
            match call.method, call.path:
                case "POST", "/v4/oa/access_token":
                    return self._token(call)
                case "GET", "/message/status":
                    self._authenticate(call.headers)
                    asked = parse_qs(call.query).get("message_id", [""])[-1]
                    return self._status(asked)
                case "GET", "/message/quota":
                    self._authenticate(call.headers)
                    return _success({"dailyQuota": 500, "remainingQuota": 499})
        except Refused as refused:
            return refused.answer
        return Answer(HTTPStatus.NOT_FOUND, b"Not Found", {}, TEXT)

    def failure(self, kind: FaultKind) -> Answer:
        if kind is FaultKind.HTTP_400:
            return answer(HTTPStatus.BAD_REQUEST, {"message": "Bad Request"})
        return super().failure(kind)

    def receipt(self, row: Row, status: Status, at: float) -> Post | None:
        if status is not Status.DELIVERED:
            return None
        told = {
            "sender": {"id": _OA},
            "recipient": {"id": row.order.to.removeprefix("+")},
            "event_name": "user_received_message",
            "message": {
                "delivery_time": str(int(at * 1000)),
                "msg_id": _msg_id(row),
                "tracking_id": row.order.reference,
            },
            "app_id": self.stage.account["app_id"],
            "timestamp": str(int(at * 1000)),
        }
        return self._event(row.order.callback_url, told)

    def inbound(self, reply: Reply, url: str) -> Post:
        told = {
            "app_id": self.stage.account["app_id"],
            "sender": {"id": "246845883529197922"},
            "recipient": {"id": _OA},
            "event_name": "user_send_text",
            "message": {"text": reply.text, "msg_id": reply.id},
            "timestamp": str(int(reply.written_at * 1000)),
        }
        return self._event(url, told)

    def _event(self, url: str, told: Mapping[str, object]) -> Post:
        body = json.dumps(told, ensure_ascii=False).encode()
        account = self.stage.account
        key = account.get("webhook_key") or account["secret_key"]
        signed = account["app_id"].encode() + body + f"{told['timestamp']}{key}".encode()
        mac = hashlib.sha256(signed).hexdigest()
        headers = {"X-ZEvent-Signature": f"mac={mac}", "X-ZEvent-Server": "ZNS"}
        return Post(url, body, JSON, headers)

    def _status(self, message_id: str) -> Answer:
        row = self._row(message_id)
        status = row.status(self.stage.clock.now().timestamp()) if row else None
        if row is None:
            return _success({"message": "The message does not exist", "status": -1})
        if status is not Status.DELIVERED:
            return _success({"message": "The message is pushed to the server", "status": 0})
        told = {
            "delivery_time": str(int(row.fate.final_at * 1000)),
            "message": "The message was delivered to the user's phone",
            "status": 1,
        }
        return _success(told)

    def _row(self, message_id: str) -> Row | None:
        try:
            seq = int(message_id, 16)
        except ValueError:
            return None
        return self.stage.ledger.known(self.name, seq) if seq < 1 << 63 else None

    def _token(self, call: Call) -> Answer:
        """A new pair for a refresh token, which works once."""
        account = self.stage.account
        form = {n: v[-1] for n, v in parse_qs(call.body.decode("utf-8", "replace")).items()}
        secret = call.headers.get("secret_key", "")
        given = f"{form.get('app_id')}\0{secret}".encode(errors="replace")
        right = f"{account['app_id']}\0{account['secret_key']}".encode()
        refresh = form.get("refresh_token", "")
        if not hmac.compare_digest(given, right) or form.get("grant_type") != "refresh_token":
            raise _refused(-14003)
        ledger, known = self.stage.ledger, refresh == account["refresh_token"]
        use = ledger.note(_note(refresh)) or ("given" if known else "")
        if use != "given":
            raise _refused(-14003)
        ledger.put_note(_note(refresh), "used")
        at = int(self.stage.clock.now().timestamp())
        following = f"next-{ledger.next_seq():x}-{self._mark(str(ledger.next_seq()))}"
        ledger.put_note(_note(following), "given")
        told = {
            "access_token": f"{at:x}.{self._mark(f'{at:x}')}",
            "refresh_token": following,
            "expires_in": str(_LIFE_S),
        }
        return answer(HTTPStatus.OK, told)

    def _authenticate(self, headers: Mapping[str, str]) -> None:
        token, proof = headers.get("access_token", ""), headers.get("appsecret_proof", "")
        at, _, mark = token.partition(".")
        now = self.stage.clock.now().timestamp()
        if not hmac.compare_digest(mark.encode(), self._mark(at).encode()):
            raise _refused(-124)
        if now >= int(at, 16) + _LIFE_S:
            raise _refused(-124)
        secret = self.stage.account["secret_key"].encode()
        right = hmac.digest(secret, token.encode(), "sha256").hex()
        if proof and not hmac.compare_digest(proof.encode(), right.encode()):
            raise _refused(-1241)

    def _mark(self, of: str) -> str:
        """What nobody else could have put into a token."""
        return hmac.digest(self.stage.account["secret_key"].encode(), of.encode(), "sha256").hex()


def _msg_id(row: Row) -> str:
    return f"{row.seq:020x}"


def _note(refresh: str) -> str:
    return f"zalo:refresh:{hashlib.sha256(refresh.encode()).hexdigest()}"


def _success(data: object) -> Answer:
    return answer(HTTPStatus.OK, {"error": 0, "message": "Success", "data": data})


def _refused(code: int) -> Refused:
    return Refused(answer(HTTPStatus.OK, {"error": code, "message": _ERRORS[code]}))
