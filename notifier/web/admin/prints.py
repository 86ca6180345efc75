"""How values are written on a page."""

from collections.abc import Iterable
from datetime import datetime

from flask import Blueprint

from notifier.domain.calendar import local
from notifier.domain.versions import Status, Step
from notifier.services.template_views import VersionView


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


def standing(version: VersionView) -> str:
    """Where a version stands, as its writer would say it: the word `status.…` of the catalogue."""
    steps = [one.step for one in version.steps]
    if version.status == Status.DRAFT and steps and steps[-1] == Step.SENT_BACK:
        return "sent_back"
    if version.status == Status.RETIRED and Step.PUBLISHED not in steps:
        return "unused" if Step.SUBMITTED in steps else "dropped"
    return version.status


def register(routes: Blueprint) -> None:
    """Make them known to the templates, under a name that no other pages use."""
    for name, printer in (
        ("when", when), ("money", money), ("count", count), ("listed", listed),
        ("standing", standing),
    ):  # fmt: skip
        routes.add_app_template_filter(printer, f"admin_{name}")
