"""Events of a case, as intake takes them, and the situations they make."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

Value = str | int | float | bool


class EventType(StrEnum):
    SUBMITTED = "submitted"
    RECEIVED = "received"
    REFUSED = "refused"
    IN_PROGRESS = "in_progress"
    SUPPLEMENT_REQUIRED = "supplement_required"
    FEE_DUE = "fee_due"
    PAYMENT_CONFIRMED = "payment_confirmed"
    PAUSED = "paused"
    RESUMED = "resumed"
    EXTENDED = "extended"
    OVERDUE = "overdue"
    WITHDRAWN = "withdrawn"
    STOPPED = "stopped"
    RESULT_READY = "result_ready"
    RESULT_POSTED = "result_posted"
    RETURNED = "returned"


class Channel(StrEnum):
    """How the case, the fee or the result goes."""

    COUNTER = "counter"
    ONLINE = "online"
    POST = "post"


class Priority(StrEnum):
    """Which messages go first: urgent ones of any office before all others, bulk ones last."""

    URGENT = "urgent"
    NORMAL = "normal"
    BULK = "bulk"


class Language(StrEnum):
    VI = "vi"
    EN = "en"


@dataclass(frozen=True, slots=True)
class CaseRef:
    """The case an event is of. Its code is opaque: nothing is derived from it."""

    code: str
    office: str
    channel: Channel
    procedure_code: str | None = None
    procedure_name: str | None = field(default=None, repr=False)
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom to tell. The phone is as the source wrote it, broken ones too."""

    name: str | None = field(repr=False)
    phone: str = field(repr=False)
    language: Language = Language.VI


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """One thing that happened to a case; `id` is the source's own."""

    id: str
    type: EventType
    occurred_at: datetime
    case: CaseRef
    recipient: Recipient
    data: Mapping[str, Value] = field(default_factory=dict, repr=False)
    priority: Priority | None = None  # none: its type's

    @property
    def rank(self) -> int:
        """Its place among the priorities, the first is 0."""
        return list(Priority).index(self.priority or priority_of(self.type))


ALERT = "alert"  # the type of our own events, which nobody can post: an SMS to a duty phone

# What asks nothing of its reader can wait; every other type is normal.
_BULK = frozenset({EventType.IN_PROGRESS, EventType.RETURNED})


def priority_of(event_type: EventType) -> Priority:
    """The priority of an event that names none."""
    return Priority.BULK if event_type in _BULK else Priority.NORMAL


_OURS = timedelta(hours=24)
# Of open sending time: how long a message of this type makes sense to its reader.
VALIDITY: Mapping[EventType, timedelta] = MappingProxyType(
    {event_type: timedelta(hours=72) for event_type in EventType}
)


def validity(event_type: str) -> timedelta:
    """The same of any type that is kept, our own too."""
    return next((lasts for known, lasts in VALIDITY.items() if known == event_type), _OURS)
