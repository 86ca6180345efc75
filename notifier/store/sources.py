"""Sources and the offices that they may post for."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from notifier.store.tables import Office, Source, SourceOffice


@dataclass(frozen=True, slots=True)
class SourceRow:
    id: str
    name: str
    offices: frozenset[str]
    intake_per_minute: int | None
    daily_cap: int | None
    created_at: datetime


def all_of_them(session: Session) -> list[SourceRow]:
    """Every source, by code."""
    offices: dict[str, set[str]] = {}
    for row in session.execute(select(SourceOffice.source_id, SourceOffice.office_id)):
        offices.setdefault(row.source_id, set()).add(row.office_id)
    return [
        SourceRow(
            one.id,
            one.name,
            frozenset(offices.get(one.id, set())),
            one.intake_per_minute,
            one.daily_cap,
            one.created_at,
        )
        for one in session.scalars(select(Source).order_by(Source.id))
    ]


def daily_caps(session: Session) -> dict[str, int]:
    """By source, the daily caps of those that have one of their own."""
    rows = session.execute(select(Source.id, Source.daily_cap).where(Source.daily_cap.is_not(None)))
    return {source_id: cap for source_id, cap in rows if cap is not None}


def exists(session: Session, source_id: str) -> bool:
    return session.scalar(select(Source.id).where(Source.id == source_id)) is not None


def unknown_offices(session: Session, wanted: Iterable[str]) -> list[str]:
    """Those that are no office."""
    wanted = set(wanted)
    known = set(session.scalars(select(Office.id).where(Office.id.in_(wanted))))
    return sorted(wanted - known)


def add(session: Session, source_id: str, **columns: Any) -> None:
    session.execute(insert(Source).values(id=source_id, **columns))


def change(session: Session, source_id: str, **columns: Any) -> None:
    session.execute(
        update(Source)
        .where(Source.id == source_id)
        .values(**columns)
        .execution_options(synchronize_session=False)
    )


def allow(session: Session, source_id: str, offices: Iterable[str]) -> None:
    """Let the source post for these offices too; each must be new to it."""
    rows = [{"source_id": source_id, "office_id": office} for office in sorted(offices)]
    if rows:
        session.execute(insert(SourceOffice), rows)


def forbid(session: Session, source_id: str, offices: Iterable[str]) -> None:
    session.execute(
        delete(SourceOffice)
        .where(SourceOffice.source_id == source_id, SourceOffice.office_id.in_(sorted(offices)))
        .execution_options(synchronize_session=False)
    )
