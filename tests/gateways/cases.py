"""Tables of cases for one adapter. A case is data; what runs it adds what every adapter owes:
one request and no other, and no secret, phone or word in the log.

The fixture `play` (conftest) makes a gateway whose provider gives the replies of a case.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import pytest

from gateways.base import (
    Absent,
    Accepted,
    AttemptRef,
    Deferred,
    Found,
    Gateway,
    OutboundSms,
    SendError,
)

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ATTEMPT = "att_7"
PHONE = "+84912345678"
SENDER = "UBND-LT"
TEXT = "Hồ sơ H29 đã có kết quả"
SECRET = "s3cret-path"
DEEP = b"[" * 50_000

_T = TypeVar("_T")


def callback(name: str) -> str:
    """Where the gateway is told to report on our attempt."""
    return f"https://bt.test/v1/gateways/{name}/receipts/{SECRET}?attempt={ATTEMPT}"


def sms(name: str, **changes: Any) -> OutboundSms:
    """The SMS of the cases."""
    plain = {"reference": ATTEMPT, "to": PHONE, "sender": SENDER, "text": TEXT}
    return OutboundSms(**{**plain, "callback_url": callback(name), **changes})


def ref(**changes: Any) -> AttemptRef:
    """A question about the attempt of the cases."""
    plain = {"reference": ATTEMPT, "to": PHONE, "sender": SENDER, "text": TEXT, "started_at": NOW}
    return AttemptRef(**{**plain, **changes})


def http(status: int, body: object, *headers: str) -> bytes:
    """A whole answer; anything but bytes is sent as JSON."""
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = [f"HTTP/1.1 {status} X", f"Content-Length: {len(sent)}", *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + sent


CUT_SHORT = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"


@dataclass(frozen=True)
class Seen:
    """A request as the provider saw it."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]  # by lower-case name
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    @classmethod
    def read(cls, raw: bytes) -> "Seen":
        head, _, body = raw.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        method, target, _ = first.split(" ")
        path, _, query = target.partition("?")
        headers = {n.lower(): value for n, _, value in (line.partition(": ") for line in lines)}
        return cls(method, path, dict(parse_qsl(query, keep_blank_values=True)), headers, body)


@dataclass(frozen=True)
class Played:
    """A gateway under test, and what its provider saw."""

    gateway: Gateway
    seen: list[Seen] = field(default_factory=list)


@dataclass(frozen=True)
class SendCase:
    """What the provider answers to a send, and what that means."""

    name: str
    reply: bytes
    answer: Accepted | SendError


@dataclass(frozen=True)
class LookUpCase:
    """What the provider answers to a question; no answer: it cannot tell."""

    name: str
    reply: bytes
    answer: Found | Absent | None
    question: AttemptRef = field(default_factory=ref)


def hold(
    case: SendCase,
    played: Played,
    caplog: pytest.LogCaptureFixture,
    *,
    secrets: Sequence[str],
    request: OutboundSms | None = None,
) -> Seen:
    """Send, and hold the outcome to the case; the request that was made."""
    caplog.set_level("DEBUG")
    one = request or sms(played.gateway.name)
    shown = ""
    if isinstance(case.answer, Accepted):
        assert played.gateway.send(one) == case.answer
    else:
        with pytest.raises(SendError) as raised:
            played.gateway.send(one)
        assert type(raised.value) is type(case.answer)
        assert vars(raised.value) == vars(case.answer)
        shown = str(raised.value)
    for secret in (*secrets, PHONE[1:], PHONE[3:], one.text, SECRET):
        assert secret not in caplog.text
        assert secret not in shown
    (seen,) = played.seen
    return seen


def hold_look_up(case: LookUpCase, played: Played) -> Seen:
    """Ask, and hold the answer to the case; the request that was made."""
    if case.answer is None:
        with pytest.raises(Deferred):
            played.gateway.look_up(case.question)
    else:
        assert played.gateway.look_up(case.question) == case.answer
    (seen,) = played.seen
    return seen


def begun(call: Callable[[], _T]) -> _T:
    """The call, made again where it ended before it began.

    Its deadline is short, and when the machine stalls it is over before a byte could leave.
    """
    for _ in range(10):
        try:
            return call()
        except Deferred:
            continue
    raise AssertionError("it never began")
