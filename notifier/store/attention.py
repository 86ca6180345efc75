"""Messages that a person should look at: held ones, those that nobody can say of, and those that
did not reach their citizen.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from notifier.domain.states import NEEDS_A_PERSON, UNREACHED, UNREACHED_FOR
from notifier.store.columns import one_of
from notifier.store.tables import Message


@dataclass(frozen=True, slots=True)
class Group:
    """So many messages stand so for the same reason."""

    state: str
    reason: str | None
    messages: int


def groups(session: Session, offices: Collection[str], *, now: datetime) -> list[Group]:
    """By state and reason, the messages of these offices that wait for a person.

    What did not reach its citizen is counted by state alone: the action is the same.
    """
    waiting = session.execute(
        select(Message.state, Message.reason, func.count())
        .where(*_waiting(), Message.office_id.in_(offices))
        .group_by(Message.state, Message.reason)
        .order_by(Message.state, Message.reason)
    )
    unreached = session.execute(
        select(Message.state, func.count())
        .where(*_unreached(now), Message.office_id.in_(offices))
        .group_by(Message.state)
        .order_by(Message.state)
    )
    return [
        *(Group(state, reason, count) for state, reason, count in waiting),
        *(Group(state, None, count) for state, count in unreached),
    ]


def page(
    session: Session,
    offices: Collection[str],
    *,
    now: datetime,
    reason: str | None,
    before: str | None,
    limit: int,
) -> list[str]:
    """The ids of up to `limit` such messages, newest first; `reason` may be a state too."""
    parts = [_waiting(), _unreached(now)]
    if reason is not None:
        parts = parts[1:] if reason in UNREACHED else parts[:1]
    found: list[str] = []
    for part in parts:  # each has an index of its own
        wanted = select(Message.id).where(*part, Message.office_id.in_(offices))
        if reason is not None:
            wanted = wanted.where((Message.reason == reason) | (Message.state == reason))
        if before is not None:
            wanted = wanted.where(Message.id < before)
        found += session.scalars(wanted.order_by(Message.id.desc()).limit(limit))
    return sorted(found, reverse=True)[:limit]


def count(session: Session, offices: Collection[str], *, now: datetime, most: int) -> int:
    """How many of these offices' messages wait for a person, counted no further than `most`."""
    found = 0
    for part in (_waiting(), _unreached(now)):
        wanted = select(Message.id).where(*part, Message.office_id.in_(offices)).limit(most)
        found += session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    return min(found, most)


def tell(session: Session, message_id: str, *, at: datetime, by: str) -> bool:
    """Note that a person told the citizen; whether it was the first time."""
    told = update(Message).where(Message.id == message_id, Message.told_at.is_(None))
    told = told.values(told_at=at, told_by=by).execution_options(synchronize_session=False)
    return bool(session.scalars(told.returning(Message.id)).all())


def _waiting() -> tuple[ColumnElement[bool], ...]:
    return (one_of(Message.state, NEEDS_A_PERSON), Message.told_at.is_(None))


def _unreached(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """As the index of these says it, of the last days."""
    return (
        one_of(Message.state, UNREACHED),
        Message.told_at.is_(None),
        Message.resent_at.is_(None),
        Message.created_at >= now - UNREACHED_FOR,
    )
