"""Which operator a provider last told of a phone, by its keyed hash. The newest telling holds."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Insert, and_, or_, select
from sqlalchemy.orm import Session

from notifier.store.tables import Attempt, Message, PhoneOperator
from notifier.store.upserts import dialect_of, insert


@dataclass(frozen=True, slots=True)
class OperatorRow:
    """What was told, by which gateway, and when."""

    operator: str
    told_by: str
    told_at: datetime


def of(session: Session, phone_hashes: Collection[bytes]) -> dict[bytes, OperatorRow]:
    """By phone hash: what was last told, where anything was."""
    if not phone_hashes:
        return {}
    rows = session.scalars(select(PhoneOperator).where(PhoneOperator.phone_hash.in_(phone_hashes)))
    return {row.phone_hash: OperatorRow(row.operator, row.told_by, row.told_at) for row in rows}


def phones(session: Session, attempt_ids: Collection[str]) -> dict[str, bytes]:
    """By attempt: its phone's hash, where retention left it."""
    rows = session.execute(
        select(Attempt.id, Message.phone_hash)
        .join(Message, Message.id == Attempt.message_id)
        .where(Attempt.id.in_(attempt_ids), Message.phone_hash.is_not(None))
    )
    return {attempt: phone_hash for attempt, phone_hash in rows if phone_hash is not None}


def claimed(
    session: Session, gateway: str, *, references: Collection[str], provider_ids: Collection[str]
) -> dict[str, str]:
    """By our reference, and by the gateway's id: the attempts that a call speaks of."""
    rows = session.execute(
        select(Attempt.id, Attempt.provider_id).where(
            Attempt.gateway == gateway,
            or_(
                Attempt.id.in_(references),
                and_(Attempt.provider_id.is_not(None), Attempt.provider_id.in_(provider_ids)),
            ),
        )
    )
    return {key: attempt for attempt, theirs in rows for key in (attempt, theirs) if key}


def keep(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep what was told, a mapping of all columns for each phone, where nothing newer is."""
    if rows:
        session.connection().execute(_keeping(dialect_of(session)), list(rows))


@cache
def _keeping(dialect: str) -> Insert:
    new = insert(dialect, PhoneOperator)
    told = ("operator", "told_by", "told_at", "purge_after")
    return new.on_conflict_do_update(
        index_elements=["phone_hash"],
        set_={name: new.excluded[name] for name in told},
        where=PhoneOperator.told_at <= new.excluded.told_at,
    )
