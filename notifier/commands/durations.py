"""Durations as one types them: 90m, 24h, 7d."""

import re
from datetime import timedelta

import click

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_LONGEST = timedelta(days=3650)


def duration(_context: click.Context, _option: click.Parameter, text: str) -> timedelta:
    """For an option's `callback`: a whole number with s, m, h or d; 0 needs none."""
    found = re.fullmatch(r"([0-9]{1,6})([smhd])|0", text)
    span = timedelta(**{_UNITS[found[2]]: int(found[1])}) if found and found[1] else timedelta()
    if not found or span > _LONGEST:
        raise click.BadParameter("takes a number with s, m, h or d, such as 24h")
    return span
