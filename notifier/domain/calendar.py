"""An office's time: when an SMS may reach a citizen, and when the office works.

Sending hours are 07:00 to 21:00 every day: narrower than the 7:00-22:00 that Decree 91/2020 sets
for advertising. Office hours serve deadlines only: eight working hours are one day. Vietnam keeps
UTC+7 all year.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from types import MappingProxyType
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo

ZONE_NAME = "Asia/Ho_Chi_Minh"
WORKING_DAY = timedelta(hours=8)

_SPAN = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)\s*-\s*([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)
_WEEKDAYS = re.compile(r"([1-7])(?:\s*-\s*([1-7]))?", re.ASCII)


class DayKind(StrEnum):
    """What a calendar says of a day that its weekday does not."""

    HOLIDAY = "holiday"
    WORKING = "working"  # worked though it is a weekend: swapped for a day off
    ORDINARY = "ordinary"  # as its weekday says, whatever a wider calendar holds


def local(at: datetime) -> datetime:
    """The instant as clocks in Vietnam show it."""
    return at.astimezone(ZoneInfo(ZONE_NAME))


def start_of(day: date) -> datetime:
    """The first instant of a day in Vietnam."""
    return datetime.combine(day, time(0), ZoneInfo(ZONE_NAME))


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` (inclusive) to `end` (exclusive) on one day."""

    start: time
    end: time

    def __post_init__(self) -> None:
        if self.start >= self.end:
            raise ValueError(f"{self} ends before it begins")

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M}"

    def on(self, day: date) -> tuple[datetime, datetime]:
        """The span's two instants on that day in Vietnam."""
        zone = ZoneInfo(ZONE_NAME)
        return datetime.combine(day, self.start, zone), datetime.combine(day, self.end, zone)


class Hours(Protocol):
    """Hours that open and close day by day."""

    def windows(self, day: date) -> Sequence[tuple[datetime, datetime]]:
        """The day's open spans in order; none on a closed day."""
        ...


@dataclass(frozen=True, slots=True)
class SendingHours:
    """Open from `opens` (inclusive) to `closes` (exclusive), but on days in `closed_on`."""

    opens: time = time(7)
    closes: time = time(21)
    closed_on: frozenset[date] = field(default_factory=frozenset)

    def windows(self, day: date) -> Sequence[tuple[datetime, datetime]]:
        return () if day in self.closed_on else (Span(self.opens, self.closes).on(day),)


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """The spans of each working day: a weekday of `weekdays` (1 is Monday) that is no day off,
    or a day worked in exchange.
    """

    spans: tuple[Span, ...] = (Span(time(7), time(11, 30)), Span(time(13, 30), time(17)))
    weekdays: frozenset[int] = frozenset(range(1, 6))
    days_off: frozenset[date] = field(default_factory=frozenset)
    days_worked: frozenset[date] = field(default_factory=frozenset)

    def __post_init__(self) -> None:
        if not self.spans or not self.weekdays:
            raise ValueError("an office works at some hour of some weekday")

    def works_on(self, day: date) -> bool:
        """Whether the office works on that day at all."""
        if day in self.days_worked:
            return True
        return day.isoweekday() in self.weekdays and day not in self.days_off

    def windows(self, day: date) -> Sequence[tuple[datetime, datetime]]:
        return [span.on(day) for span in self.spans] if self.works_on(day) else ()


@dataclass(frozen=True, slots=True)
class Day:
    """What a calendar says of a day, and the name that people know it by."""

    kind: DayKind
    name: str = ""


@dataclass(frozen=True, slots=True)
class CalendarPart:
    """What one office says of its time; what is empty, its parent says."""

    sending: Span | None = None
    spans: tuple[Span, ...] | None = None
    weekdays: frozenset[int] | None = None
    holidays_close_sending: bool | None = None
    days: Mapping[date, Day] = field(default_factory=lambda: MappingProxyType({}))


SILENT = CalendarPart()
_Said = TypeVar("_Said")


def said(
    chain: Sequence[CalendarPart], of: Callable[[CalendarPart], _Said | None], default: _Said
) -> _Said:
    """What the nearest office of a chain says; `chain` begins with the office itself."""
    return next((word for part in chain if (word := of(part)) is not None), default)


def days_of(chain: Sequence[CalendarPart]) -> dict[date, Day]:
    """Every day that the chain says something of, as the nearest office says it."""
    days: dict[date, Day] = {}
    for part in reversed(chain):
        days |= part.days
    return days


def sending_hours(chain: Sequence[CalendarPart]) -> SendingHours:
    """The sending hours of the office that the chain begins with."""
    hours = SendingHours()
    span = said(chain, lambda part: part.sending, Span(hours.opens, hours.closes))
    if said(chain, lambda part: part.holidays_close_sending, default=False):
        return SendingHours(span.start, span.end, _days(chain, DayKind.HOLIDAY))
    return SendingHours(span.start, span.end)


def office_hours(chain: Sequence[CalendarPart]) -> OfficeHours:
    """The office hours of the office that the chain begins with."""
    hours = OfficeHours()
    return OfficeHours(
        spans=said(chain, lambda part: part.spans, hours.spans),
        weekdays=said(chain, lambda part: part.weekdays, hours.weekdays),
        days_off=_days(chain, DayKind.HOLIDAY),
        days_worked=_days(chain, DayKind.WORKING),
    )


def _days(chain: Sequence[CalendarPart], kind: DayKind) -> frozenset[date]:
    return frozenset(day for day, said in days_of(chain).items() if said.kind is kind)


def next_opening(at: datetime, hours: Hours | None) -> datetime:
    """`at` itself if it is open, else the next opening. Without hours it is always open."""
    return at if hours is None else _next_window(at, hours)[0]


def opening_after_this(at: datetime, hours: Hours) -> datetime:
    """The next opening but the one that `at` itself lies in, where it lies in one."""
    opens, closes = _next_window(at, hours)
    return opens if opens > at else next_opening(closes, hours)


def add_open_time(at: datetime, duration: timedelta, hours: Hours | None) -> datetime:
    """The instant at which `duration` of open time has passed since `at`.

    What ends with a window ends there, not at the next opening.
    """
    if hours is None:
        return at + duration
    while True:
        at, closes = _next_window(at, hours)
        left = closes - at
        if duration <= left:
            return at + duration
        duration -= left
        at = closes


def working_days(days: int) -> timedelta:
    """So many days of a deadline as open time of office hours."""
    return days * WORKING_DAY


def working_day_before(day: date, hours: OfficeHours, days: int = 1) -> date:
    """The working day that lies `days` working days before `day`: T-1 of a deadline on it."""
    while days > 0:
        day -= timedelta(days=1)
        if hours.works_on(day):
            days -= 1
    return day


def read_spans(text: str) -> tuple[Span, ...]:
    """Spans such as `07:00-11:30,13:30-17:00`, in order. Raises `ValueError`."""
    spans = tuple(_read_span(part) for part in text.split(","))
    if any(later.start < sooner.end for sooner, later in pairwise(spans)):
        raise ValueError(f"{text}: the spans overlap or are out of order")
    return spans


def read_weekdays(text: str) -> frozenset[int]:
    """Weekdays such as `1-5` or `1,3,6`; 1 is Monday, 7 Sunday. Raises `ValueError`."""
    days: set[int] = set()
    for part in text.split(","):
        found = _WEEKDAYS.fullmatch(part.strip())
        first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
        if first > last:
            raise ValueError(f"{text}: takes weekdays such as 1-5 or 1,3,6; 1 is Monday")
        days.update(range(first, last + 1))
    return frozenset(days)


def tell_spans(spans: Iterable[Span]) -> str:
    """Spans as `read_spans` takes them."""
    return ",".join(map(str, spans))


def tell_weekdays(days: Iterable[int]) -> str:
    """Weekdays as `read_weekdays` takes them: days that follow each other as a range."""
    runs: list[list[int]] = []
    for day in sorted(days):
        if runs and day == runs[-1][-1] + 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ",".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)


def _read_span(text: str) -> Span:
    found = _SPAN.fullmatch(text.strip())
    if not found:
        raise ValueError(f"{text.strip()}: takes hours such as 07:00-21:00")
    start_hour, start_minute, end_hour, end_minute = map(int, found.groups())
    return Span(time(start_hour, start_minute), time(end_hour, end_minute))


def _next_window(at: datetime, hours: Hours) -> tuple[datetime, datetime]:
    """What is left of the window that `at` lies in, else the next one; in `at`'s own zone."""
    day = local(at).date()
    while True:
        for opens, closes in hours.windows(day):
            if at < closes:
                return max(at, opens.astimezone(at.tzinfo)), closes.astimezone(at.tzinfo)
        day += timedelta(days=1)
