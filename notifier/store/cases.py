"""Cases to look at."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from notifier.store.tables import Case, Event


@dataclass(frozen=True, slots=True)
class EventRow:
    source_event_id: str
    source_id: str
    type: str
    channel: str
    occurred_at: datetime
    received_at: datetime
    outcome: str
    reason: str | None


def find(session: Session, office: str, code: str) -> str | None:
    """The id of the office's case with this code."""
    return session.scalar(select(Case.id).where(Case.office_id == office, Case.code == code))


def with_code(session: Session, offices: Collection[str], code: str) -> list[tuple[str, str]]:
    """The office and the code, as it is written there, of these offices' cases that have it."""
    found = select(Case.office_id, Case.code).where(Case.office_id.in_(offices), is_coded(code))
    return [(office, written) for office, written in session.execute(found.order_by(Case.id))]


def is_coded(code: str) -> ColumnElement[bool]:
    """Whether a case has the code as it is given, all in capitals or all in small letters.

    People type either; each of the three is looked up by the index.
    """
    return Case.code.in_(sorted({code, code.upper(), code.lower()}))


def events_of(session: Session, case_id: str) -> list[EventRow]:
    """What happened to the case, by when it happened."""
    rows = session.execute(
        select(
            Event.source_event_id,
            Event.source_id,
            Event.type,
            Event.channel,
            Event.occurred_at,
            Event.received_at,
            Event.outcome,
            Event.reason,
        )
        .where(Event.case_id == case_id)
        .order_by(Event.occurred_at, Event.id)
    )
    return [EventRow(*row) for row in rows]
