"""Cases and their events."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, tuple_
from sqlalchemy.orm import Session

from notifier.domain.events import ALERT
from notifier.store.tables import Case, Event, Message
from notifier.store.upserts import insert_new

CaseKey = tuple[str, str]  # office, code


@dataclass(frozen=True, slots=True)
class Kept:
    """An event that came before."""

    id: str
    source_event_id: str
    outcome: str
    reason: str | None
    body_hash: bytes


@dataclass(frozen=True, slots=True)
class Past:
    """An event of a case, as far as mootness goes."""

    id: str
    type: str
    occurred_at: datetime
    sends: bool


@dataclass(frozen=True, slots=True)
class Summary:
    """A message as an event's answer shows it."""

    id: str
    event_id: str
    state: str
    reason: str | None
    phone_mask: str
    segments: int | None
    encoding: str | None


# The statements of every intake are built once: building them costs more than running them.
_LOCK_CASES = (
    select(Case.id, Case.office_id, Case.code)
    .where(tuple_(Case.office_id, Case.code).in_(bindparam("keys", expanding=True)))
    .order_by(Case.office_id, Case.code)
    .with_for_update()
)
_KEPT = select(Event.id, Event.source_event_id, Event.outcome, Event.reason, Event.body_hash).where(
    Event.source_id == bindparam("source_id"),
    Event.source_event_id.in_(bindparam("source_event_ids", expanding=True)),
)
_OF_CASES = select(Event.case_id, Event.id, Event.type, Event.occurred_at, Event.sends).where(
    Event.case_id.in_(bindparam("case_ids", expanding=True)),
    Event.type != ALERT,  # ours: nothing makes it moot, and it nothing
)


def lock_cases(session: Session, rows: Sequence[Mapping[str, Any]]) -> dict[CaseKey, str]:
    """The ids of these cases, made where new and locked until the transaction's end.

    Sorted by office and code, so that two transactions never lock crosswise.
    """
    ordered = sorted(rows, key=lambda row: (row["office_id"], row["code"]))
    connection = session.connection()
    connection.execute(insert_new(session, Case), ordered)
    wanted = [(row["office_id"], row["code"]) for row in ordered]
    locked = connection.execute(_LOCK_CASES, {"keys": wanted})
    return {(row.office_id, row.code): row.id for row in locked}


def kept(session: Session, source_id: str, source_event_ids: Collection[str]) -> dict[str, Kept]:
    """By the source's event id: those that came before."""
    wanted = {"source_id": source_id, "source_event_ids": list(source_event_ids)}
    rows = session.connection().execute(_KEPT, wanted)
    return {row.source_event_id: Kept(**row._mapping) for row in rows}


def of_cases(session: Session, case_ids: Collection[str]) -> dict[str, list[Past]]:
    """By case: what happened to it so far."""
    past: dict[str, list[Past]] = {}
    rows = session.connection().execute(_OF_CASES, {"case_ids": list(case_ids)})
    for case_id, event_id, event_type, occurred_at, sends in rows:
        past.setdefault(case_id, []).append(Past(event_id, event_type, occurred_at, sends))
    return past


def add(session: Session, rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert events that are not there yet; how many that were."""
    if not rows:
        return 0
    added = session.connection().execute(insert_new(session, Event).returning(Event.id), list(rows))
    return len(added.all())


def bodies(session: Session, event_ids: Collection[str]) -> dict[str, bytes | None]:
    """By event: its sealed body, where it is still kept."""
    rows = session.execute(select(Event.id, Event.body_cipher).where(Event.id.in_(event_ids)))
    return {row.id: row.body_cipher for row in rows}


def latest_bodies(
    session: Session, offices: Collection[str], event_type: str, channel: str, *, among: int
) -> list[tuple[str, str, bytes]]:
    """Source, id and sealed body of this situation's events among the offices' latest messages."""
    latest = (
        select(Message.event_id, Message.id)
        .where(Message.office_id.in_(offices))
        .order_by(Message.id.desc())
        .limit(among)
        .subquery()
    )
    rows = session.execute(
        select(Event.source_id, Event.id, Event.body_cipher)
        .where(
            Event.id.in_(select(latest.c.event_id)),
            Event.type == event_type,
            Event.channel == channel,
            Event.body_cipher.is_not(None),
        )
        .order_by(Event.id.desc())
    )
    return [(source, event, cipher) for source, event, cipher in rows if cipher is not None]


def summaries(session: Session, event_ids: Collection[str]) -> dict[str, list[Summary]]:
    """By event: its messages as they stand now, in the order in which they were made."""
    found: dict[str, list[Summary]] = {}
    rows = session.execute(
        select(
            Message.id,
            Message.event_id,
            Message.state,
            Message.reason,
            Message.phone_mask,
            Message.segments,
            Message.encoding,
        )
        .where(Message.event_id.in_(event_ids), Message.resend_of.is_(None))
        .order_by(Message.id)
    )
    for row in rows:
        found.setdefault(row.event_id, []).append(Summary(**row._mapping))
    return found
