"""Duty phones of offices, and what is still to be told to them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, func, not_, or_, select, update
from sqlalchemy.orm import Session

from notifier.domain.alerts import AlertKind
from notifier.domain.events import ALERT
from notifier.store.tables import Alert, AlertNotice, DutyPhone, Message, Source
from notifier.store.upserts import insert_new, insert_or_replace


@dataclass(frozen=True, slots=True)
class PhoneRow:
    """An office's own duty phone."""

    office_id: str
    phone_cipher: bytes = field(repr=False)
    phone_hash: bytes = field(repr=False)
    phone_mask: str
    set_at: datetime


@dataclass(frozen=True, slots=True)
class Notice:
    """An alert that an office's duty phone is still to be told of."""

    id: str
    office_id: str
    kind: AlertKind
    subject: str
    detail: str
    is_over: bool


def phones(session: Session) -> dict[str, PhoneRow]:
    """By office that has one of its own."""
    rows = session.scalars(select(DutyPhone).execution_options(populate_existing=True))
    return {
        row.office_id: PhoneRow(
            row.office_id, row.phone_cipher, row.phone_hash, row.phone_mask, row.set_at
        )
        for row in rows
    }


def put(session: Session, row: PhoneRow) -> None:
    """Give the office this duty phone, in the place of what it had."""
    columns = {
        "office_id": row.office_id,
        "phone_cipher": row.phone_cipher,
        "phone_hash": row.phone_hash,
        "phone_mask": row.phone_mask,
        "set_at": row.set_at,
    }
    statement = insert_or_replace(session, DutyPhone, key=("office_id",))
    session.connection().execute(statement, [columns])


def remove(session: Session, office_id: str) -> bool:
    """Take the office's duty phone away; whether it had one."""
    gone = session.scalars(
        delete(DutyPhone)
        .where(DutyPhone.office_id == office_id)
        .returning(DutyPhone.office_id)
        .execution_options(synchronize_session=False)
    )
    return gone.first() is not None


def note(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Put down which duty phones are to be told; what is put down already stays."""
    if rows:
        session.connection().execute(insert_new(session, AlertNotice), list(rows))


def waiting_offices(session: Session) -> frozenset[str]:
    """The offices whose duty phones are still to be told of something."""
    offices = select(AlertNotice.office_id).where(AlertNotice.settled_at.is_(None)).distinct()
    return frozenset(session.scalars(offices))


def open_notices(
    session: Session,
    limit: int,
    *,
    at_any_hour: Collection[AlertKind],
    full: Collection[str],
    closed: Collection[str],
) -> list[Notice]:
    """What is still to be told, first of these kinds, then oldest first; locked until the
    transaction's end.

    Left out is what waits: all of offices that are `full`, and of those that are `closed` all other
    kinds. What is over waits for nothing.
    """
    waits = or_(
        AlertNotice.office_id.in_(full),
        and_(AlertNotice.office_id.in_(closed), Alert.kind.not_in(at_any_hour)),
    )
    rows = session.execute(
        select(
            AlertNotice.id,
            AlertNotice.office_id,
            Alert.kind,
            Alert.subject,
            Alert.detail,
            Alert.closed_at,
        )
        .join(Alert, Alert.id == AlertNotice.alert_id)
        .where(AlertNotice.settled_at.is_(None), or_(Alert.closed_at.is_not(None), not_(waits)))
        .order_by(Alert.kind.not_in(at_any_hour), AlertNotice.id)
        .limit(limit)
        .with_for_update(of=AlertNotice)
    )
    return [
        Notice(
            one.id,
            one.office_id,
            AlertKind(one.kind),
            one.subject,
            one.detail,
            is_over=one.closed_at is not None,
        )
        for one in rows
    ]


def settle(
    session: Session, ids: Collection[str], *, at: datetime, message_id: str | None = None
) -> None:
    """These are told by this message, or need not be told any more."""
    session.execute(
        update(AlertNotice)
        .where(AlertNotice.id.in_(ids))
        .values(settled_at=at, message_id=message_id)
        .execution_options(synchronize_session=False)
    )


def told_since(
    session: Session, phone_hashes: Collection[bytes], since: datetime
) -> dict[bytes | None, int]:
    """How many SMS of alerts were made since for each of the phones that got any."""
    made = session.execute(
        select(Message.phone_hash, func.count())
        .where(
            Message.phone_hash.in_(phone_hashes),
            Message.event_type == ALERT,
            Message.created_at > since,
        )
        .group_by(Message.phone_hash)
    )
    return dict(made.all())


def keep_source(session: Session, source_id: str, name: str, *, at: datetime) -> None:
    """The source that our own events come from. Twice is harmless."""
    row = {"id": source_id, "name": name, "created_at": at}
    session.connection().execute(insert_new(session, Source), [row])
