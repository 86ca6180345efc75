"""Accepted attempts whose provider must be asked what became of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, exists, or_, select, update
from sqlalchemy.orm import Session, aliased

from notifier.domain.states import Outcome
from notifier.store.tables import Attempt, Message


@dataclass(frozen=True, slots=True)
class Awaited:
    """An attempt that is asked about. The ciphers are empty once retention has been there."""

    id: str
    message_id: str
    gateway: str
    started_at: datetime
    provider_id: str | None
    polls: int
    phone_cipher: bytes | None = field(repr=False)
    text_cipher: bytes | None = field(repr=False)
    sender: str


def any_due(session: Session, gateways: Collection[str], now: datetime) -> bool:
    """Whether an attempt at these gateways is due to be asked about."""
    due = select(Attempt.id).where(Attempt.poll_at <= now, Attempt.gateway.in_(gateways))
    return bool(gateways) and session.scalar(due.limit(1)) is not None


def claim(
    session: Session, *, gateways: Collection[str], now: datetime, until: datetime, limit: int
) -> list[Awaited]:
    """Take attempts at these gateways that are due; nobody else does before `until`."""
    due = (
        select(Attempt.id)
        .where(Attempt.poll_at <= now, Attempt.gateway.in_(gateways))
        .order_by(Attempt.poll_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    taken = session.scalars(
        update(Attempt)
        .where(Attempt.id.in_(select(due.c.id)), Attempt.poll_at <= now)
        .values(poll_at=until)
        .returning(Attempt.id)
        .execution_options(synchronize_session=False)
    ).all()
    if not taken:
        return []
    rows = session.execute(
        select(
            Attempt.id,
            Attempt.message_id,
            Attempt.gateway,
            Attempt.started_at,
            Attempt.provider_id,
            Attempt.polls,
            Message.phone_cipher,
            Message.text_cipher,
            Message.sender,
        )
        .join(Message, Message.id == Attempt.message_id)
        .where(Attempt.id.in_(taken))
    )
    return [Awaited(**row) for row in rows.mappings()]


def asked(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Note that attempts were asked about; each row has `attempt_id` and `next` (none: no more)."""
    if rows:
        statement = (
            update(Attempt)
            .where(Attempt.id == bindparam("attempt_id"), Attempt.poll_at.is_not(None))
            .values(poll_at=bindparam("next"), polls=Attempt.polls + 1)
        )
        session.connection().execute(statement, list(rows))


def name(session: Session, attempt_id: str, provider_id: str) -> None:
    """Keep the provider's id of an attempt that was accepted without one."""
    other = aliased(Attempt)
    session.execute(
        update(Attempt)
        .where(
            Attempt.id == attempt_id,
            Attempt.provider_id.is_(None),
            ~exists().where(other.gateway == Attempt.gateway, other.provider_id == provider_id),
        )
        .values(provider_id=provider_id)
        .execution_options(synchronize_session=False)
    )


def ask_now(
    session: Session,
    gateway: str,
    *,
    references: Collection[str],
    provider_ids: Collection[str],
    now: datetime,
) -> int:
    """Ask at once about the attempts that an unsigned call names; how many there are.

    One that is unknown is resolved at once: whoever has it can tell.
    """
    named = (
        Attempt.gateway == gateway,
        or_(Attempt.id.in_(references), Attempt.provider_id.in_(provider_ids)),
    )
    polled = session.scalars(
        update(Attempt)
        .where(*named, Attempt.poll_at > now)
        .values(poll_at=now)
        .returning(Attempt.id)
        .execution_options(synchronize_session=False)
    ).all()
    resolved = session.scalars(
        update(Attempt)
        .where(*named, Attempt.outcome == Outcome.UNKNOWN, Attempt.resolve_at > now)
        .values(resolve_at=now)
        .returning(Attempt.id)
        .execution_options(synchronize_session=False)
    ).all()
    return len(polled) + len(resolved)
