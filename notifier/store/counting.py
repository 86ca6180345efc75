"""Counts for the metrics and the doctor."""

from collections import Counter
from datetime import datetime

from sqlalchemy import ColumnElement, ScalarSelect, func, literal_column, select
from sqlalchemy.orm import Session

from notifier.domain.states import State
from notifier.store.columns import one_of
from notifier.store.tables import Alert, Attempt, Message


def open_messages(session: Session) -> dict[str, int]:
    """By state, the messages that something or somebody still has to do with.

    Counted by the partial indexes over these states, which are small however many messages have
    come to their end; in one statement, so that what is subtracted belongs together.
    """
    queued, sending, waiting, under_way = session.execute(
        select(
            _count_in(State.QUEUED),
            _count_in(State.SENDING),
            _count_in(State.HELD, State.QUEUED),
            _count_in(State.QUEUED, State.SENDING, State.UNKNOWN),
        )
    ).one()
    return {
        State.QUEUED: queued,
        State.SENDING: sending,
        State.UNKNOWN: under_way - queued - sending,
        State.HELD: waiting - queued,
    }


def _count_in(*states: State) -> ScalarSelect[int]:
    """How many messages are in these states: the very ones that an index is made for."""
    if len(states) == 1:
        is_in: ColumnElement[bool] = Message.state == literal_column(f"'{states[0]}'")
    else:
        is_in = one_of(Message.state, states)
    return select(func.count()).select_from(Message).where(is_in).scalar_subquery()


def open_attempts(session: Session) -> Counter[str]:
    """By gateway, the calls under way, or whose end nobody wrote down yet."""
    # Counted here: grouped by the database, all attempts would be read in the order of gateways.
    return Counter(session.scalars(select(Attempt.gateway).where(Attempt.outcome.is_(None))))


def oldest_due(session: Session, now: datetime) -> datetime | None:
    """Since when the oldest due message waits."""
    return session.scalar(
        select(func.min(Message.send_at)).where(
            Message.state == State.QUEUED, Message.send_at <= now
        )
    )


def open_alerts(session: Session) -> int:
    return session.scalar(select(func.count()).where(Alert.closed_at.is_(None))) or 0
