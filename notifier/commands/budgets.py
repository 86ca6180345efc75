"""`baotin budgets`."""

from typing import TYPE_CHECKING

import click

from notifier.commands.failing import Failed
from notifier.commands.printing import json_of
from notifier.commands.wired import wired

if TYPE_CHECKING:
    from notifier.services.budgets import BudgetView

_LIMIT = click.IntRange(0, 1_000_000_000_000)


@click.group()
def command() -> None:
    """What offices may spend, and what they spent.

    Example: baotin budgets show lai-thieu
    """


@command.command()
@click.argument("office")
@click.option("--json", "as_json", is_flag=True)
def show(office: str, as_json: bool) -> None:
    """What OFFICE may spend, and what providers took of its messages.

    Example: baotin budgets show lai-thieu
    """
    from notifier.services import budgets
    from notifier.services.views import NotFound

    with wired() as wiring:
        try:
            _print(budgets.show(office, wiring=wiring), as_json)
        except NotFound as problem:
            raise Failed(str(problem)) from None


@command.command("set")
@click.argument("office")
@click.option("--daily-segments", type=_LIMIT, help="Segments a day.")
@click.option("--monthly-segments", type=_LIMIT, help="Segments a month.")
@click.option("--daily-dong", type=_LIMIT, help="Đồng a day.")
@click.option("--monthly-dong", type=_LIMIT, help="Đồng a month.")
@click.option("--json", "as_json", is_flag=True)
def set_(
    office: str,
    daily_segments: int | None,
    monthly_segments: int | None,
    daily_dong: int | None,
    monthly_dong: int | None,
    as_json: bool,
) -> None:
    """Say what OFFICE may spend; a limit that is left out is none. Beyond it messages are held.

    Example: baotin budgets set lai-thieu --monthly-dong 2000000
    """
    from notifier.domain.budgets import Budget
    from notifier.services import budgets
    from notifier.services.views import NotFound

    new = Budget(daily_segments, monthly_segments, daily_dong, monthly_dong)
    with wired() as wiring:
        try:
            _print(budgets.give(office, new, by=None, wiring=wiring), as_json)
        except NotFound as problem:
            raise Failed(str(problem)) from None


def _print(view: "BudgetView", as_json: bool) -> None:
    if as_json:
        print(json_of(view))
        return
    spent = view.spent
    print(f"{view.office}: today {spent.day_segments} segments, {spent.day_dong} đồng;", end=" ")
    print(f"this month {spent.month_segments} segments, {spent.month_dong} đồng")
    own = view.own
    if own != spent:
        print(f"of that its own: today {own.day_segments} segments, {own.day_dong} đồng;", end=" ")
        print(f"this month {own.month_segments} segments, {own.month_dong} đồng")
    for office, lefts in {"": view.left, **view.above}.items():
        for name, count in lefts.items():
            print(f"{name}{' of ' + office if office else ''}: {count} left")
