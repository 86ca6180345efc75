"""Every way in which a provider says how long to wait is read, and no other one."""

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.waits import asked_wait_s, wait_of

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
IN_90_S = NOW + timedelta(seconds=90)
DATE = format_datetime(IN_90_S, usegmt=True)
UNIX = int(IN_90_S.timestamp())
DAY = 86_400.0
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("value", "wait_s"),
    [
        ("1", 1.0),
        (" 120 ", 120.0),
        ("0", 0.0),
        ("1.5", 1.5),
        (DATE, 90.0),
        (format_datetime(NOW - timedelta(days=1), usegmt=True), 0.0),
        ("Mon, 23 Nov 9999 09:00:00 GMT", DAY),
        (IN_90_S.isoformat(), 90.0),
        (IN_90_S.astimezone(timezone(timedelta(hours=7))).isoformat(), 90.0),
        (f"{UNIX}", 90.0),
        (f"{UNIX}000", 90.0),  # in milliseconds
        (f"{UNIX - 3600}", 0.0),
        ("999999999", DAY),
        ("9" * 400, DAY),
        (None, None),
        ("", None),
        ("-1", None),
        ("soon", None),
        ("٣", None),
        ("7, 7", None),
        ("Mon, 23 Nov 2026 09:00:00", None),
        ("2026-11-23T09:00:00", None),
    ],
)
def test_a_value_is_seconds_or_an_instant_and_at_most_a_day(
    value: str | None, wait_s: float | None
) -> None:
    assert wait_of(value, now=NOW) == wait_s


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"retry-after": "7"}, 7.0),
        ({"Retry-After": DATE}, 90.0),
        ({"X-RateLimit-Reset": "42"}, 42.0),
        ({"X-RateLimit-Reset": f"{UNIX}"}, 90.0),
        ({"x-rate-limit-reset": "42"}, 42.0),
        ({"RateLimit-Reset": "50"}, 50.0),
        ({"RateLimit-Reset": "50", "X-RateLimit-Reset": f"{UNIX}"}, 50.0),
        ({"Retry-After": "7", "RateLimit-Reset": "50"}, 7.0),
        ({"Retry-After": "soon", "RateLimit-Reset": "50"}, 50.0),
        ({"RateLimit": "limit=100, remaining=0, reset=50"}, 50.0),
        ({"RateLimit": '"default";r=0;t=30'}, 30.0),
        ({"RateLimit": '"second";r=0;t=1, "day";r=0;t=4000'}, 4000.0),
        ({"RateLimit": '"second";r=0;t=1, "day";r=12;t=4000'}, 1.0),
        ({"RateLimit": '"default";t=30'}, 30.0),
        ({"RateLimit": '"default";r=0'}, None),
        ({"RateLimit-Policy": '"default";q=100;w=60'}, None),
        ({"X-RateLimit-Remaining": "0"}, None),
        ({"Retry-After": DATE, "Date": format_datetime(NOW - MINUTE, usegmt=True)}, 150.0),
        ({"Retry-After": DATE, "Date": format_datetime(NOW + MINUTE, usegmt=True)}, 30.0),
        ({"Retry-After": DATE, "Date": "once"}, 90.0),
        ({"Retry-After": "7", "Date": format_datetime(NOW - MINUTE, usegmt=True)}, 7.0),
        ({}, None),
    ],
)
def test_the_header_about_this_call_comes_first_then_what_is_said_of_the_limit(
    headers: dict[str, str], wait_s: float | None
) -> None:
    assert asked_wait_s(headers, now=NOW) == wait_s


def test_a_providers_own_header_comes_before_all_others_where_it_is_there() -> None:
    headers = {"Retry-After": "7", "X-Next": "9"}
    assert asked_wait_s(headers, now=NOW, first="X-Next") == 9.0
    assert asked_wait_s({"Retry-After": "7"}, now=NOW, first="X-Next") == 7.0


@given(st.text(max_size=60) | st.from_regex(r"\w{3}, \d+ \w{3} \d+ [\d:]+ [+-]\d+", fullmatch=True))
def test_no_value_raises(value: str) -> None:
    for wait_s in (wait_of(value, now=NOW), asked_wait_s({"RateLimit": value}, now=NOW)):
        assert wait_s is None or 0 <= wait_s <= DAY
