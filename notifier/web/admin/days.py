"""A day as people here write it: 26/11/2026."""

import re
from datetime import date

_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", re.ASCII)
_YEAR_FIRST = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)  # in addresses, and by programs
_YEARS = range(1970, 3000)  # in others no case lies: a slip of whoever typed


def read_day(typed: str) -> date | None:
    """The day that is meant, day before month whatever the language; none where it is no day."""
    if found := _DAY_FIRST.fullmatch(typed.strip()):
        day, month, year = map(int, found.groups())
    elif found := _YEAR_FIRST.fullmatch(typed.strip()):
        year, month, day = map(int, found.groups())
    else:
        return None
    if year not in _YEARS:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None
