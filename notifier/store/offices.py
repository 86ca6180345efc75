"""Offices: their rows."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert, inspect, select, update
from sqlalchemy.orm import Session

from notifier.store.tables import Office


def all_of_them(session: Session) -> dict[str, dict[str, Any]]:
    """By code, every office with its columns."""
    names = inspect(Office).columns.keys()
    return {
        office.id: {name: getattr(office, name) for name in names}
        for office in session.scalars(select(Office).order_by(Office.id))
    }


def add(session: Session, office_id: str, values: Mapping[str, Any]) -> None:
    session.execute(insert(Office).values(id=office_id, **values))


def change(session: Session, office_id: str, values: Mapping[str, Any]) -> None:
    session.execute(
        update(Office)
        .where(Office.id == office_id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )


def say_live(session: Session, office_id: str, live: bool | None, *, at: datetime) -> None:
    """Say whether the office is live; none: its parent says."""
    change(session, office_id, {"live": live, "live_at": None if live is None else at})
