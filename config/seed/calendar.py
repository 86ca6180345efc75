"""Vietnam's public holidays and worked Saturdays, as the `holidays` package knows them.

A swap is known only once the government announced it and the package was released with it, and
the span of a future Tết is its guess: what an office enters for itself wins.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import holidays

HOLIDAY, WORKING = "holiday", "working"


@dataclass(frozen=True, slots=True)
class SeedDay:
    """A day off, or one worked though it is a weekend."""

    day: date
    kind: str
    name: str


def shipped_days(years: Iterable[int]) -> list[SeedDay]:
    """The days of these years, in order."""
    wanted = frozenset(years)
    known = holidays.country_holidays("VN", years=wanted, language="vi")
    off = [SeedDay(day, HOLIDAY, name) for day, name in known.items()]
    worked = [SeedDay(day, WORKING, "Làm bù") for day in known.weekend_workdays]
    return sorted(
        (one for one in (*off, *worked) if one.day.year in wanted), key=lambda one: one.day
    )
