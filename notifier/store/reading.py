"""Messages with everything that is known of them, for people and callers to read."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from notifier.domain.ids import CLOCKS_APART, earliest
from notifier.store.cases import is_coded
from notifier.store.columns import one_of
from notifier.store.tables import Attempt, Case, Event, Message, Receipt
from notifier.store.tables.messages import BY_STATE


@dataclass(frozen=True, slots=True)
class MessageRow:
    id: str
    event_id: str
    source_event_id: str
    case_id: str
    case_code: str
    office_id: str
    source_id: str
    event_type: str
    priority: int
    occurred_at: datetime
    template_version_id: str | None
    language: str
    state: str
    reason: str | None
    phone_cipher: bytes | None = field(repr=False)
    phone_mask: str
    text_cipher: bytes | None = field(repr=False)
    values_cipher: bytes | None = field(repr=False)
    encoding: str | None
    segments: int | None
    sender: str
    send_at: datetime
    valid_until: datetime
    superseded_by: str | None
    resend_of: str | None
    possible_double: bool
    no_receipt: bool
    created_at: datetime
    state_at: datetime
    handed_over_at: datetime | None
    told_at: datetime | None
    resent_at: datetime | None


@dataclass(frozen=True, slots=True)
class ResentRow:
    """What a message's words went again as."""

    id: str
    of: str
    state: str


@dataclass(frozen=True, slots=True)
class AttemptRow:
    id: str
    message_id: str
    gateway: str
    outcome: str | None
    code: str | None
    started_at: datetime
    closed_at: datetime | None
    provider_id: str | None


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    message_id: str
    gateway: str
    report: str
    code: str
    occurred_at: datetime | None
    received_at: datetime


_FROM_OTHERS = {"source_event_id": Event.source_event_id, "case_code": Case.code}


def _messages() -> "Select[tuple[object, ...]]":
    columns = [
        _FROM_OTHERS.get(name, getattr(Message, name, None)) for name in MessageRow.__slots__
    ]
    labelled = [
        column.label(name)
        for name, column in zip(MessageRow.__slots__, columns, strict=True)
        if column is not None
    ]
    return (
        select(*labelled)
        .join(Event, Event.id == Message.event_id)
        .join(Case, Case.id == Message.case_id)
    )


def one(session: Session, message_id: str, *, for_update: bool = False) -> MessageRow | None:
    """The message, locked until the transaction's end if asked."""
    statement = _messages().where(Message.id == message_id)
    if for_update:
        statement = statement.with_for_update(of=Message)
    row = session.execute(statement).first()
    return MessageRow(**row._mapping) if row else None


def some(session: Session, message_ids: Collection[str]) -> list[MessageRow]:
    """These messages, newest first."""
    found = _messages().where(Message.id.in_(message_ids)).order_by(Message.id.desc())
    return [MessageRow(**row._mapping) for row in session.execute(found)]


def of_case(session: Session, case_id: str) -> list[MessageRow]:
    """The messages of a case, oldest first."""
    found = _messages().where(Message.case_id == case_id).order_by(Message.id)
    return [MessageRow(**row._mapping) for row in session.execute(found)]


def page(
    session: Session,
    *,
    offices: Collection[str],
    case: str | None,
    state: str | None,
    since: datetime | None,
    until: datetime | None,
    before: str | None,
    limit: int,
    phone_hash: bytes | None = None,
) -> list[MessageRow]:
    """Up to `limit` messages of these offices, newest first, older than the id `before`."""
    statement = _messages().where(Message.office_id.in_(offices))
    if case is not None:
        statement = statement.where(is_coded(case))
    if phone_hash is not None:
        statement = statement.where(Message.phone_hash == phone_hash)
    if state is not None:
        statement = statement.where(*_stands(state))
    if since is not None:
        statement = statement.where(
            Message.created_at >= since, Message.id >= earliest("msg", since, later=-CLOCKS_APART)
        )
    if until is not None:
        statement = statement.where(
            Message.created_at < until, Message.id < earliest("msg", until, later=CLOCKS_APART)
        )
    if before is not None:
        statement = statement.where(Message.id < before)
    rows = session.execute(statement.order_by(Message.id.desc()).limit(limit))
    return [MessageRow(**row._mapping) for row in rows]


def _stands(state: str) -> tuple[ColumnElement[bool], ...]:
    """In the state, said as the index of the rarer ones says it."""
    stands = one_of(Message.state, [state])
    return (stands, one_of(Message.state, BY_STATE)) if state in BY_STATE else (stands,)


def attempts_of(session: Session, message_ids: Collection[str]) -> dict[str, list[AttemptRow]]:
    """By message: its attempts, oldest first."""
    rows = session.execute(
        select(
            Attempt.id,
            Attempt.message_id,
            Attempt.gateway,
            Attempt.outcome,
            Attempt.code,
            Attempt.started_at,
            Attempt.closed_at,
            Attempt.provider_id,
        )
        .where(Attempt.message_id.in_(message_ids))
        .order_by(Attempt.id)
    )
    found: dict[str, list[AttemptRow]] = {}
    for row in rows:
        found.setdefault(row.message_id, []).append(AttemptRow(**row._mapping))
    return found


def receipts_of(session: Session, message_ids: Collection[str]) -> dict[str, list[ReceiptRow]]:
    """By message: its receipts as they came."""
    rows = session.execute(
        select(
            Attempt.message_id,
            Receipt.gateway,
            Receipt.report,
            Receipt.code,
            Receipt.occurred_at,
            Receipt.received_at,
        )
        .join(Attempt, Attempt.id == Receipt.attempt_id)
        .where(Attempt.message_id.in_(message_ids))
        .order_by(Receipt.received_at, Receipt.id)
    )
    found: dict[str, list[ReceiptRow]] = {}
    for row in rows:
        found.setdefault(row.message_id, []).append(ReceiptRow(**row._mapping))
    return found


def resent_as(session: Session, rows: Collection[MessageRow]) -> dict[str, ResentRow]:
    """By message: of these, as what those that were sent again went the last time."""
    resent = [row for row in rows if row.resent_at is not None]
    if not resent:
        return {}
    found = session.execute(
        select(Message.id, Message.resend_of.label("of"), Message.state)
        .where(
            Message.case_id.in_({row.case_id for row in resent}),  # which an index finds
            Message.resend_of.in_([row.id for row in resent]),
        )
        .order_by(Message.id)
    )
    return {row.of: ResentRow(**row._mapping) for row in found}


def event_bodies(session: Session, event_ids: Collection[str]) -> dict[str, bytes]:
    """By event: its sealed body, of those that are still kept."""
    rows = session.execute(select(Event.id, Event.body_cipher).where(Event.id.in_(event_ids)))
    return {event_id: body for event_id, body in rows if body is not None}


def event_body(session: Session, event_id: str) -> bytes | None:
    """The sealed body of an event."""
    return session.scalar(select(Event.body_cipher).where(Event.id == event_id))
