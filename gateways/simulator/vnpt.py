"""VNPT's (VinaPhone's) brandname API: `send_sms_list` as JSON, a template's id and its parameters.

Sources, read 2026-11: public clients of `/smsmarketing/api` (`RQST`, `RPLY`), with their notes on
each field, and a list of what ERROR says, kept by two of them; the words of a template as one
keeps them ("VNPT Thanh Hoa {P1} vao thoi diem {P2}").

Not known, and played in the likelier way: every answer has status 200; ERROR is text. A list has a
code for a REQID that came before (33), yet some clients send the same one always and are answered
0: the worse is played, another message. Not played: schedules, groups of phones, reports
(`get_sms_status_api`, of which two clients give two shapes), and the limit of three advertisements
a day. VNPT brings no citizen's SMS here; what is posted as one is made up.
"""

import hmac
import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from types import MappingProxyType

from gateways.simulator import segments
from gateways.simulator.bodies import read_json
from gateways.simulator.dialect import JSON, TEXT, Answer, Call, Dialect, Refused, answer
from gateways.simulator.numbers import MAGIC, Magic, dialled, landline
from gateways.simulator.posting import Post
from gateways.simulator.rows import Order, Reply, Row, Status

_PATH = "/smsmarketing/api"
_NAME = "send_sms_list"
_PLAIN, _ACCENTED = "0", "8"
_CUSTOMER_CARE = "1"
_MOST_SEGMENTS = 4
_OF_XML = frozenset("&<>\"'")
_ERRORS = {  # what each says; the words are ours, for no sample shows VNPT's
    "-1": "exception",
    "1": "user, password, IP or status of the API is invalid",
    "3": "method is invalid",
    "7": "template is invalid",
    "9": "contract type is invalid",
    "10": "user name is invalid",
    "11": "length is invalid",
    "13": "contract is invalid",
    "14": "label is invalid",
    "15": "agent is invalid",
    "17": "characters are invalid",
    "20": "out of package",
    "23": "more than one network, or the number is invalid",
    "25": "wrong network",
    "30": "forbidden keyword",
    "77": "unheard of",  # no list has it
}
_MAGIC = {
    Magic.INVALID: "23",
    Magic.CONTENT: "30",
    Magic.NO_BALANCE: "20",
    Magic.UNREACHABLE: "25",
    Magic.UNHEARD: "77",
}


class VnptDialect(Dialect):
    """VNPT's words."""

    name = "vnpt"
    refuses = frozenset(_MAGIC)
    undelivered = MappingProxyType({Magic.UNDELIVERED: ""})  # nobody is told

    @staticmethod
    def account(digits: Callable[[int], str]) -> dict[str, str]:
        return {
            "agent_id": "137",
            "contract_id": "7688",
            "label_id": "89071",
            "api_user": f"VNPT-{digits(4)}",
            "api_pass": digits(20),
            "username": f"office{digits(4)}",
        }

    def sends(self, method: str, path: str) -> bool:
        return method == "POST" and path == _PATH

    def read(self, call: Call) -> Order:
        fields = _fields(call.body)
        if _text(fields, "name") != _NAME:
            raise _refused("3")
        self._authenticate(fields)
        to, template_id, request_id = (
            _text(fields, name) for name in ("MOBILELIST", "TEMPLATEID", "REQID")
        )
        phone = f"+{to}"
        if not to.startswith("84") or not dialled(phone) or landline(phone):
            raise _refused("23")  # a list of phones too: one is played
        text = self._words(template_id, fields.get("PARAMS"))
        if not text.isascii() and _text(fields, "DATACODING") != _ACCENTED:
            raise _refused("17")
        if segments.count(text) > _MOST_SEGMENTS:
            raise _refused("11")
        if code := _MAGIC.get(MAGIC.get(phone, Magic.SILENT)):
            raise _refused(code)
        return Order(phone, _text(fields, "LABELID"), text, request_id, "")

    def taken(self, row: Row, *, duplicate: bool) -> Answer:  # noqa: ARG002 - it names no id
        return _replied("0", "success")

    def ask(self, call: Call) -> Answer:  # noqa: ARG002 - nothing else is played
        return Answer(HTTPStatus.NOT_FOUND, b"Not Found", {}, TEXT)

    def receipt(self, row: Row, status: Status, at: float) -> Post | None:  # noqa: ARG002 - none
        return None

    def inbound(self, reply: Reply, url: str) -> Post:
        return Post(url, json.dumps({"phone": reply.phone, "text": reply.text}).encode(), JSON)

    def _authenticate(self, fields: Mapping[str, object]) -> None:
        account = self.stage.account
        told = f"{_text(fields, 'APIUSER')}\0{_text(fields, 'APIPASS')}".encode()
        right = f"{account['api_user']}\0{account['api_pass']}".encode()
        labels = {pair.partition("=")[2] for pair in account.get("labels", "").split(",")}
        for wrong, code in (
            (not hmac.compare_digest(told, right), "1"),
            (_text(fields, "CONTRACTTYPEID") != _CUSTOMER_CARE, "9"),
            (_text(fields, "AGENTID") != account["agent_id"], "15"),
            (_text(fields, "USERNAME") != account["username"], "10"),
            (_text(fields, "CONTRACTID") != account["contract_id"], "13"),
            (_text(fields, "LABELID") not in {account["label_id"], *labels}, "14"),
        ):
            if wrong:
                raise _refused(code)

    def _words(self, template_id: str, params: object) -> str:
        """What the citizen reads: the template with its parameters, which come numbered from 1."""
        if not isinstance(params, list):
            raise _refused("-1")
        values = []
        for number, param in enumerate(params, start=1):
            if not isinstance(param, dict) or _text(param, "NUM") != str(number):
                raise _refused("7")
            values.append(_text(param, "CONTENT"))
        if any(_OF_XML.intersection(value) for value in values):
            raise _refused("-1")
        names = self.stage.templates.names(template_id)
        if len(names) != len(values):
            raise _refused("7")
        text = self.stage.templates.filled(template_id, dict(zip(names, values, strict=True)))
        if text is None:
            raise _refused("7")
        return text


def _fields(body: bytes) -> Mapping[str, object]:
    try:
        told = read_json(body)
    except ValueError:
        raise _refused("-1") from None
    fields = told.get("RQST") if isinstance(told, dict) else None
    if not isinstance(fields, dict):
        raise _refused("-1")
    return fields


def _text(fields: Mapping[str, object], name: str) -> str:
    value = fields.get(name, "")
    if not isinstance(value, str):
        raise _refused("-1")
    return value


def _replied(code: str, words: str) -> Answer:
    return answer(HTTPStatus.OK, {"RPLY": {"name": _NAME, "ERROR": code, "ERROR_DESC": words}})


def _refused(code: str) -> Refused:
    return Refused(_replied(code, _ERRORS[code]))
