"""Receipts: kept as they came, matched to their attempt when both are there."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, exists, or_, select, update
from sqlalchemy.orm import Session, aliased

from notifier.store.tables import Attempt, Receipt
from notifier.store.upserts import insert_new


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A receipt whose attempt is now known but was not when it came."""

    id: str
    attempt_id: str
    message_id: str
    outcome: str | None  # of the attempt, as we know it
    provider_id: str
    report: str
    gateway: str
    operator: str | None
    received_at: datetime


def keep(session: Session, rows: Sequence[Mapping[str, Any]]) -> set[str]:
    """Keep receipts; answers the ids of those that did not come before."""
    statement = insert_new(session, Receipt).returning(Receipt.id)
    return set(session.connection().execute(statement, list(rows)).scalars())


def unmatched_for(
    session: Session, attempt_ids: Collection[str], *, since: datetime, limit: int = 1000
) -> list[Unmatched]:
    """Kept receipts, not older than `since`, that belong to these attempts.

    By the provider's id or our reference. What nobody will ever match lies in the index of
    unmatched receipts for good: without `since` each group of calls would read all of it.
    """
    return _unmatched(session, [Attempt.id.in_(attempt_ids), Receipt.received_at >= since], limit)


def unmatched_among(session: Session, receipt_ids: Collection[str]) -> list[Unmatched]:
    """Those of these receipts whose attempt is known."""
    return _unmatched(session, [Receipt.id.in_(receipt_ids)], len(receipt_ids))


def unmatched_since(session: Session, since: datetime, *, limit: int) -> list[Unmatched]:
    """Kept receipts, not older than `since`, whose attempt is known by now."""
    return _unmatched(session, [Receipt.received_at >= since], limit)


def _unmatched(session: Session, where: Sequence[Any], limit: int) -> list[Unmatched]:
    rows = session.execute(_with_their_attempts().where(*where).limit(limit))
    return [Unmatched(**row) for row in rows.mappings()]


@cache  # to build it takes longer than to run it
def _with_their_attempts() -> Select[
    str, str, str, str | None, str, str, str, str | None, datetime
]:
    has_the_id = aliased(Attempt)
    belongs = or_(
        (Receipt.provider_id == Attempt.provider_id) & (Receipt.provider_id != ""),
        # A look-up by words may have given the id to another message of the same words: then it
        # is that one's, and the one that the reference names is asked about as any unknown is.
        (Receipt.reference == Attempt.id)
        & ~exists().where(
            has_the_id.gateway == Receipt.gateway,
            has_the_id.provider_id == Receipt.provider_id,
            has_the_id.id != Attempt.id,
        ),
    )
    return (
        select(
            Receipt.id,
            Attempt.id.label("attempt_id"),
            Attempt.message_id,
            Attempt.outcome,
            Receipt.provider_id,
            Receipt.report,
            Receipt.gateway,
            Receipt.operator,
            Receipt.received_at,
        )
        .join(Attempt, (Attempt.gateway == Receipt.gateway) & belongs)
        .where(Receipt.attempt_id.is_(None))
        .order_by(Attempt.id, Receipt.received_at)
    )


_MATCH = (
    update(Receipt)
    .where(Receipt.id == bindparam("receipt"), Receipt.attempt_id.is_(None))
    .values(attempt_id=bindparam("attempt"))
)


def match(session: Session, found: Sequence[Unmatched]) -> None:
    """Note which attempt each receipt belongs to."""
    session.connection().execute(
        _MATCH, [{"receipt": one.id, "attempt": one.attempt_id} for one in found]
    )
