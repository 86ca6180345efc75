"""What a provider's dialect has to know: reading a request, and the words of every answer.

A dialect is pure: it is given requests and rows, and answers values. `port` does the rest.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol

from gateways.simulator.behaviour import FaultKind
from gateways.simulator.numbers import Magic
from gateways.simulator.posting import Post
from gateways.simulator.rows import Order, Reply, Row, Status


@dataclass(frozen=True, slots=True)
class Call:
    """A request as it came. `path` and `query` are still percent-encoded."""

    method: str
    path: str
    query: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """A dialect's answer; the body is JSON."""

    status: int
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


def answer(status: int, value: object, headers: Mapping[str, str] | None = None) -> Answer:
    """An answer with `value` as its JSON."""
    return Answer(status, json.dumps(value).encode(), headers or {})


class Refused(Exception):
    """The provider will not take this request; `answer` is what it says."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


class Dialect(Protocol):
    """One provider's words."""

    @property
    def name(self) -> str:
        """The adapter's name."""
        ...

    @property
    def undelivered(self) -> dict[Magic, str]:
        """Magic numbers whose messages are taken and then not delivered, with the error code."""
        ...

    @property
    def deduplicates(self) -> bool:
        """Whether the same reference again is the same message."""
        ...

    def sends(self, method: str, path: str) -> bool:
        """Whether such a request hands a message over: only these are subject to faults."""
        ...

    def read(self, call: Call) -> Order:
        """The message handed over. Raises `Refused`, magic numbers included."""
        ...

    def taken(self, row: Row, *, duplicate: bool) -> Answer:
        """The answer to a message that is in the ledger."""
        ...

    def ask(self, call: Call) -> Answer:
        """The answer to any other request: look-ups, and paths that do not exist."""
        ...

    def failure(self, kind: FaultKind) -> Answer:
        """The answer of `http_400`, `http_429`, `http_500` and `http_503`."""
        ...

    def receipt(self, row: Row, status: Status, at: float) -> Post:
        """The receipt that says so, at this instant (Unix seconds)."""
        ...

    def inbound(self, reply: Reply, url: str) -> Post:
        """The webhook that brings a citizen's SMS."""
        ...
