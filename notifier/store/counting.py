"""Counts for the metrics."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from notifier.domain.states import Outcome, State
from notifier.store.tables import Alert, Attempt, Message

OPEN = (State.QUEUED, State.SENDING, State.UNKNOWN, State.HELD)


def messages_by_state(session: Session) -> dict[str, int]:
    rows = session.execute(select(Message.state, func.count()).group_by(Message.state))
    return {state: count for state, count in rows}  # noqa: C416 - rows are not tuples


def attempts_by_outcome(session: Session) -> dict[tuple[str, str | None], int]:
    rows = session.execute(
        select(Attempt.gateway, Attempt.outcome, func.count()).group_by(
            Attempt.gateway, Attempt.outcome
        )
    )
    return {(gateway, outcome): count for gateway, outcome, count in rows}


def segments_by_gateway(session: Session) -> dict[str, int]:
    """The segments of the messages that each gateway took."""
    rows = session.execute(
        select(Attempt.gateway, func.sum(Message.segments))
        .join(Message, Message.id == Attempt.message_id)
        .where(Attempt.outcome == Outcome.ACCEPTED)
        .group_by(Attempt.gateway)
    )
    return {gateway: int(segments or 0) for gateway, segments in rows}


def oldest_due(session: Session, now: datetime) -> datetime | None:
    """Since when the oldest due message waits."""
    return session.scalar(
        select(func.min(Message.send_at)).where(
            Message.state == State.QUEUED, Message.send_at <= now
        )
    )


def open_alerts(session: Session) -> int:
    return session.scalar(select(func.count()).where(Alert.closed_at.is_(None))) or 0


def open_messages(session: Session) -> dict[str, int]:
    """By state, the messages that something or somebody still has to do with."""
    rows = session.execute(
        select(Message.state, func.count()).where(Message.state.in_(OPEN)).group_by(Message.state)
    )
    found = {state: count for state, count in rows}  # noqa: C416 - rows are not tuples
    return {state: found.get(state, 0) for state in OPEN}
