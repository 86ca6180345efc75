"""Offices' hours and days."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from notifier.domain.calendar import CalendarPart, Day, DayKind, read_spans, read_weekdays
from notifier.store.tables import CalendarDay, OfficeCalendar
from notifier.store.upserts import insert_new

Parts = Mapping[str | None, CalendarPart]  # by office; none: the shipped days


def read(session: Session) -> Parts:
    """What every office says of its time."""
    days: dict[str | None, dict[date, Day]] = {}
    for row in session.scalars(select(CalendarDay)):
        days.setdefault(row.office_id, {})[row.day] = Day(DayKind(row.kind), row.name)
    own = {row.office_id: row for row in session.scalars(select(OfficeCalendar))}
    return {
        office_id: _part(own.get(office_id or ""), days.get(office_id, {}))
        for office_id in own.keys() | days.keys()
    }


def own_hours(session: Session) -> dict[str, dict[str, Any]]:
    """By office that has hours of its own, its columns as people write them."""
    return {
        row.office_id: {
            "sending_hours": row.sending_hours,
            "office_hours": row.office_hours,
            "weekdays": row.weekdays,
            "holidays_close_sending": row.holidays_close_sending,
        }
        for row in session.scalars(select(OfficeCalendar))
    }


def set_hours(session: Session, office_id: str, values: Mapping[str, Any]) -> None:
    """Write these columns of the office's own hours."""
    row = session.get(OfficeCalendar, office_id)
    if row is None:
        row = OfficeCalendar(office_id=office_id)
        session.add(row)
    for name, value in values.items():
        setattr(row, name, value)


def clear_hours(session: Session, office_id: str) -> None:
    """Let the office's parent say its hours."""
    session.execute(delete(OfficeCalendar).where(OfficeCalendar.office_id == office_id))


def set_days(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write days of an office, or of the shipped set; what was said of them is replaced."""
    for office_id in {row["office_id"] for row in rows}:
        clear_days(session, office_id, [r["day"] for r in rows if r["office_id"] == office_id])
    session.connection().execute(insert_new(session, CalendarDay), list(rows))


def clear_days(
    session: Session, office_id: str | None, days: Collection[date] | None = None
) -> None:
    """Say no more of these days; of none at all, if `days` is empty."""
    statement = delete(CalendarDay).where(CalendarDay.office_id.is_not_distinct_from(office_id))
    if days is not None:
        statement = statement.where(CalendarDay.day.in_(days))
    session.execute(statement.execution_options(synchronize_session=False))


def _part(own: OfficeCalendar | None, days: Mapping[date, Day]) -> CalendarPart:
    if own is None:
        return CalendarPart(days=days)
    return CalendarPart(
        sending=read_spans(own.sending_hours)[0] if own.sending_hours else None,
        spans=read_spans(own.office_hours) if own.office_hours else None,
        weekdays=read_weekdays(own.weekdays) if own.weekdays else None,
        holidays_close_sending=own.holidays_close_sending,
        days=days,
    )
