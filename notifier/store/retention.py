"""Purging: personal columns first, rows later, children before parents, counts kept for ever.

Rows are passed over by primary key in stretches, so that no index of its own is written on the
way of every message. A transaction works on one stretch.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Table,
    and_,
    delete,
    exists,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from notifier.domain.states import Outcome, State
from notifier.store import daily_counts
from notifier.store.columns import later
from notifier.store.stretches import Stretch
from notifier.store.tables import (
    Attempt,
    Base,
    Event,
    Inbound,
    Message,
    Receipt,
    UpkeepRun,
)
from notifier.store.upserts import insert_new

# What is blanked when `purge_after` comes for the first time, and since when rows are kept.
PERSONAL: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        Message.__tablename__: {
            "phone_cipher": None,
            "phone_hash": None,
            "phone_mask": "***",
            "text_cipher": None,
            "values_cipher": None,
        },
        Event.__tablename__: {"body_cipher": None},
        Inbound.__tablename__: {"phone_cipher": None, "phone_hash": None, "text_cipher": None},
    }
)
_SINCE = {
    Message.__tablename__: "created_at",
    Event.__tablename__: "received_at",
    Inbound.__tablename__: "received_at",
}

_MESSAGES: Table = Base.metadata.tables[Message.__tablename__]
_ATTEMPTS: Table = Base.metadata.tables[Attempt.__tablename__]
_RECEIPTS: Table = Base.metadata.tables[Receipt.__tablename__]


def tables() -> list[Table]:
    """Every table whose rows are purged by their own date, children before parents."""
    return [
        table
        for table in reversed(Base.metadata.sorted_tables)
        if table is not _ATTEMPTS and len(table.primary_key) == 1
    ]


def anything_due(session: Session, where: Stretch, now: datetime) -> bool:
    """Whether the stretch has a row whose date is past."""
    due = select(where.key).where(*where.rows(), where.table.c.purge_after <= now).limit(1)
    return session.scalar(due) is not None


def blank(session: Session, where: Stretch, *, now: datetime, kept_for: timedelta) -> int:
    """Empty the personal columns that are past their date, and date their rows; how many.

    Nothing of a message that is still to be sent, or asked about, is touched.
    """
    table = where.table
    since = table.c[_SINCE[table.name]]
    blanked = session.execute(
        update(table)
        .where(
            *where.rows(),
            table.c.purge_after <= now,
            table.c.purged_at.is_(None),
            *_settled(table),
        )
        .values(
            **PERSONAL[table.name],
            purged_at=now,
            purge_after=later(since, kept_for, session.get_bind().dialect.name),
        )
    )
    return int(blanked.rowcount)  # type: ignore[attr-defined]  # an UPDATE answers with a cursor


def remove(session: Session, where: Stretch, *, now: datetime) -> int:
    """Delete rows that are past their date and that nothing refers to; how many.

    A message goes with its attempts and their receipts, once all of them are past their date,
    and is counted before it does.
    """
    table = where.table
    past = [*where.rows(), table.c.purge_after <= now]
    if "purged_at" in table.c:
        past.append(table.c.purged_at.is_not(None))
    if table is _MESSAGES:
        past += [*_settled(table), *_history_is_past(now), *_unreferenced(table, {_ATTEMPTS})]
    elif table is _RECEIPTS:
        past.append(_RECEIPTS.c.attempt_id.is_(None))
    else:
        past += _unreferenced(table, ())
    keys = session.scalars(select(where.key).where(*past).with_for_update(skip_locked=True)).all()
    if keys and table is _MESSAGES:
        daily_counts.keep(session, keys)
        attempts = select(Attempt.id).where(Attempt.message_id.in_(keys))
        session.execute(delete(_RECEIPTS).where(_RECEIPTS.c.attempt_id.in_(attempts)))
        session.execute(delete(_ATTEMPTS).where(_ATTEMPTS.c.message_id.in_(keys)))
    if keys:
        session.execute(delete(table).where(where.key.in_(keys)))
    return len(keys)


def last_began(session: Session, name: str) -> datetime | None:
    """When the work that was done last began."""
    return session.scalar(select(UpkeepRun.began_at).where(UpkeepRun.name == name))


def done(session: Session, name: str, *, began_at: datetime, ended_at: datetime) -> None:
    """Note work that is done."""
    values = {"began_at": began_at, "ended_at": ended_at}
    session.connection().execute(insert_new(session, UpkeepRun), [{"name": name, **values}])
    session.execute(
        update(UpkeepRun)
        .where(UpkeepRun.name == name)
        .values(**values)
        .execution_options(synchronize_session=False)
    )


def _settled(table: Table) -> list[ColumnElement[bool]]:
    """That no message here is to be sent, or under way, or being asked about."""
    if table is _MESSAGES:
        return [_is_settled(table)]
    if table.name == Event.__tablename__:
        of_event = _MESSAGES.alias()
        open_ = exists().where(of_event.c.event_id == table.c.id, ~_is_settled(of_event))
        return [~open_]
    return []


def _is_settled(messages: Any) -> ColumnElement[bool]:
    asked_about = exists().where(
        _ATTEMPTS.c.message_id == messages.c.id,
        or_(
            _ATTEMPTS.c.outcome.is_(None),
            and_(_ATTEMPTS.c.outcome == Outcome.UNKNOWN, _ATTEMPTS.c.resolve_at.is_not(None)),
        ),
    )
    to_go = [State.QUEUED, State.HELD, State.SENDING]
    return and_(messages.c.state.not_in(to_go), ~asked_about)


def _history_is_past(now: datetime) -> list[ColumnElement[bool]]:
    """No attempt of the message, and no receipt of one, is to be kept longer."""
    kept_attempt = exists().where(
        _ATTEMPTS.c.message_id == _MESSAGES.c.id, _ATTEMPTS.c.purge_after > now
    )
    kept_receipt = exists().where(
        _ATTEMPTS.c.message_id == _MESSAGES.c.id,
        _RECEIPTS.c.attempt_id == _ATTEMPTS.c.id,
        or_(_RECEIPTS.c.purge_after.is_(None), _RECEIPTS.c.purge_after > now),
    )
    return [~kept_attempt, ~kept_receipt]


def _unreferenced(table: Table, but: Collection[Table]) -> list[ColumnElement[bool]]:
    """That no row of any table refers to this one, of those `but` aside."""
    free = []
    for other in Base.metadata.sorted_tables:
        for key in other.foreign_key_constraints:
            if key.referred_table is not table or other in but:
                continue
            pointing = other.alias()
            pairs = [pointing.c[e.parent.name] == table.c[e.column.name] for e in key.elements]
            free.append(~exists().where(*pairs))
    return free
