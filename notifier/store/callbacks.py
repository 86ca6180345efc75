"""Where sources are called back, and the outbox of what they are told."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, case, delete, func, or_, select, update
from sqlalchemy.orm import Session

from notifier.domain.callbacks import LONGEST_WAIT
from notifier.store.tables import Alert, AlertCallback, Message, SourceCallback
from notifier.store.upserts import insert_new, insert_or_replace


@dataclass(frozen=True, slots=True)
class CallbackRow:
    source_id: str
    url: str = field(repr=False)
    secret_cipher: bytes = field(repr=False)
    set_at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """How a source's callbacks fare."""

    waiting: int
    delivered_at: datetime | None  # the last one
    code: str | None  # how the last try ended, of those that wait or were given up


@dataclass(frozen=True, slots=True)
class Due:
    """Something to tell a source, taken for one try."""

    id: str
    source_id: str
    url: str = field(repr=False)
    secret_cipher: bytes = field(repr=False)
    tells: str
    offices: Sequence[str]
    made_at: datetime
    tries: int
    alert_id: str
    kind: str
    subject: str
    detail: str
    raised_at: datetime
    closed_at: datetime | None
    message_of: str | None  # the source whose message `detail` names, if it names one


def of_source(session: Session, source_id: str) -> CallbackRow | None:
    """Where the source is called back, if anywhere."""
    row = session.get(SourceCallback, source_id, populate_existing=True)
    return CallbackRow(row.source_id, row.url, row.secret_cipher, row.set_at) if row else None


def sources(session: Session) -> frozenset[str]:
    """The sources that are called back."""
    return frozenset(session.scalars(select(SourceCallback.source_id)))


def put(session: Session, row: CallbackRow) -> None:
    """Keep where the source is called back, in the place of what was."""
    columns = {
        "source_id": row.source_id,
        "url": row.url,
        "secret_cipher": row.secret_cipher,
        "set_at": row.set_at,
    }
    statement = insert_or_replace(session, SourceCallback, key=("source_id",))
    session.connection().execute(statement, [columns])


def bring_forward(session: Session, source_id: str, *, now: datetime) -> None:
    """Make due at once what waits to be tried again for the source."""
    session.execute(
        update(AlertCallback)
        .where(AlertCallback.source_id == source_id, AlertCallback.due_at > now)
        .values(due_at=now)
        .execution_options(synchronize_session=False)
    )


def remove(session: Session, source_id: str) -> bool:
    """Call the source back no more, nor with what waits; whether it was called back."""
    gone = session.scalars(
        delete(SourceCallback)
        .where(SourceCallback.source_id == source_id)
        .returning(SourceCallback.source_id)
        .execution_options(synchronize_session=False)
    ).first()
    session.execute(
        delete(AlertCallback)
        .where(AlertCallback.source_id == source_id, AlertCallback.due_at.is_not(None))
        .execution_options(synchronize_session=False)
    )
    return gone is not None


def standing(session: Session, source_id: str) -> Standing:
    """How the source's callbacks fare."""
    of_it = AlertCallback.source_id == source_id
    waiting, delivered_at = session.execute(
        select(func.count(AlertCallback.due_at), func.max(AlertCallback.delivered_at)).where(of_it)
    ).one()
    code = session.scalar(
        select(AlertCallback.code)
        .where(of_it, AlertCallback.delivered_at.is_(None), AlertCallback.code.is_not(None))
        .order_by(AlertCallback.id.desc())
        .limit(1)
    )
    return Standing(waiting, delivered_at, code)


def add(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Put down what is to be told; what is put down already stays."""
    if rows:
        session.connection().execute(insert_new(session, AlertCallback), list(rows))


def any_due(session: Session, now: datetime) -> bool:
    return session.execute(_due(now).limit(1)).first() is not None


def _is_due(now: datetime) -> ColumnElement[bool]:
    """One that would wait longer than any does was put off by a clock that was wrong."""
    return or_(AlertCallback.due_at <= now, AlertCallback.due_at > now + LONGEST_WAIT)


def _due(now: datetime) -> Select[Any]:
    """The oldest that each source is to be told now, whoever waited longest first.

    A source that is being called, or did not take one and waits for the next try, is left alone
    with all of it: however many are dead and however much waits for them, the others are told.
    """
    return (
        select(func.min(AlertCallback.id))
        .where(AlertCallback.due_at.is_not(None))
        .group_by(AlertCallback.source_id)
        .having(func.max(case((_is_due(now), 0), else_=1)) == 0)
        .order_by(func.min(AlertCallback.due_at))
    )


def claim(
    session: Session, *, now: datetime, until: datetime, limit: int, but_of: Collection[str]
) -> list[Due]:
    """Take the oldest due of up to `limit` sources for one try, counted; due again at `until`."""
    oldest = _due(now).where(AlertCallback.source_id.not_in(but_of)).limit(limit)
    ids = list(session.scalars(oldest))
    taken = session.scalars(
        update(AlertCallback)
        .where(AlertCallback.id.in_(ids), _is_due(now))
        .values(due_at=until, tries=AlertCallback.tries + 1)
        .returning(AlertCallback.id)
        .execution_options(synchronize_session=False)
    ).all()
    rows = session.execute(
        select(
            AlertCallback.id,
            AlertCallback.source_id,
            SourceCallback.url,
            SourceCallback.secret_cipher,
            AlertCallback.tells,
            AlertCallback.offices,
            AlertCallback.made_at,
            AlertCallback.tries,
            Alert.id.label("alert_id"),
            Alert.kind,
            Alert.subject,
            Alert.detail,
            Alert.raised_at,
            Alert.closed_at,
            Message.source_id.label("message_of"),
        )
        .join(Alert, Alert.id == AlertCallback.alert_id)
        .join(SourceCallback, SourceCallback.source_id == AlertCallback.source_id)
        .outerjoin(Message, Message.id == Alert.detail)
        .where(AlertCallback.id.in_(taken))
        .order_by(AlertCallback.id)
    )
    return [Due(**row._mapping) for row in rows]


def tried(session: Session, callback_id: str, **columns: Any) -> bool:
    """Note how a try ended; whether it is still of interest: not taken away, nor delivered by
    another try."""
    noted = session.scalars(
        update(AlertCallback)
        .where(AlertCallback.id == callback_id, AlertCallback.delivered_at.is_(None))
        .values(**columns)
        .returning(AlertCallback.id)
        .execution_options(synchronize_session=False)
    )
    return noted.first() is not None
