"""What an adapter is made of: its declared options, its tools, and the frame of one HTTP call.

Almost every provider is one HTTP call, so an adapter gives two pure functions, `build` and `read`,
and `HttpGateway` does the rest. Its entry point names an `Adapter`.
"""

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from config.gateways import GatewaySettings, Option
from gateways.base import Accepted, Deferred, Gateway, OutboundSms, OutcomeUnknown, SendError
from gateways.http import HttpCaller, HttpReply, HttpRequest, raise_for_common
from gateways.tokens import Token, Tokens
from notifier.domain.clock import Clock


class GatewayConfigError(ValueError):
    """A gateway cannot be set up; the text names the option."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What an adapter is given besides its settings; one set for a process."""

    caller: HttpCaller
    clock: Clock
    tokens: Tokens


@dataclass(frozen=True, slots=True)
class Adapter:
    """What an entry point of `baotin.gateways` names.

    `build` gets settings that hold every declared option, checked and with its default, and
    raises `GatewayConfigError` for what only it can judge.
    """

    build: Callable[[GatewaySettings, Tools], Gateway]
    options: tuple[Option, ...]
    base_url: str = ""  # the provider's own; empty where every account has another


class HttpGateway(ABC):
    """A gateway of one HTTP call."""

    wait_header = ""  # where, with 429, this provider says how long to wait; else the usual ones

    def __init__(self, settings: GatewaySettings, tools: Tools) -> None:
        self._settings = settings
        self._options = settings.options
        self._base_url = settings.base_url
        self._caller = tools.caller
        self._clock = tools.clock

    @property
    def name(self) -> str:
        return self._settings.name

    @abstractmethod
    def build(self, sms: OutboundSms) -> HttpRequest:
        """The request that hands the SMS over."""

    @abstractmethod
    def read(self, reply: HttpReply) -> Accepted:
        """The answer's meaning. Raises `Rejected`, `Deferred` or `OutcomeUnknown`."""

    def send(self, sms: OutboundSms) -> Accepted:
        """Build, call, read. Raises `Rejected`, `Deferred` or `OutcomeUnknown`."""
        return self.read(self._call(self.build(sms)))

    def ask(self, request: HttpRequest, within_s: float | None = None) -> HttpReply:
        """The answer to a question. Whatever goes wrong, it could not be told: `Deferred`."""
        try:
            return self._call(request, within_s)
        except Deferred:
            raise
        except SendError as problem:
            raise Deferred(problem.code) from problem

    @staticmethod
    def told(reply: HttpReply) -> dict[str, Any]:
        """The JSON object that answers a question. Raises `Deferred`."""
        try:
            return json_object(reply.body)
        except OutcomeUnknown as problem:
            raise Deferred(problem.code) from None

    def common(self, reply: HttpReply) -> None:
        """Raise for what every provider means alike: 429 and 5xx.

        For a provider that answers with a status of its own, such as SOAP's 500, to narrow.
        """
        raise_for_common(reply, now=self._clock.now(), wait_header=self.wait_header)

    def _call(self, request: HttpRequest, within_s: float | None = None) -> HttpReply:
        deadline_s = self._settings.call_deadline_s if within_s is None else within_s
        reply = self._caller.call(request, deadline_s=deadline_s)
        self.common(reply)
        return reply


class TokenGateway(HttpGateway):
    """A gateway whose calls carry an access token that all processes share.

    Getting the token and the call share one deadline. `build` and `ask_with` are given it.
    """

    def __init__(self, settings: GatewaySettings, tools: Tools) -> None:
        super().__init__(settings, tools)
        self._tokens = tools.tokens

    @abstractmethod
    def renew(self, last: Token | None, within_s: float) -> Token:
        """Ask the provider for a token (`ask`). Raises `Rejected` or `Deferred`."""

    @abstractmethod
    def build_with(self, sms: OutboundSms, token: Token) -> HttpRequest:
        """The request that hands the SMS over."""

    @abstractmethod
    def refuses_token(self, reply: HttpReply) -> bool:
        """Whether the answer says that this token is no good: then nothing was done."""

    def build(self, sms: OutboundSms) -> HttpRequest:
        return self.build_with(sms, self._token(self._settings.call_deadline_s, None))

    def send(self, sms: OutboundSms) -> Accepted:
        return self.read(self._with_token(lambda token: self.build_with(sms, token), self._call))

    def ask_with(self, build: Callable[[Token], HttpRequest]) -> HttpReply:
        """The answer to a question that carries the token. Raises `Rejected` or `Deferred`."""
        return self._with_token(build, self.ask)

    def _with_token(
        self,
        build: Callable[[Token], HttpRequest],
        call: Callable[[HttpRequest, float], HttpReply],
    ) -> HttpReply:
        ends = self._clock.monotonic() + self._settings.call_deadline_s
        token = self._token(ends - self._clock.monotonic(), None)
        reply = call(build(token), self._left(ends))
        if self.refuses_token(reply):
            token = self._token(self._left(ends), token)
            reply = call(build(token), self._left(ends))
        return reply

    def _token(self, within_s: float, refused: Token | None) -> Token:
        return self._tokens.get(self.name, self.renew, within_s=within_s, refused=refused)

    def _left(self, ends: float) -> float:
        left = ends - self._clock.monotonic()
        if left <= 0:
            raise Deferred("timeout")
        return left


# Requests

Headers = Mapping[str, str]
_NONE: Headers = {}


def get(url: str, query: Mapping[str, str] | None = None, headers: Headers = _NONE) -> HttpRequest:
    """GET, with the query percent-encoded."""
    return HttpRequest("GET", f"{url}?{urlencode(query)}" if query else url, headers)


def post_json(url: str, value: object, headers: Headers = _NONE) -> HttpRequest:
    """POST of JSON in UTF-8."""
    body = json.dumps(value, ensure_ascii=False).encode()
    return HttpRequest("POST", url, {"Content-Type": "application/json", **headers}, body)


def post_form(url: str, fields: Mapping[str, str], headers: Headers = _NONE) -> HttpRequest:
    """POST of a form."""
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    return HttpRequest("POST", url, {**kind, **headers}, urlencode(fields).encode())


def attempt_in_path(callback_url: str) -> str:
    """The callback's address with our attempt id in its path, for a provider that adds a query.

    The API takes both: `…/receipts/SECRET?attempt=ID` and `…/receipts/SECRET/ID`.
    """
    address, _, query = callback_url.partition("?")
    attempt = dict(parse_qsl(query)).get("attempt")
    return f"{address}/{quote(attempt, safe='')}" if attempt else address


# Answers


def json_object(body: bytes) -> dict[str, Any]:
    """The JSON object in a body. Raises `OutcomeUnknown`."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise OutcomeUnknown("not_json") from None
    if not isinstance(value, dict):
        raise OutcomeUnknown("not_json")
    return value


def word(value: object) -> str:
    """A code or id that a provider writes now as text and now as a whole number; else nothing."""
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


_SHORT_CODE = re.compile(r"-?\d{1,6}|[A-Z_]{1,40}")


def unheard(code: str, reply: HttpReply) -> OutcomeUnknown:
    """What a code of no table means. It is named where it looks like one, else the status is:
    what a stranger writes may hold a phone or words."""
    return OutcomeUnknown(code if _SHORT_CODE.fullmatch(code) else f"http_{reply.status}")


# Phones


def without_plus(e164: str) -> str:
    """84912345678, as most Vietnamese providers write it."""
    return e164.removeprefix("+")


def national(e164: str) -> str:
    """0912345678 for a Vietnamese number; another as 84… is written."""
    return f"0{e164[3:]}" if e164.startswith("+84") else without_plus(e164)
