"""What is held for a reason that an alert tells of: counted, and looked for by every sweep."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, exists, func, literal_column, select, update
from sqlalchemy.orm import Session

from notifier.domain.events import ALERT
from notifier.domain.states import HOLD, Reason, State
from notifier.store.columns import one_of
from notifier.store.messages import leaving
from notifier.store.tables import Alert, Message, Office, Source, TemplateVersion

# By reason, which is the alert's kind too: whom the alert is about.
_SUBJECTS: Mapping[Reason, tuple[Any, Any]] = MappingProxyType(
    {
        Reason.NOT_LIVE: (Message.office_id, Office.id),
        Reason.PHONE_CAP: (Message.office_id, Office.id),
        Reason.SOURCE_CAP: (Message.source_id, Source.id),
        Reason.BUDGET: (Message.office_id, Office.id),
    }
)


@dataclass(frozen=True, slots=True)
class Untold:
    """Messages are held and no alert says so; `message_id` is the first of them."""

    kind: Reason
    subject: str
    message_id: str


@dataclass(frozen=True, slots=True)
class HeldRow:
    """A held message, with what it takes to let it go."""

    id: str
    office_id: str
    event_id: str
    event_type: str
    reason: str
    phone_hash: bytes | None = field(repr=False)
    phone_cipher: bytes | None = field(repr=False)
    values_cipher: bytes | None = field(repr=False)


_ROWS = select(*(getattr(Message, name).label(name) for name in HeldRow.__slots__))


def one(session: Session, message_id: str) -> HeldRow | None:
    """The message, if it is held."""
    found = _ROWS.where(Message.id == message_id, Message.state == State.HELD)
    row = session.execute(found).first()
    return HeldRow(**row._mapping) if row else None


def page(
    session: Session, offices: Collection[str], reason: Reason, *, after: str, limit: int
) -> list[HeldRow]:
    """Up to `limit` messages that these offices hold for the reason, oldest first, after an id.

    They are locked until the transaction's end.
    """
    rows = session.execute(
        _ROWS.where(*_held(reason), Message.office_id.in_(offices), Message.id > after)
        .order_by(Message.id)
        .limit(limit)
        .with_for_update()
    )
    return [HeldRow(**row._mapping) for row in rows]


@dataclass(frozen=True, slots=True)
class UnsentWords:
    """A version that messages of an office are about to go in."""

    office_id: str
    version_id: str
    text: str


def about_to_go(session: Session, offices: Collection[str]) -> list[UnsentWords]:
    """The versions that messages of these offices have, queued or in a worker's hands."""
    rows = session.execute(
        select(Message.office_id, TemplateVersion.id, TemplateVersion.text)
        .join(TemplateVersion, TemplateVersion.id == Message.template_version_id)
        .where(one_of(Message.state, HOLD.allowed_from), Message.office_id.in_(offices))
        .distinct()
    )
    return [UnsentWords(*row) for row in rows]


def hold_words(session: Session, words: Collection[UnsentWords], *, at: datetime) -> int:
    """Hold what was about to go in these words; how many."""
    held = 0
    for one in words:
        rows = session.scalars(
            update(Message)
            .where(
                one_of(Message.state, HOLD.allowed_from),
                Message.office_id == one.office_id,
                Message.template_version_id == one.version_id,
            )
            .values(state=HOLD.to, state_at=at, reason=Reason.TEMPLATE_UNFIT, **leaving(HOLD))
            .returning(Message.id)
            .execution_options(synchronize_session=False)
        )
        held += len(rows.all())
    return held


def count(session: Session, offices: Collection[str], reason: Reason) -> int:
    """How many messages of these offices are held for the reason."""
    held = select(func.count()).where(*_held(reason), Message.office_id.in_(offices))
    return session.scalar(held) or 0


@dataclass(frozen=True, slots=True)
class HeldCount:
    office: str
    reason: str
    messages: int
    since: datetime


def by_office_and_reason(session: Session) -> list[HeldCount]:
    """How many messages are held, and since when."""
    rows = session.execute(
        select(Message.office_id, Message.reason, func.count(), func.min(Message.state_at))
        .where(one_of(Message.state, [State.HELD]))
        .group_by(Message.office_id, Message.reason)
        .order_by(Message.office_id, Message.reason)
    )
    return [
        HeldCount(office, reason or "", messages, since) for office, reason, messages, since in rows
    ]


def untold(session: Session) -> list[Untold]:
    """What is held for such a reason without an open alert."""
    found = []
    for reason, (of_message, of_subject) in _SUBJECTS.items():
        held = [*_told_of(reason), of_message == of_subject]
        first = select(Message.id).where(*held).order_by(Message.id).limit(1).scalar_subquery()
        open_alert = exists().where(_open_alert(reason), Alert.subject == of_subject)
        rows = session.execute(select(of_subject, first).where(~open_alert, exists().where(*held)))
        found += [Untold(reason, subject, message_id) for subject, message_id in rows]
    return found


def any_told(session: Session) -> bool:
    """Whether an alert about something held is open."""
    kinds = one_of(Alert.kind, _SUBJECTS)
    open_alert = select(Alert.id).where(Alert.closed_at.is_(None), kinds).limit(1)
    return session.scalar(open_alert) is not None


def close_what_is_over(session: Session, *, now: datetime) -> None:
    """Close the alerts whose messages were let out, or stopped, or out of time: all of them."""
    for reason, (of_message, _) in _SUBJECTS.items():
        still = exists().where(*_told_of(reason), of_message == Alert.subject)
        session.execute(
            update(Alert)
            .where(_open_alert(reason), ~still)
            .values(closed_at=now)
            .execution_options(synchronize_session=False)
        )


def _held(reason: Reason) -> list[ColumnElement[bool]]:
    # Written out: a partial index is for statements that name its state.
    state: ColumnElement[str] = literal_column(f"'{State.HELD}'")
    return [Message.state == state, Message.reason == reason]


def _told_of(reason: Reason) -> list[ColumnElement[bool]]:
    """Held for the reason; an alert to a duty phone raises none itself."""
    return [*_held(reason), Message.event_type != ALERT]


def _open_alert(reason: Reason) -> ColumnElement[bool]:
    return (Alert.kind == reason) & Alert.closed_at.is_(None)
