"""Sending hours: when an SMS may reach a citizen, and how long one stays true.

07:00 to 21:00 every day: narrower than the 7:00–22:00 that Decree 91/2020 sets for advertising.
Vietnam keeps UTC+7 all year.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONE_NAME = "Asia/Ho_Chi_Minh"


def local(at: datetime) -> datetime:
    """The instant as clocks in Vietnam show it."""
    return at.astimezone(ZoneInfo(ZONE_NAME))


@dataclass(frozen=True, slots=True)
class SendingHours:
    """Open from `opens` (inclusive) to `closes` (exclusive), but on days in `closed_on`."""

    opens: time = time(7)
    closes: time = time(21)
    closed_on: frozenset[date] = field(default_factory=frozenset)

    def window(self, day: date) -> tuple[datetime, datetime] | None:
        """The day's open span; none on a closed day."""
        if day in self.closed_on:
            return None
        zone = ZoneInfo(ZONE_NAME)
        return (
            datetime.combine(day, self.opens, zone),
            datetime.combine(day, self.closes, zone),
        )


def next_opening(at: datetime, hours: SendingHours | None) -> datetime:
    """`at` itself if it is open, else the next opening. Without hours it is always open."""
    if hours is None:
        return at
    day = local(at).date()
    while True:
        window = hours.window(day)
        if window is not None and at < window[1]:
            return max(at, window[0].astimezone(at.tzinfo))
        day += timedelta(days=1)


def add_open_time(at: datetime, duration: timedelta, hours: SendingHours | None) -> datetime:
    """The instant at which `duration` of open sending time has passed since `at`."""
    if hours is None:
        return at + duration
    while True:
        at = next_opening(at, hours)
        window = hours.window(local(at).date())
        if window is None:
            raise AssertionError("an opening lies in a window")
        left = window[1] - at
        if duration <= left:
            return at + duration
        duration -= left
        at = window[1].astimezone(at.tzinfo)
