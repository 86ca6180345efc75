"""Messages that a person should look at: held ones, and those that nobody can say of."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from notifier.domain.states import NEEDS_A_PERSON
from notifier.store.columns import one_of
from notifier.store.tables import Message


@dataclass(frozen=True, slots=True)
class Group:
    """So many messages stand so for the same reason."""

    state: str
    reason: str | None
    messages: int


def groups(session: Session, offices: Collection[str]) -> list[Group]:
    """By state and reason, the messages of these offices that wait for a person."""
    rows = session.execute(
        select(Message.state, Message.reason, func.count())
        .where(*_waiting(), Message.office_id.in_(offices))
        .group_by(Message.state, Message.reason)
        .order_by(Message.state, Message.reason)
    )
    return [Group(state, reason, count) for state, reason, count in rows]


def page(
    session: Session,
    offices: Collection[str],
    *,
    reason: str | None,
    before: str | None,
    limit: int,
) -> list[str]:
    """The ids of up to `limit` such messages, newest first; `reason` may be a state too."""
    wanted = select(Message.id).where(*_waiting(), Message.office_id.in_(offices))
    if reason is not None:
        wanted = wanted.where((Message.reason == reason) | (Message.state == reason))
    if before is not None:
        wanted = wanted.where(Message.id < before)
    return list(session.scalars(wanted.order_by(Message.id.desc()).limit(limit)))


def tell(session: Session, message_id: str, *, at: datetime, by: str) -> bool:
    """Note that a person told the citizen; whether it was the first time."""
    told = update(Message).where(Message.id == message_id, Message.told_at.is_(None))
    told = told.values(told_at=at, told_by=by).execution_options(synchronize_session=False)
    return bool(session.scalars(told.returning(Message.id)).all())


def _waiting() -> tuple[ColumnElement[bool], ...]:
    return (one_of(Message.state, NEEDS_A_PERSON), Message.told_at.is_(None))
