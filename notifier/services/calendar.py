"""When an office sends and works: shown, set and cleared; what it does not say, its parent does."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy.orm import Session

from config.seed.calendar import shipped_days
from notifier.domain.calendar import (
    CalendarPart,
    Day,
    DayKind,
    OfficeHours,
    SendingHours,
    Span,
    add_open_time,
    days_of,
    local,
    read_spans,
    read_weekdays,
    said,
    tell_spans,
    tell_weekdays,
    working_day_before,
    working_days,
)
from notifier.domain.ids import IdSource
from notifier.services import audit
from notifier.services.catalogue import Known
from notifier.services.views import NotFound
from notifier.store import calendar as rows
from notifier.store import catalogue

if TYPE_CHECKING:
    from notifier.services.wiring import Wiring

log = structlog.get_logger(__name__)

DEFAULT = "default"  # who says it when no office does
SHIPPED = "shipped"  # who says a day that came with the product


@dataclass(frozen=True, slots=True)
class Told:
    """A rule of an office's time and the office that says it, or `default`."""

    value: str | bool
    said_by: str


@dataclass(frozen=True, slots=True)
class DayView:
    """A day that is not as its weekday says; `said_by` is an office, or `shipped`."""

    day: date
    kind: str
    name: str
    said_by: str


@dataclass(frozen=True, slots=True)
class CalendarView:
    """An office's time as it holds, inherited or its own."""

    office: str
    sending_hours: Told
    holidays_close_sending: Told
    office_hours: Told
    weekdays: Told
    days: tuple[DayView, ...]


@dataclass(frozen=True, slots=True)
class HoursChange:
    """What to write of an office's own hours; what is empty stays as it is."""

    sending_hours: str | None = None
    office_hours: str | None = None
    weekdays: str | None = None
    holidays_close_sending: bool | None = None


@dataclass(frozen=True, slots=True)
class DeadlineView:
    """A deadline counted in an office's working days; `remind_on` is the working day before."""

    office: str
    due_at: datetime
    remind_on: date


def show(office_id: str, *, years: Collection[int] | None = None, wiring: "Wiring") -> CalendarView:
    """The office's time, with the days of these years or of all. Raises `NotFound`."""
    with wiring.sessions.read() as session:
        return _view(office_id, years, _known(session, office_id, wiring))


def set_hours(office_id: str, change: HoursChange, *, wiring: "Wiring") -> CalendarView:
    """Give the office hours of its own. Raises `NotFound`, or `ValueError` saying what is wrong."""
    values = _checked(change)
    with wiring.sessions.begin() as session:
        catalogue.changing(session)
        _known(session, office_id, wiring)
        own = rows.own_hours(session).get(office_id, {})
        before = {name: own.get(name) for name in values}
        rows.set_hours(session, office_id, values)
        _note(session, "calendar.hours_changed", office_id, before, values, wiring)
        view = _changed(session, office_id, wiring)
    log.info("calendar_set", office=office_id, hours=sorted(values))
    return view


def set_day(
    office_id: str, day: date, kind: DayKind, name: str, *, wiring: "Wiring"
) -> CalendarView:
    """Say of a day what it is for the office and those below it. Raises `NotFound`."""
    with wiring.sessions.begin() as session:
        catalogue.changing(session)
        _known(session, office_id, wiring)
        before = _said_of(session, office_id, [day])
        row = _row(wiring.ids, office_id, day, kind, name)
        rows.set_days(session, [row])
        told = {"day": day.isoformat(), "kind": kind.value, "called": name}
        _note(
            session, "calendar.day_changed", office_id, before[0] if before else None, told, wiring
        )
        view = _changed(session, office_id, wiring)
    log.info("calendar_day_set", office=office_id, day=day.isoformat(), kind=kind)
    return view


def clear(office_id: str, days: Collection[date] | None, *, wiring: "Wiring") -> CalendarView:
    """Let the parent say these days again; without days, everything. Raises `NotFound`."""
    with wiring.sessions.begin() as session:
        catalogue.changing(session)
        _known(session, office_id, wiring)
        before: dict[str, object] = {"days": _said_of(session, office_id, days)}
        if days is None:
            before |= rows.own_hours(session).get(office_id, {})
        rows.clear_days(session, office_id, days)
        if days is None:
            rows.clear_hours(session, office_id)
        told = {"days": "all" if days is None else sorted(day.isoformat() for day in days)}
        _note(session, "calendar.cleared", office_id, before, told, wiring)
        view = _changed(session, office_id, wiring)
    log.info("calendar_cleared", office=office_id, days=None if days is None else len(days))
    return view


def deadline(office_id: str, start: datetime, days: int, *, wiring: "Wiring") -> DeadlineView:
    """When so many working days of the office are over, counted from `start`.

    Raises `NotFound`, or `ValueError` for less than one day.
    """
    if days < 1:
        raise ValueError("a deadline takes at least one working day")
    with wiring.sessions.read() as session:
        hours = _known(session, office_id, wiring).office_hours(office_id)
    due_at = local(add_open_time(start, working_days(days), hours))
    return DeadlineView(office_id, due_at, working_day_before(due_at.date(), hours))


def seed_days(session: Session, today: date, *, ids: IdSource) -> bool:
    """Bring this year's and the next one's shipped days up to date; whether any changed."""
    years = {today.year, today.year + 1}
    before = {
        day: told
        for day, told in rows.read(session).get(None, CalendarPart()).days.items()
        if day.year in years
    }
    after = {one.day: Day(DayKind(one.kind), one.name) for one in shipped_days(years)}
    gone = [day for day in before if day not in after]
    fresh = [
        _row(ids, None, day, told.kind, told.name)
        for day, told in after.items()
        if before.get(day) != told
    ]
    if gone:
        rows.clear_days(session, None, gone)
    if fresh:
        rows.set_days(session, fresh)
    return bool(gone or fresh)


def _row(
    ids: IdSource, office_id: str | None, day: date, kind: DayKind, name: str
) -> dict[str, Any]:
    return {
        "id": ids.new("day"),
        "office_id": office_id,
        "day": day,
        "kind": kind,
        "name": name,
        "purge_after": None,
    }


def _known(session: Session, office_id: str, wiring: "Wiring") -> Known:
    known = wiring.catalogue.current(session)
    if office_id not in known.office_ids:
        raise NotFound(f"there is no office {office_id}")
    return known


def _said_of(
    session: Session, office_id: str, days: Collection[date] | None
) -> list[dict[str, object]]:
    """What the office itself says of these days, or of all; as the audit trail has it."""
    said = rows.read(session).get(office_id, CalendarPart()).days
    return [
        {"day": day.isoformat(), "kind": one.kind.value, "called": one.name}
        for day, one in sorted(said.items())
        if days is None or day in days
    ]


def _note(
    session: Session,
    action: str,
    office_id: str,
    before: Mapping[str, object] | None,
    after: Mapping[str, object],
    wiring: "Wiring",
) -> None:
    audit.record(
        session,
        ids=wiring.ids,
        at=wiring.sessions.now(session),
        actor=audit.COMMAND,
        action=action,
        object_id=office_id,
        office=office_id,
        before=before,
        after=after,
    )


def _changed(session: Session, office_id: str, wiring: "Wiring") -> CalendarView:
    session.flush()
    catalogue.changed(session)
    return _view(office_id, None, wiring.catalogue.fresh(session))


def _checked(change: HoursChange) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if change.sending_hours is not None:
        spans = read_spans(change.sending_hours)
        if len(spans) != 1:
            raise ValueError(f"{change.sending_hours}: sending hours are one span a day")
        values["sending_hours"] = str(spans[0])
    if change.office_hours is not None:
        values["office_hours"] = tell_spans(read_spans(change.office_hours))
    if change.weekdays is not None:
        values["weekdays"] = tell_weekdays(read_weekdays(change.weekdays))
    if change.holidays_close_sending is not None:
        values["holidays_close_sending"] = change.holidays_close_sending
    if not values:
        raise ValueError("there is nothing to set")
    return values


def _view(office_id: str, years: Collection[int] | None, known: Known) -> CalendarView:
    line = list(known.lineage(office_id))
    chain = known.calendar_chain(office_id)
    sending, office = SendingHours(), OfficeHours()

    def told(value: str | bool, name: str) -> Told:
        return Told(value, said_by(lambda part: getattr(part, name), DEFAULT))

    def said_by(of: Any, default: str) -> str:
        asked = zip([*line, default], chain, strict=True)
        return next((who for who, part in asked if of(part) is not None), default)

    spans = said(chain, lambda part: part.spans, office.spans)
    days = tuple(
        DayView(day, one.kind, one.name, said_by(lambda part, day=day: part.days.get(day), SHIPPED))
        for day, one in sorted(days_of(chain).items())
        if years is None or day.year in years
    )
    return CalendarView(
        office=office_id,
        sending_hours=told(
            str(said(chain, lambda part: part.sending, Span(sending.opens, sending.closes))),
            "sending",
        ),
        holidays_close_sending=told(
            said(chain, lambda part: part.holidays_close_sending, default=False),
            "holidays_close_sending",
        ),
        office_hours=told(tell_spans(spans), "spans"),
        weekdays=told(
            tell_weekdays(said(chain, lambda part: part.weekdays, office.weekdays)), "weekdays"
        ),
        days=days,
    )
