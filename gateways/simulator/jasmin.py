"""Jasmin's HTTP API: `/send`, delivery reports by `dlr-url`, `/balance`, and citizens' SMS.

Sources, read 2026-11: docs.jasminsms.com, "HTTP API" (parameters, answers and their statuses, what
a report holds and how it is acknowledged), and Jasmin 0.11.1 (jookies/jasmin), whose texts in
brackets these are where the page leaves them out.

Not played: JSON bodies, priorities, times, tags, `/rate`. The account may do everything, its
messages have five parts at most, and what is beyond them is cut off in silence, as Jasmin does.
"""

import hmac
import json
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from types import MappingProxyType
from urllib.parse import parse_qs, urlencode

from gateways.simulator import segments
from gateways.simulator.behaviour import FaultKind
from gateways.simulator.dialect import TEXT, Answer, Call, Dialect, Refused, answer
from gateways.simulator.numbers import MAGIC, Magic, dialled, e164
from gateways.simulator.posting import Post, callable_url
from gateways.simulator.rows import Order, Reply, Row, Status

_FORM = "application/x-www-form-urlencoded"
_ACKNOWLEDGED = "ACK/Jasmin"
_MOST_PARTS = 5
_GSM7, _UCS2 = "0", "8"
_MESSAGE = frozenset(["to", "from", "coding", "username", "password", "content", "hex-content"])
_KNOWN = _MESSAGE | {"dlr", "dlr-url", "dlr-level", "dlr-method"}
_MANDATORY = ("to", "username", "password")
_MOST_CREDENTIAL = 16
_UNCHARGED = "Cannot charge submit_sm, check RouterPB log file for details"
_MAGIC = {
    Magic.INVALID: (400, "Value filter failed for user [{user}] (destination_address {filter})."),
    Magic.CONTENT: (400, "Value filter failed for user [{user}] (content {filter})."),
    Magic.NO_BALANCE: (403, _UNCHARGED),
    Magic.UNREACHABLE: (412, "No route found"),
    Magic.UNHEARD: (400, "Unheard of"),
}
_STATES = {Status.DELIVERED: "DELIVRD", Status.UNDELIVERED: "UNDELIV"}
_SHOWN = 20  # characters of the words that a report repeats


class JasminDialect(Dialect):
    """Jasmin's words."""

    name = "jasmin"
    refuses = frozenset(_MAGIC)
    undelivered = MappingProxyType({Magic.UNDELIVERED: "001"})

    @staticmethod
    def account(digits: Callable[[int], str]) -> dict[str, str]:
        return {"username": f"office{digits(4)}", "password": digits(16)}

    def sends(self, method: str, path: str) -> bool:
        return method in {"GET", "POST"} and path == "/send"

    def read(self, call: Call) -> Order:
        given = _arguments(call)
        _validate(given)
        self._authenticate(given)
        phone, coding = e164(given["to"]), given.get("coding", _GSM7)
        if not dialled(phone):
            raise self._refused(*_MAGIC[Magic.INVALID])
        if (magic := MAGIC.get(phone)) in _MAGIC:
            raise self._refused(*_MAGIC[magic])
        reports = given.get("dlr-url", "") if "dlr-url" in given or "dlr" in given else ""
        if reports and not callable_url(reports):
            raise _error(400, f"Argument [dlr-url] has an invalid value: [{reports}].")
        told = {"level": given.get("dlr-level", "1"), "method": given.get("dlr-method", "POST")}
        words = _on_the_air(given, coding)
        sender = given.get("from", "")
        return Order(phone, sender, words, "", reports, service=json.dumps(told))

    def taken(self, row: Row, *, duplicate: bool) -> Answer:  # noqa: ARG002 - Jasmin knows none
        return Answer(HTTPStatus.OK, f'Success "{_id(row)}"'.encode(), {}, TEXT)

    def ask(self, call: Call) -> Answer:
        if call.path != "/balance" or call.method != "GET":
            return Answer(HTTPStatus.NOT_FOUND, b"<html>No Such Resource</html>", {}, "text/html")
        given = _arguments(call)
        try:
            self._authenticate(given)
        except Refused as refused:  # in JSON here, where /send says it in words
            told = refused.answer.body.decode().removeprefix('Error "').removesuffix('"')
            return answer(refused.answer.status, told)
        return answer(HTTPStatus.OK, {"balance": 100.0, "sms_count": "ND"})

    def failure(self, kind: FaultKind) -> Answer:
        if kind is FaultKind.HTTP_400:
            return _error(400, "Argument [tags] has an invalid value: [?].").answer
        if kind is FaultKind.HTTP_500:
            return _error(500, "Unknown error: 'NoneType' object has no attribute 'cid'").answer
        return super().failure(kind)

    def receipt(self, row: Row, status: Status, at: float) -> Post | None:
        asked = json.loads(row.order.service)
        told = {"id": _id(row), "level": "1", "message_status": "ESME_ROK", "connector": "smpp-01"}
        if status in _STATES:
            when = datetime.fromtimestamp(at, UTC).strftime("%y%m%d%H%M")
            failed = status is Status.UNDELIVERED
            told |= {"level": "2", "message_status": _STATES[status], "id_smsc": f"{row.seq}"}
            told |= {"sub": "001", "dlvrd": "000" if failed else "001"}
            told |= {"subdate": when, "donedate": when, "err": row.fate.code or "000"}
            told["text"] = row.order.text[:_SHOWN]
        if asked["level"] not in {told["level"], "3"}:
            return None
        if asked["method"] == "GET":
            joint = "&" if "?" in row.order.callback_url else "?"
            url = f"{row.order.callback_url}{joint}{urlencode(told)}"
            return Post(url, method="GET", answer=_ACKNOWLEDGED)
        body = urlencode(told).encode()
        return Post(row.order.callback_url, body, _FORM, answer=_ACKNOWLEDGED)

    def inbound(self, reply: Reply, url: str) -> Post:
        seven_bits = segments.counted(reply.text).encoding == "gsm7"
        sent = reply.text.encode("latin-1", "replace") if seven_bits else _utf16(reply.text)
        told: dict[str, str | bytes] = {
            "id": str(uuid.UUID(int=reply.seq)),
            "from": reply.phone.removeprefix("+"),
            "to": reply.to,
            "origin-connector": "smpp-01",
            "coding": chr(int(_GSM7 if seven_bits else _UCS2)),  # the byte, as 0.11.1 writes it
            "content": sent,
            "binary": sent.hex(),
        }
        return Post(url, urlencode(told).encode(), _FORM, answer=_ACKNOWLEDGED)

    def _authenticate(self, given: Mapping[str, str]) -> None:
        account = self.stage.account
        right = [
            hmac.compare_digest(given.get(name, "").encode(), account[name].encode())
            for name in ("username", "password")
        ]
        if not all(right):
            user = given.get("username", "")
            raise _error(403, f"Authentication failure for username:{user}")

    def _refused(self, status: int, text: str) -> Refused:
        told = {"user": self.stage.account["username"], "filter": "filter mismatch"}
        return _error(status, text.format(**told))


def _arguments(call: Call) -> dict[str, str]:
    both = f"{call.query}&{call.body.decode('utf-8', 'replace')}"
    return {name: values[0] for name, values in parse_qs(both, keep_blank_values=True).items()}


def _validate(given: Mapping[str, str]) -> None:
    if not given:
        told = "Mandatory arguments not found, please refer to the HTTPAPI specifications."
        raise _error(400, told)
    for name in given:
        if name not in _KNOWN:
            raise _error(400, f"Argument [{name}] is unknown.")
    for name in _MANDATORY:
        if name not in given:
            raise _error(400, f"Mandatory argument [{name}] is not found.")
    wrong = {
        "to": not given["to"].removeprefix("+").isdecimal(),
        "username": not 1 <= len(given["username"]) <= _MOST_CREDENTIAL,
        "password": not 1 <= len(given["password"]) <= _MOST_CREDENTIAL,
        "coding": given.get("coding", _GSM7) not in {_GSM7, _UCS2},
        "dlr": given.get("dlr", "no") not in {"yes", "no"},
        "dlr-level": given.get("dlr-level", "1") not in {"1", "2", "3"},
        "dlr-method": given.get("dlr-method", "GET").upper() not in {"GET", "POST"},
    }
    for name, is_wrong in wrong.items():
        if is_wrong:
            raise _error(400, f"Argument [{name}] has an invalid value: [{given[name]}].")
    if ("content" in given) == ("hex-content" in given):
        told = "content and hex-content cannot be used both in same request."
        raise _error(400, told if "content" in given else "content or hex-content not present.")


def _on_the_air(given: Mapping[str, str], coding: str) -> str:
    """What the phone shows: the bits as the coding says, and no more than five parts of them."""
    if "hex-content" in given:
        try:
            sent = bytes.fromhex(given["hex-content"])
        except ValueError:
            told = f"Invalid hex-content data: '{given['hex-content']}'"
            raise _error(400, told) from None
        text = sent.decode("latin-1" if coding == _GSM7 else "utf-16-be", "replace")
    elif coding == _GSM7:  # what the seven bits cannot hold goes out as a question mark
        forcing = set(segments.counted(given["content"]).forcing)
        text = "".join("?" if letter in forcing else letter for letter in given["content"])
    else:  # content goes as it came: UTF-8, read by the phone as UCS-2
        text = given["content"].encode().decode("utf-16-be", "replace")
    return "".join(part.text for part in segments.counted(text).parts[:_MOST_PARTS])


def _utf16(text: str) -> bytes:
    return text.encode("utf-16-be", "surrogatepass")


def _id(row: Row) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, row.id))


def _error(status: int, text: str) -> Refused:
    return Refused(Answer(status, f'Error "{text}"'.encode(), {}, TEXT))
