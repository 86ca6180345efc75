"""Sending hours, office hours and the days between, around their edges."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.domain.calendar import (
    OfficeHours,
    SendingHours,
    Span,
    add_open_time,
    next_opening,
    read_spans,
    read_weekdays,
    working_day_before,
    working_days,
)

VN = ZoneInfo("Asia/Ho_Chi_Minh")
HOURS = SendingHours()
INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - Hypothesis adds the zone


def vn(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=VN).astimezone(UTC)  # type: ignore[misc,arg-type]  # year to second


@pytest.mark.parametrize(
    ("at", "opening"),
    [
        (vn(2026, 11, 24, 6, 59, 59), vn(2026, 11, 24, 7)),
        (vn(2026, 11, 24, 7), vn(2026, 11, 24, 7)),
        (vn(2026, 11, 24, 20, 59, 59), vn(2026, 11, 24, 20, 59, 59)),
        (vn(2026, 11, 24, 21), vn(2026, 11, 25, 7)),
        (vn(2026, 11, 24, 23, 59), vn(2026, 11, 25, 7)),
        (vn(2026, 11, 25, 0, 0), vn(2026, 11, 25, 7)),
        (vn(2026, 12, 31, 22), vn(2027, 1, 1, 7)),
    ],
)
def test_a_message_waits_for_the_next_opening(at: datetime, opening: datetime) -> None:
    assert next_opening(at, HOURS) == opening


def test_without_hours_it_is_always_open() -> None:
    at = vn(2026, 11, 24, 3)
    assert next_opening(at, None) == at
    assert add_open_time(at, timedelta(hours=1), None) == at + timedelta(hours=1)


def test_a_closed_day_is_passed_over() -> None:
    tet = SendingHours(closed_on=frozenset({date(2027, 2, 6), date(2027, 2, 7)}))
    assert next_opening(vn(2027, 2, 5, 22), tet) == vn(2027, 2, 8, 7)


def test_validity_counts_open_hours_only() -> None:
    assert add_open_time(vn(2026, 11, 24, 20), timedelta(hours=2), HOURS) == vn(2026, 11, 25, 8)
    # 72 open hours are five days of 14 hours and two more.
    assert add_open_time(vn(2026, 11, 24, 7), timedelta(hours=72), HOURS) == vn(2026, 11, 29, 9)


@given(
    INSTANTS,
    st.timedeltas(timedelta(minutes=1), timedelta(days=4)),
    st.timedeltas(timedelta(minutes=1), timedelta(days=4)),
)
def test_open_time_adds_up_and_never_goes_back(at: datetime, a: timedelta, b: timedelta) -> None:
    first = add_open_time(at, a, HOURS)
    assert first >= at + a
    assert add_open_time(first, b, HOURS) == add_open_time(at, a + b, HOURS)


@given(INSTANTS)
def test_an_opening_is_open_and_the_soonest(at: datetime) -> None:
    opening = next_opening(at, HOURS)
    assert 7 <= opening.astimezone(VN).hour < 21
    assert opening - at <= timedelta(hours=10)
    assert next_opening(opening, HOURS) == opening


# The Tết of 2026 as it was announced, and the Saturday worked for Monday 31 August.
TET = frozenset(date(2026, 2, day) for day in range(16, 21))
OFFICE = OfficeHours(
    days_off=TET | {date(2026, 8, 31), date(2026, 9, 1), date(2026, 9, 2)},
    days_worked=frozenset({date(2026, 8, 22)}),
)


@pytest.mark.parametrize(
    ("at", "days", "deadline"),
    [
        (vn(2026, 11, 24, 8), 1, vn(2026, 11, 25, 8)),
        (vn(2026, 11, 24, 12), 1, vn(2026, 11, 25, 11, 30)),  # taken in over lunch
        (vn(2026, 11, 24, 23, 59, 59), 1, vn(2026, 11, 25, 17)),
        (vn(2026, 11, 25, 0, 0, 0), 1, vn(2026, 11, 25, 17)),
        (vn(2026, 11, 27, 16), 1, vn(2026, 11, 30, 16)),  # Friday to Monday
        (vn(2026, 2, 13, 16), 1, vn(2026, 2, 23, 16)),  # over the week of Tết
        (vn(2026, 2, 16, 0, 0, 1), 3, vn(2026, 2, 25, 17)),
        (vn(2026, 8, 21, 17), 1, vn(2026, 8, 22, 17)),  # the worked Saturday counts
        (vn(2026, 8, 28, 15), 1, vn(2026, 9, 3, 15)),  # the Monday it was swapped for does not
    ],
)
def test_a_deadline_counts_working_hours_eight_to_a_day(
    at: datetime, days: int, deadline: datetime
) -> None:
    assert add_open_time(at, working_days(days), OFFICE) == deadline


@pytest.mark.parametrize(
    ("day", "before"),
    [
        (date(2026, 11, 25), date(2026, 11, 24)),
        (date(2026, 11, 30), date(2026, 11, 27)),
        (date(2026, 2, 23), date(2026, 2, 13)),
        (date(2026, 8, 24), date(2026, 8, 22)),
        (date(2026, 9, 3), date(2026, 8, 28)),
        (date(2026, 2, 18), date(2026, 2, 13)),  # a deadline that itself is a day off
    ],
)
def test_the_day_before_a_deadline_is_a_working_day(day: date, before: date) -> None:
    assert working_day_before(day, OFFICE) == before


def test_a_day_both_off_and_worked_is_worked() -> None:
    saturday = date(2026, 8, 22)
    hours = OfficeHours(days_off=frozenset({saturday}), days_worked=frozenset({saturday}))
    assert hours.works_on(saturday)


@pytest.mark.parametrize(
    ("spans", "weekdays"), [((), frozenset({1})), ((Span(time(7), time(8)),), frozenset())]
)
def test_hours_that_never_open_cannot_be_made(
    spans: tuple[Span, ...], weekdays: frozenset[int]
) -> None:
    with pytest.raises(ValueError, match="some hour of some weekday"):
        OfficeHours(spans=spans, weekdays=weekdays)


@given(INSTANTS, st.integers(1, 30), st.integers(1, 30))
def test_working_days_add_up_and_end_in_working_hours(at: datetime, a: int, b: int) -> None:
    first = add_open_time(at, working_days(a), OFFICE)
    assert add_open_time(first, working_days(b), OFFICE) == add_open_time(
        at, working_days(a + b), OFFICE
    )
    assert OFFICE.works_on(first.astimezone(VN).date())


@given(INSTANTS, st.timedeltas(timedelta(0), timedelta(days=9)))
def test_a_clock_that_jumps_never_brings_openings_out_of_order(at: datetime, by: timedelta) -> None:
    for hours in (HOURS, SendingHours(closed_on=TET), OFFICE):
        assert next_opening(at, hours) <= next_opening(at + by, hours)
        # A jump inside closed time changes nothing about when it opens.
        if at + by < next_opening(at, hours):
            assert next_opening(at + by, hours) == next_opening(at, hours)


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("07:00-21:00", (Span(time(7), time(21)),)),
        ("7:00 - 11:30, 13:30-17:00", (Span(time(7), time(11, 30)), Span(time(13, 30), time(17)))),
    ],
)
def test_spans_are_read_as_people_write_them(text: str, spans: tuple[Span, ...]) -> None:
    assert read_spans(text) == spans
    assert read_spans(",".join(map(str, spans))) == spans


@pytest.mark.parametrize(
    "text",
    ["", "7-21", "07:00", "21:00-07:00", "07:00-07:00", "07:00-24:00", "07:60-08:00",
     "07:00-12:00,11:00-13:00", "13:00-14:00,07:00-08:00", "07:00-08:00,"],
)  # fmt: skip
def test_spans_that_make_no_sense_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"takes hours|overlap|ends before"):
        read_spans(text)


def test_weekdays_are_read_as_a_range_or_a_list() -> None:
    assert read_weekdays("1-5") == frozenset({1, 2, 3, 4, 5})
    assert read_weekdays("1, 3,6-7") == frozenset({1, 3, 6, 7})


@pytest.mark.parametrize("text", ["", "0", "8", "5-1", "Mon", "1-", "1,,2"])
def test_weekdays_that_make_no_sense_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="takes weekdays"):
        read_weekdays(text)
