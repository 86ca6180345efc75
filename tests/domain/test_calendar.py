"""Sending hours, around their edges."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.domain.calendar import SendingHours, add_open_time, next_opening

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
