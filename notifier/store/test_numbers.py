"""Test numbers of offices: found by keyed hash, shown as masks, never kept in clear."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from notifier.store.tables import TestNumber
from notifier.store.upserts import insert_new


@dataclass(frozen=True, slots=True)
class NumberRow:
    id: str
    office_id: str
    phone_mask: str
    added_at: datetime


def by_office(session: Session) -> dict[str, frozenset[bytes]]:
    """The hashes of every office that has test numbers."""
    found: dict[str, set[bytes]] = {}
    for office_id, phone_hash in session.execute(
        select(TestNumber.office_id, TestNumber.phone_hash)
    ):
        found.setdefault(office_id, set()).add(phone_hash)
    return {office_id: frozenset(hashes) for office_id, hashes in found.items()}


def of_offices(session: Session, offices: Iterable[str]) -> list[NumberRow]:
    """The test numbers of these offices, in the order in which they were added."""
    rows = session.execute(
        select(TestNumber.id, TestNumber.office_id, TestNumber.phone_mask, TestNumber.added_at)
        .where(TestNumber.office_id.in_(list(offices)))
        .order_by(TestNumber.id)
    )
    return [NumberRow(**row._mapping) for row in rows]


def add(
    session: Session,
    number_id: str,
    *,
    office_id: str,
    phone_hash: bytes,
    phone_mask: str,
    added_at: datetime,
) -> bool:
    """Add a number; whether it is new to the office."""
    new = session.connection().execute(
        insert_new(session, TestNumber).returning(TestNumber.id),
        [
            {
                "id": number_id,
                "office_id": office_id,
                "phone_hash": phone_hash,
                "phone_mask": phone_mask,
                "added_at": added_at,
                "purge_after": None,
            }
        ],
    )
    return new.first() is not None


def remove(
    session: Session,
    office_id: str,
    *,
    phone_hash: bytes | None = None,
    number_id: str | None = None,
) -> str | None:
    """Remove the office's number that has this hash or this id; its mask, if it was there."""
    which = (
        TestNumber.id == number_id if phone_hash is None else TestNumber.phone_hash == phone_hash
    )
    return session.scalars(
        delete(TestNumber)
        .where(TestNumber.office_id == office_id, which)
        .returning(TestNumber.phone_mask)
        .execution_options(synchronize_session=False)
    ).first()
