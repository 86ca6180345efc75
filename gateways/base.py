"""The gateway contract: what an SMS provider's adapter takes, answers and raises.

A send has exactly four outcomes. `Accepted` is returned; the other three are raised:

    SendError
    ├── Rejected         the provider refused it, and says whose fault it is
    ├── Deferred         surely not sent: try again later or elsewhere
    └── OutcomeUnknown   the request may have left and no readable answer came
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from http import HTTPStatus
from typing import Protocol, runtime_checkable

from notifier.domain.operators import Operator


class Fault(StrEnum):
    """Whose fault a rejection is; decides where the message goes next."""

    NUMBER = "number"  # the phone can never take it: the message fails
    CHANNEL = "channel"  # only this channel cannot reach the phone (Zalo): the next route
    CONTENT = "content"  # the words are refused: the next route, else held for a person
    ACCOUNT = "account"  # credentials, balance, sender: the gateway pauses, the message waits


_LONGEST = 255  # characters of an id or a code; PostgreSQL's indexes refuse thousands


def readable(text: str, most: int | None = _LONGEST) -> str:
    """A provider's word as both databases keep it: without NUL and half surrogate pairs, cut."""
    return text.encode(errors="replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")[:most]


def _make_readable(value: object, *names: str) -> None:
    for name in names:
        if (text := getattr(value, name)) is not None:
            object.__setattr__(value, name, readable(text))


class SendError(Exception):
    """A send that was not accepted; `code` is the provider's or ours, never personal."""

    def __init__(self, code: str) -> None:
        self.code = readable(code)
        super().__init__(self.code)


class Rejected(SendError):
    """The provider refused the message and did not send it."""

    def __init__(self, fault: Fault, code: str) -> None:
        super().__init__(code)
        self.fault = fault


class Deferred(SendError):
    """Surely not sent. `retry_after_s`: the seconds the provider asked us to wait, if it did.

    `only_this`: this message alone must wait (the same words lately, a phone's limit of the day);
    else the provider wants no call at all for so long.
    """

    def __init__(
        self, code: str, retry_after_s: float | None = None, *, only_this: bool = False
    ) -> None:
        super().__init__(code)
        self.retry_after_s = retry_after_s
        self.only_this = only_this


class OutcomeUnknown(SendError):
    """The request may have left us and nobody can say yet whether it was taken."""


class BadSignature(Exception):
    """A webhook request that the provider did not sign, or not with our secret."""


class BadWebhook(Exception):
    """A webhook request that is signed right but makes no sense; the text says what is missing."""


class Alphabet(StrEnum):
    GSM7 = "gsm7"
    UCS2 = "ucs2"


class Reports(StrEnum):
    """How delivery reports reach us."""

    PUSH = "push"
    POLL = "poll"
    NONE = "none"


class Report(StrEnum):
    """What a delivery report says of the message."""

    SENT = "sent"  # under way at the provider or the network: nothing final
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"  # the provider or the network gave up


class Proof(StrEnum):
    """What vouches for a webhook call."""

    SIGNATURE = "signature"  # the provider signs it
    POLL = "poll"  # unsigned: only the secret address vouches, so what it says is asked for
    ADDRESS = "address"  # unsigned and nobody to ask: the secret address must do


class Templates(StrEnum):
    """What a provider wants of words that it has registered."""

    NONE = "none"  # nothing: any words go
    CHECKED = "checked"  # it takes the words and compares them with those registered
    BY_ID = "by_id"  # it takes no words, only a template's id and its parameters


@dataclass(frozen=True, slots=True)
class WebhookAnswer:
    """What a provider must read to know that we have its call; else some call again."""

    status: int = HTTPStatus.NO_CONTENT
    body: str = ""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a provider can do, so that no caller ever asks for an adapter's name."""

    alphabets: frozenset[Alphabet]
    max_segments: int
    reports: Reports
    deduplicates: bool  # the same reference again is the same message, never a second SMS
    can_look_up: bool  # an attempt by our reference or its words, or a message by its id
    receipt_proof: Proof = Proof.SIGNATURE
    inbound_proof: Proof | None = Proof.SIGNATURE  # none: it brings no citizens' SMS
    takes_sender: bool = True  # the office's brandname; else the account has a sender of its own
    templates: Templates = Templates.NONE
    refused_characters: frozenset[str] = frozenset()
    messages_per_second: float | None = None  # what an account may send, where it is known
    webhook_answer: WebhookAnswer = WebhookAnswer()

    @property
    def polls(self) -> bool:
        """Whether what became of an accepted message must be asked for."""
        return self.reports is Reports.POLL or self.receipt_proof is Proof.POLL


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a registered template by the provider's name for it, its value in NFC."""

    name: str
    value: str = field(repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", unicodedata.normalize("NFC", self.value))


@dataclass(frozen=True, slots=True)
class RegisteredTemplate:
    """A template as the provider registered it: its id there and the parameters in order."""

    provider_id: str
    parameters: tuple[Parameter, ...] = ()


@dataclass(frozen=True, slots=True)
class OutboundSms:
    """One SMS to hand over, with the words and, where registered, the provider's template.

    The words are in NFC, whatever was given: the other form is another length and looks broken.
    """

    reference: str  # our attempt id
    to: str = field(repr=False)  # E.164
    sender: str  # brandname or number; "" leaves it to the gateway's own setting
    text: str = field(repr=False)
    callback_url: str | None = field(
        default=None, repr=False
    )  # carries the attempt id and a secret
    template: RegisteredTemplate | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", unicodedata.normalize("NFC", self.text))


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider took the message under this id of its own.

    No id: it gives none, or says that it has our reference and not under which id.
    """

    provider_id: str | None
    operator: Operator | None = None  # of the phone, where the provider tells it

    def __post_init__(self) -> None:
        _make_readable(self, "provider_id")


@dataclass(frozen=True, slots=True)
class AttemptRef:
    """An attempt to ask the provider about.

    `taken` holds provider ids that already belong to other attempts: never an answer.
    `provider_id` is known when a poll asks for the report of an accepted attempt.
    """

    reference: str
    to: str = field(repr=False)
    sender: str
    text: str = field(repr=False)
    started_at: datetime
    provider_id: str | None = None
    taken: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """A provider's call as it reached us. `url` is the public one the provider was given.

    `attempt` is our attempt id, where the address that the message carried holds it.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    query: Sequence[tuple[str, str]] = field(repr=False)
    body: bytes = field(repr=False)
    attempt: str | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """A delivery report. One of `reference` (ours) and `provider_id` (theirs) is present."""

    gateway: str
    report: Report
    provider_id: str | None = None
    reference: str | None = None
    code: str = ""  # the provider's own status or error, for people to read
    occurred_at: datetime | None = None
    operator: Operator | None = None  # of the phone, where the provider tells it

    def __post_init__(self) -> None:
        _make_readable(self, "provider_id", "reference", "code")


@dataclass(frozen=True, slots=True)
class InboundSms:
    """An SMS that a citizen wrote."""

    gateway: str
    provider_id: str
    sender: str = field(repr=False)  # the citizen's phone as the provider writes it
    to: str
    text: str = field(repr=False)
    received_at: datetime | None = None

    def __post_init__(self) -> None:
        _make_readable(self, "provider_id", "sender", "to")
        object.__setattr__(self, "text", readable(self.text, most=None))


@dataclass(frozen=True, slots=True)
class Found:
    """The provider has it, under this id; `receipt` is what it said of delivery, if anything."""

    provider_id: str
    receipt: Receipt | None = None

    def __post_init__(self) -> None:
        _make_readable(self, "provider_id")


@dataclass(frozen=True, slots=True)
class Absent:
    """The provider does not have it. Believed only `settle_s` after the attempt."""


@dataclass(frozen=True, slots=True)
class Balance:
    """What is left on the account, in the provider's currency, or in messages (`ZNS`)."""

    amount: Decimal
    currency: str = "VND"


class Gateway(Protocol):
    """An adapter to one SMS provider. Thread-safe; keeps no state about messages."""

    @property
    def name(self) -> str: ...

    @property
    def capabilities(self) -> Capabilities: ...

    def send(self, sms: OutboundSms) -> Accepted:
        """Hand one SMS over. Raises `Rejected`, `Deferred` or `OutcomeUnknown`."""
        ...

    def parse_receipts(self, request: WebhookRequest) -> list[Receipt]:
        """The reports in a webhook call. Raises `BadSignature`, then `BadWebhook`."""
        ...

    def parse_inbound(self, request: WebhookRequest) -> InboundSms:
        """The citizen's SMS in a webhook call. Raises `BadSignature`, then `BadWebhook`."""
        ...

    def look_up(self, attempt: AttemptRef) -> Found | Absent:
        """Ask what became of an attempt. Raises `Deferred` when it cannot tell."""
        ...


@runtime_checkable
class TellsBalance(Protocol):
    """A gateway whose provider can be asked what is left on the account."""

    def balance(self) -> Balance:
        """Raises `Deferred` when it cannot tell, `Rejected` for a fault of the account."""
        ...


@runtime_checkable
class ChecksCredentials(Protocol):
    """A gateway whose provider can be asked, without sending, whether it takes our credentials."""

    def check_credentials(self) -> None:
        """Raises `Rejected` when it does not, `Deferred` when it cannot tell."""
        ...
