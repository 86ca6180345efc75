"""How long things are kept, and when the night's work is due."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from notifier.domain.calendar import local

NIGHT_BEGINS = time(2)  # in Vietnam: nobody is written to, and hardly anyone works

# A wrong clock would purge what is young: after its start, and after a jump, a process waits.
STEADY_FOR = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Keeping:
    """How long personal columns and rows are kept, from their row's creation."""

    personal: timedelta = timedelta(days=90)
    rows: timedelta = timedelta(days=730)


def night_of(now: datetime) -> datetime:
    """When the last night began, this one if it has."""
    shown = local(now)
    begins = shown.replace(
        hour=NIGHT_BEGINS.hour, minute=NIGHT_BEGINS.minute, second=0, microsecond=0
    )
    return begins if begins <= shown else begins - timedelta(days=1)


def is_night_due(now: datetime, last_began: datetime | None) -> bool:
    """Whether a night began since the last work did; a missed night is made up for at once."""
    return last_began is None or last_began < night_of(now) or last_began > now
