"""What a provider's dialect has to know: reading a request, and the words of every answer.

A dialect is pure: it is given requests and rows, and answers values. `port` does the rest. It is
found by its adapter's name through the `baotin.dialects` entry points, and written from the
provider's documents, never from the adapter.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from types import MappingProxyType
from typing import ClassVar

from gateways.simulator.behaviour import FaultKind
from gateways.simulator.ledger import Ledger
from gateways.simulator.numbers import Magic
from gateways.simulator.posting import Post
from gateways.simulator.rows import Order, Reply, Row, Status
from gateways.simulator.templates import Templates
from notifier.domain.clock import Clock

JSON = "application/json"
XML = "text/xml; charset=utf-8"
TEXT = "text/plain; charset=utf-8"

_STATUS = {
    FaultKind.HTTP_400: HTTPStatus.BAD_REQUEST,
    FaultKind.HTTP_429: HTTPStatus.TOO_MANY_REQUESTS,
    FaultKind.HTTP_500: HTTPStatus.INTERNAL_SERVER_ERROR,
    FaultKind.HTTP_503: HTTPStatus.SERVICE_UNAVAILABLE,
}


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
    """A dialect's answer."""

    status: int
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    content_type: str = JSON


def answer(status: int, value: object, headers: Mapping[str, str] | None = None) -> Answer:
    """An answer with `value` as its JSON."""
    return Answer(status, json.dumps(value).encode(), headers or {})


class Refused(Exception):
    """The provider will not take this request; `answer` is what it says."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Stage:
    """What a dialect plays on."""

    account: Mapping[str, str] = field(repr=False)  # by option of its adapter: what it accepts
    ledger: Ledger
    clock: Clock
    templates: Templates  # the provider's registered ones, by the id it gave them


class Dialect(ABC):
    """One provider's words. Made once for a port, with its stage."""

    name: ClassVar[str]  # the adapter's
    # Magic numbers refused at the hand-over, and those taken and then not delivered, with the
    # code that the receipt tells.
    refuses: ClassVar[frozenset[Magic]]
    undelivered: ClassVar[Mapping[Magic, str]]
    # The provider tells of what was not delivered; else it only ever tells of what was.
    tells_failures: ClassVar[bool] = True
    # How long the same reference again is the same message; 0 where it never is.
    remembers_s: ClassVar[float] = 0.0
    # The account has one address for its receipts; else each message carries its own.
    reports_to_account: ClassVar[bool] = False

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    @staticmethod
    @abstractmethod
    def account(digits: Callable[[int], str]) -> dict[str, str]:
        """The options of a made-up account, by the names that the adapter gives them.

        `digits(n)` makes n random hex digits.
        """

    @staticmethod
    def addresses(url: str) -> dict[str, str]:
        """The options that point the adapter at a dialect which listens there."""
        return {"base_url": url}

    @abstractmethod
    def sends(self, method: str, path: str) -> bool:
        """Whether such a request hands a message over: only these are subject to faults."""

    def hands_over(self, call: Call) -> bool:
        """The same, told from the whole request: for one address that takes questions too."""
        return self.sends(call.method, call.path)

    @abstractmethod
    def read(self, call: Call) -> Order:
        """The message handed over. Raises `Refused`, for magic numbers in `refuses` too."""

    @abstractmethod
    def taken(self, row: Row, *, duplicate: bool) -> Answer:
        """The answer to a message that is in the ledger."""

    @abstractmethod
    def ask(self, call: Call) -> Answer:
        """The answer to any other request: look-ups, tokens, balance, and what does not exist."""

    def failure(self, kind: FaultKind) -> Answer:
        """The answer of `http_400`, `http_429`, `http_500` and `http_503`.

        Unless the provider is known to say more, what a web server in front of it says.
        """
        status = _STATUS[kind]
        headers = {"Retry-After": "1"} if kind is FaultKind.HTTP_429 else {}
        return Answer(status, status.phrase.encode(), headers, TEXT)

    @abstractmethod
    def receipt(self, row: Row, status: Status, at: float) -> Post | None:
        """The receipt that says so, at this instant (Unix seconds); none if it is not told."""

    @abstractmethod
    def inbound(self, reply: Reply, url: str) -> Post:
        """The webhook that brings a citizen's SMS."""
