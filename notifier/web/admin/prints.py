"""How values are written on a page."""

from collections.abc import Iterable
from datetime import datetime

from flask import Blueprint

from notifier.domain.calendar import local


def when(at: datetime | None) -> str:
    """A moment by Vietnam's clock, as people there write it."""
    return f"{local(at):%d/%m/%Y %H:%M}" if at else "–"


def money(dong: int) -> str:
    """Whole đồng."""
    return f"{dong:,}".replace(",", ".") + "\u00a0đ"


def count(number: int) -> str:
    return f"{number:,}".replace(",", ".")


def listed(words: Iterable[str]) -> str:
    return ", ".join(words)


def register(routes: Blueprint) -> None:
    """Make them known to the templates, under a name that no other pages use."""
    for name, printer in (("when", when), ("money", money), ("count", count), ("listed", listed)):
        routes.add_app_template_filter(printer, f"admin_{name}")
