"""What services answer about events and messages: frozen values that the API prints."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from notifier.domain.people import Permission

if TYPE_CHECKING:
    from notifier.services.catalogue import Known


class EventOutcome(StrEnum):
    """What became of a posted event."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    SUPERSEDED = "superseded"
    SILENT = "silent"
    HELD = "held"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """What is wrong with one field: where, a machine's word, and a sentence for people."""

    path: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class MessageSummary:
    """A message as an event's answer shows it."""

    id: str
    state: str
    reason: str | None
    to: str  # masked
    segments: int | None
    encoding: str | None


@dataclass(frozen=True, slots=True)
class EventResult:
    """The answer to one posted event, in the order of posting."""

    id: str  # the source's own
    outcome: EventOutcome
    reason: str | None = None
    messages: tuple[MessageSummary, ...] = ()
    errors: tuple[FieldProblem, ...] = ()


@dataclass(frozen=True, slots=True)
class AttemptView:
    id: str
    gateway: str
    outcome: str | None
    code: str | None
    started_at: datetime
    closed_at: datetime | None
    provider_id: str | None


@dataclass(frozen=True, slots=True)
class ReceiptView:
    gateway: str
    report: str
    code: str
    occurred_at: datetime | None
    received_at: datetime


@dataclass(frozen=True, slots=True)
class MessageView:
    """A message with everything that is known of it."""

    id: str
    state: str
    reason: str | None
    missing: tuple[str, ...]  # the placeholders that lack a value, where that is the reason
    to: str  # masked
    case: str
    office: str
    event: str  # the source's own event id
    event_type: str
    template: str | None  # template version id
    language: str
    encoding: str | None
    segments: int | None
    text: str | None = field(repr=False)
    created_at: datetime
    send_at: datetime
    valid_until: datetime
    state_at: datetime
    handed_over_at: datetime | None
    resend_of: str | None
    possible_double: bool
    no_receipt: bool
    told_at: datetime | None  # when a person said that the citizen was told some other way
    resent_at: datetime | None  # when its words went again as another message, not withdrawn since
    resent_as: str | None  # that message
    attempts: tuple[AttemptView, ...]
    receipts: tuple[ReceiptView, ...]


@dataclass(frozen=True, slots=True)
class MessagePage:
    """A page of a list, newest first; `next_cursor` is empty at the end."""

    messages: tuple[MessageView, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class MessageFilter:
    """What a list is narrowed to; `since` is inclusive, `until` exclusive, by creation."""

    case: str | None = None
    state: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    limit: int = 100
    cursor: str | None = None
    phone: str | None = field(default=None, repr=False)  # in E.164
    office: str | None = None


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person mends on a held message: the phone, missing values, or both."""

    phone: str | None = field(default=None, repr=False)
    values: tuple[tuple[str, str | int | float | bool], ...] = field(default=(), repr=False)


_OF_NO_OFFICE = frozenset({Permission.GATEWAYS_READ, Permission.GATEWAYS_WRITE})


@dataclass(frozen=True, slots=True)
class Caller:
    """Who a valid API key speaks for."""

    key_id: str
    source_id: str
    scopes: frozenset[str]
    intake_per_minute: int | None = None  # its source's own limit; 0 for none

    @property
    def id(self) -> str:
        return self.key_id

    def has(self, permission: Permission) -> bool:
        return permission in self.scopes

    def everywhere(self, permission: Permission) -> bool:
        """Of what belongs to no office: a key speaks for its source's offices."""
        return permission in _OF_NO_OFFICE and self.has(permission)

    def offices(self, permission: Permission, known: "Known") -> frozenset[str]:
        return known.offices_of(self.source_id) if self.has(permission) else frozenset()


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether the parts answer; `workers` counts live workers by queue.

    `restart_needed`: a process runs with other gateways than their file describes now. It works.
    """

    database: bool
    redis: bool
    workers: dict[str, int]
    restart_needed: bool

    @property
    def ready(self) -> bool:
        """Intake works with the database alone; without the rest it is degraded, and says so."""
        return self.database and self.redis and all(self.workers.values())


class ServiceError(Exception):
    """A refusal by a service.

    ServiceError
    ├── NotAuthenticated   no key or session, or not a valid one
    ├── LoginRefused       a wrong address, password or code: told alike
    ├── SecondFactorNeeded the password is right; a code is needed too
    ├── TooManyTries       too many failed logins: later
    ├── PasswordTemporary  the person must choose a password of their own first
    ├── ScopeMissing       the key or the person may not do this
    ├── NotFound           not there, or another office's: told alike
    ├── NotInThisState     the message is past what was asked
    ├── ResentAlready      its words went again before, as another message
    ├── StillHeld          what holds the message is not over
    ├── BadCorrection      what was given does not mend the message
    └── BadFields          some of what was given is not right
    """


class NotAuthenticated(ServiceError):
    pass


class LoginRefused(ServiceError):
    pass


class SecondFactorNeeded(ServiceError):
    """`ticket` stands for the right password, for five minutes."""

    def __init__(self, ticket: str) -> None:
        super().__init__("a code is needed")
        self.ticket = ticket


class TooManyTries(ServiceError):
    def __init__(self, retry_after_s: int) -> None:
        super().__init__(f"again in {retry_after_s} seconds")
        self.retry_after_s = retry_after_s


class PasswordTemporary(ServiceError):
    pass


class ScopeMissing(ServiceError):
    def __init__(self, scope: str) -> None:
        super().__init__(f"the key lacks the scope {scope}")
        self.scope = scope


class NotFound(ServiceError):
    pass


class NotInThisState(ServiceError):
    """`state` is where the message stands now."""

    def __init__(self, state: str) -> None:
        super().__init__(f"the message is {state}")
        self.state = state


class ResentAlready(ServiceError):
    """`newer` is the message as which the words went again, where it is still kept."""

    def __init__(self, newer: str | None) -> None:
        super().__init__(f"it was resent as {newer}" if newer else "it was resent")
        self.newer = newer


class StillHeld(ServiceError):
    """`reason` is what would hold it again."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"it would be held again: {reason}")
        self.reason = reason


class BadCorrection(ServiceError):
    def __init__(self, problems: tuple[FieldProblem, ...]) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = problems


class BadFields(ServiceError):
    """`problems` says which, and why."""

    def __init__(self, *problems: FieldProblem) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = problems
