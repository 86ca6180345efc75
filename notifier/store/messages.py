"""Messages: their moves and what is asked of them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    and_,
    bindparam,
    case,
    exists,
    false,
    func,
    insert,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.orm import Session

from notifier.domain import states
from notifier.domain.ids import earliest
from notifier.domain.states import Move, Outcome, Reason, State
from notifier.store.columns import Instant, one_of
from notifier.store.tables import Attempt, Message

_COUNTS_PHONES = 0x62616F74  # an advisory lock of PostgreSQL, held by a claim that counts


_ADD = insert(Message)


def add(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert new messages, one mapping of all columns for each."""
    if rows:
        session.connection().execute(_ADD, list(rows))


def move(
    session: Session,
    ids: Collection[str],
    move: Move,
    *,
    at: datetime,
    reason: str | None = None,
    where: Iterable[ColumnElement[bool]] = (),
    **values: Any,
) -> list[str]:
    """Move those of `ids` that the move allows; answers which ones it moved."""
    if not ids:
        return []
    moved = session.scalars(
        update(Message)
        .where(Message.id.in_(ids), Message.state.in_(move.allowed_from), *where)
        .values(state=move.to, state_at=at, reason=reason, **leaving(move), **values)
        .returning(Message.id)
        .execution_options(synchronize_session=False)
    )
    return list(moved)


def lock(session: Session, ids: Collection[str]) -> None:
    """Hold these messages until the transaction's end, taken in order: never crosswise."""
    session.execute(
        select(Message.id).where(Message.id.in_(ids)).order_by(Message.id).with_for_update()
    )


def hand_over(
    session: Session,
    ids: Collection[str],
    how: Move,
    *,
    at: datetime,
    where: Iterable[ColumnElement[bool]] = (),
) -> list[str]:
    """Move messages that a provider has; the first word of it is when they were handed over."""
    first = func.coalesce(Message.handed_over_at, bindparam("handed_over", at, Instant()))
    reported: dict[str, Any] = {} if how is states.ACCEPT else {"no_receipt": False}
    return move(session, ids, how, at=at, where=where, handed_over_at=first, **reported)


def leaving(move: Move) -> dict[str, Any]:
    """What a move clears: a lease belongs to `sending`, a wait to `unknown`."""
    cleared: dict[str, Any] = {"lease_until": None, "claim_token": None}
    if move.to is not State.UNKNOWN:
        cleared["blocks_until"] = None
    return cleared


def under(token: str) -> ColumnElement[bool]:
    """Not in the hands of another claim than `token`'s."""
    return or_(Message.state != State.SENDING, Message.claim_token == token)


def nobodys(*where: ColumnElement[bool]) -> ColumnElement[bool]:
    """Messages that are so, locked now; not those that another transaction holds.

    For what changes many at once, in no order: two that do must not wait for each other. What is
    passed over so is being claimed, put off or ended, or is found the next time.
    """
    these = select(Message.id).where(*where).with_for_update(skip_locked=True).cte("these")
    return Message.id.in_(select(these.c.id))


def nothing_else_pending() -> ColumnElement[bool]:
    """No attempt of the message is open or accepted, nor unknown.

    One that is being sent although an attempt is unknown goes elsewhere by somebody's will: that
    attempt keeps it from nothing more.
    """
    return ~exists().where(
        Attempt.message_id == Message.id,
        or_(
            Attempt.outcome.is_(None),
            Attempt.outcome == Outcome.ACCEPTED,
            and_(Attempt.outcome == Outcome.UNKNOWN, Message.state != State.SENDING),
        ),
    )


def no_other_attempt_pending(attempt_id: str) -> ColumnElement[bool]:
    """No attempt of the message but this one is open or accepted."""
    return ~exists().where(
        Attempt.message_id == Message.id,
        Attempt.id != attempt_id,
        or_(Attempt.outcome.is_(None), Attempt.outcome == Outcome.ACCEPTED),
    )


def requeue(
    session: Session,
    due: Mapping[str, datetime],
    *,
    at: datetime,
    token: str | None,
    why: str | None = None,
) -> None:
    """Put messages back, each due at its own instant, where nothing else of theirs is pending."""
    if not due:
        return
    guard = [nothing_else_pending()]
    if token is not None:
        guard.append(under(token))
    statement = (
        update(Message)
        .where(
            Message.id == bindparam("message_id"),
            one_of(Message.state, states.REQUEUE.allowed_from),
            *guard,
        )
        .values(
            state=states.REQUEUE.to,
            state_at=at,
            send_at=bindparam("due_at"),
            reason=why or case((Message.reason == Reason.NO_GATEWAY, None), else_=Message.reason),
            **leaving(states.REQUEUE),
        )
    )
    session.connection().execute(
        statement, [{"message_id": key, "due_at": value} for key, value in due.items()]
    )


def note_resent(session: Session, message_id: str, *, at: datetime) -> None:
    """Note that its words went again, as another message; the last time counts."""
    session.execute(
        update(Message)
        .where(Message.id == message_id)
        .values(resent_at=at)
        .execution_options(synchronize_session=False)
    )


def send_elsewhere(session: Session, message_id: str, *, at: datetime) -> None:
    """Queue an unknown message again, flagged as a possible double: `on_unknown` says so."""
    session.execute(
        update(Message)
        .where(Message.id == message_id, Message.state == State.UNKNOWN)
        .values(
            state=states.REQUEUE.to,
            state_at=at,
            send_at=at,
            possible_double=True,
            **leaving(states.REQUEUE),
        )
        .execution_options(synchronize_session=False)
    )


def reword(session: Session, rewordings: Sequence[Mapping[str, Any]]) -> None:
    """Give messages the words in which they are about to go.

    Each with `message_id`, `version`, `cipher`, `counted_as` (its encoding) and `parts`.
    """
    if not rewordings:
        return
    statement = (
        update(Message)
        .where(Message.id == bindparam("message_id"))
        .values(
            template_version_id=bindparam("version"),
            text_cipher=bindparam("cipher"),
            encoding=bindparam("counted_as"),
            segments=bindparam("parts"),
        )
    )
    session.connection().execute(statement, list(rewordings))


def release_unregistered(
    session: Session, situations: Collection[tuple[str, str]], *, at: datetime
) -> int:
    """Queue what is held because no provider had its words; event type and language. How many."""
    released = session.scalars(
        update(Message)
        .where(
            one_of(Message.state, states.RELEASE.allowed_from),
            Message.reason == states.Reason.NOT_REGISTERED,
            tuple_(Message.event_type, Message.language).in_(list(situations)),
            Message.valid_until > at,
        )
        .values(state=states.RELEASE.to, state_at=at, reason=None, send_at=at)
        .returning(Message.id)
        .execution_options(synchronize_session=False)
    )
    return len(released.all())


def taken_since(
    session: Session, phone_hashes: Collection[bytes], since: datetime, *, token: str
) -> dict[bytes, int]:
    """By phone hash: how many messages to it were handed over since then, or are on their way.

    What this claim took itself is left out. Claims count one after the other, so that two of them
    never miss each other's.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_COUNTS_PHONES)))
    on_its_way = or_(
        and_(Message.state == State.SENDING, Message.claim_token != token),
        and_(Message.state == State.UNKNOWN, Message.state_at >= since),
    )
    rows = session.execute(
        select(Message.phone_hash, func.count())
        .where(
            Message.phone_hash.in_(phone_hashes),
            or_(Message.handed_over_at >= since, on_its_way),
        )
        .group_by(Message.phone_hash)
    )
    return {phone_hash: count for phone_hash, count in rows if phone_hash is not None}


def suppress_superseded(session: Session, *, at: datetime) -> None:
    """Settle messages that became moot while they were being handed over, and came back."""
    session.execute(
        update(Message)
        .where(nobodys(Message.state == State.QUEUED, Message.superseded_by.is_not(None)))
        .values(state=states.SUPPRESS.to, state_at=at, reason=states.Reason.SUPERSEDED)
        .execution_options(synchronize_session=False)
    )


def supersede(
    session: Session,
    *,
    case_id: str,
    types: Collection[str],
    event_id: str,
    occurred_at: datetime,
    at: datetime,
) -> None:
    """Mark the case's earlier unsent messages of these types moot, and suppress what may be."""
    earlier = and_(
        Message.case_id == case_id,
        Message.event_type.in_(types),
        Message.superseded_by.is_(None),
        tuple_(Message.occurred_at, Message.event_id) < tuple_(occurred_at, event_id),
    )
    unsent = [State.QUEUED, State.HELD, State.SENDING, State.UNKNOWN]
    session.execute(
        update(Message)
        .where(earlier, Message.state.in_(unsent))
        .values(superseded_by=event_id)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(Message)
        .where(
            Message.case_id == case_id,
            Message.superseded_by == event_id,
            Message.state.in_(states.SUPPRESS.allowed_from),
        )
        .values(state=states.SUPPRESS.to, state_at=at, reason=states.Reason.SUPERSEDED)
        .execution_options(synchronize_session=False)
    )


def expire(session: Session, *, now: datetime) -> list[str]:
    """What could not be handed over in its time."""
    expired = session.scalars(
        update(Message)
        .where(
            nobodys(one_of(Message.state, states.EXPIRE.allowed_from), Message.valid_until <= now)
        )
        .values(state=states.EXPIRE.to, state_at=now, reason=states.Reason.OUT_OF_TIME)
        .returning(Message.id)
        .execution_options(synchronize_session=False)
    )
    return list(expired)


def mark_unreported(session: Session, *, before: datetime, since: datetime) -> int:
    """Mark what was handed over between these instants and never reported on; how many.

    Found along the primary key, whose ids sort by creation: no index of its own is written on
    the way of every message.
    """
    marked = session.scalars(
        update(Message)
        .where(
            Message.id >= earliest("msg", since),
            Message.id < earliest("msg", before),
            Message.state == State.SENT,
            Message.no_receipt == false(),
            Message.handed_over_at < before,
        )
        .values(no_receipt=True)
        .returning(Message.id)
        .execution_options(synchronize_session=False)
    )
    return len(marked.all())


def flag_doubles(session: Session, ids: Collection[str]) -> None:
    """Flag messages that more than one attempt may have handed over."""
    taken = (
        select(Attempt.message_id)
        .where(
            Attempt.message_id.in_(ids),
            or_(
                Attempt.outcome.is_(None),
                Attempt.outcome.in_([Outcome.ACCEPTED, Outcome.UNKNOWN]),
            ),
        )
        .group_by(Attempt.message_id)
        .having(func.count(Attempt.id) > 1)
    )
    session.execute(
        update(Message)
        .where(Message.id.in_(taken))
        .values(possible_double=True)
        .execution_options(synchronize_session=False)
    )
