"""What the conformance suite shares: adapters pointed at their dialects, and what these saw."""

import queue
import random
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl

import requests

from config.gateways import GatewaySettings
from gateways import registry
from gateways.adapter import Tools
from gateways.base import (
    AttemptRef,
    Deferred,
    Found,
    Gateway,
    OutboundSms,
    WebhookAnswer,
    WebhookRequest,
)
from gateways.http import HttpCaller
from gateways.simulator import registry as dialects
from gateways.simulator.numbers import MAGIC
from gateways.simulator.settings import Bound
from gateways.tokens import OwnTokens, Renew, Token, Tokens
from notifier.domain.clock import Clock, SystemClock

Script = Callable[[socket.socket, bytes], object]
Serve = Callable[[Script], str]
Sms = Callable[..., OutboundSms]

ANY = ("127.0.0.1", 0)
TOKENS: dict[tuple[str, int], Tokens] = {}  # by simulator: a refresh token may work once
NAMES = registry.names()
DIALECTS = dialects.load()
PHONE = "+84912345678"
TEXT = "Ho so H29 da co ket qua"
SENDER = "UBND-LT"
TEMPLATE = "200001"  # registered with every provider that sends by template
NEVER_S = 0.4  # a deadline for calls that are never answered
SOON_S = 8.0
THREADS = 64
NUMBER_OF = {magic: number for number, magic in MAGIC.items()}
NO_OPTIONS: Mapping[str, str] = MappingProxyType({})


def account_of(name: str) -> dict[str, str]:
    """A made-up account, whose values stand out in a log."""
    digits = random.Random(name)  # noqa: S311 - repeatable, not secret
    return DIALECTS[name].account(lambda count: f"{digits.getrandbits(count * 4):0{count}x}")


ACCOUNTS = {name: account_of(name) for name in NAMES}


def secrets_of(name: str) -> list[str]:
    options = registry.adapter(name).options
    return [ACCOUNTS[name][o.name] for o in options if o.secret and ACCOUNTS[name].get(o.name)]


def gateway_of(
    name: str, bound: Bound, *, deadline_s: float = SOON_S, more: Mapping[str, str] = NO_OPTIONS
) -> Gateway:
    host, port = bound.dialects[name]
    # Processes of one installation share their tokens; who has another account has its own.
    tokens = (
        OwnTokens(SystemClock())
        if more
        else TOKENS.setdefault(bound.control, OwnTokens(SystemClock()))
    )
    url = f"http://{host}:{port}"
    return gateway_at(name, url, deadline_s=deadline_s, more=more, tokens=tokens)


def gateway_at(
    name: str,
    url: str,
    *,
    deadline_s: float = SOON_S,
    more: Mapping[str, str] = NO_OPTIONS,
    tokens: Tokens | None = None,
    clock: Clock | None = None,
) -> Gateway:
    options = {**ACCOUNTS[name], **DIALECTS[name].addresses(url), **more}
    settings = GatewaySettings(name, options.pop("base_url"), options, deadline_s)
    return registry.load([settings], tools(tokens, clock))[name]


def tools(tokens: Tokens | None = None, clock: Clock | None = None) -> Tools:
    clock = clock or SystemClock()
    return Tools(HttpCaller(THREADS), clock, tokens or OwnTokens(clock))


class Given:
    """Tokens that are there already: nothing is asked before a send."""

    def get(
        self, gateway: str, renew: Renew, *, within_s: float, refused: Token | None = None
    ) -> Token:
        return Token("given", datetime.max.replace(tzinfo=UTC), "given")


def ref(of: OutboundSms, **changes: Any) -> AttemptRef:
    plain = AttemptRef(of.reference, of.to, of.sender, of.text, datetime.now(UTC))
    return replace(plain, **changes)


def soon_found(gateway: Gateway, question: AttemptRef) -> Found:
    """The answer; some providers cannot tell of a message that they just took."""
    until = time.monotonic() + 30
    while True:
        try:
            answer = gateway.look_up(question)
        except Deferred:
            assert time.monotonic() < until
            time.sleep(0.05)
            continue
        assert isinstance(answer, Found)
        return answer


def ledger(control: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = requests.get(f"{control}/messages", timeout=5).json()["messages"]
    return rows


def behave(control: str, name: str, **behaviour: Any) -> None:
    requests.put(f"{control}/behaviour/{name}", json=behaviour, timeout=5).raise_for_status()


GARBAGE = (
    b"",
    b"null",
    b"5",
    b'"x"',
    b"[]",
    b"[null]",
    b"{}",
    b'{"id": {}, "sid": [], "error": {}, "data": [], "CodeResult": {}, "status": []}',
    b"[" * 50_000,
    b'{"a": 1e999, "b": NaN}',
    b'{"id": "\xff"}',
    b"<!doctype html><title>Welcome</title>",
    b"<?xml version='1.0'?><a><b/></a>",
    b"<a" * 20_000,
    b"\x00" * 100,
)


class Mailbox:
    """What the provider posted to us, as the API would hand it on."""

    def __init__(self, answer: WebhookAnswer) -> None:
        self.posts: queue.Queue[bytes] = queue.Queue()
        self.url = ""
        self._answer = answer

    def take(self, connection: socket.socket, request: bytes) -> bool:
        self.posts.put(request)
        words = self._answer.body.encode()
        head = f"HTTP/1.1 {self._answer.status} X\r\nContent-Length: {len(words)}\r\n"
        connection.sendall(f"{head}Connection: close\r\n\r\n".encode() + words)
        return False

    def next(self) -> WebhookRequest:
        head, _, body = self.posts.get(timeout=30).partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        method, target, _ = first.split(" ")
        headers = {name: value for name, _, value in (line.partition(": ") for line in lines)}
        path, _, said = target.partition("?")
        query = parse_qsl(said, keep_blank_values=True)
        attempt = dict(query).get("attempt") or path.partition("/receipts/s/")[2] or None
        return WebhookRequest(method, self.url + target, headers, query, body, attempt)


def private(name: str, of: OutboundSms) -> list[str]:
    """What must stand in no log line and in no error."""
    return [*secrets_of(name), PHONE[1:], PHONE[3:], of.to, of.text]
