"""`baotin calendar`."""

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import date, datetime
from typing import TYPE_CHECKING, TypeVar

import click

from notifier.commands.failing import Failed
from notifier.commands.wired import wired

if TYPE_CHECKING:
    from notifier.services.calendar import CalendarView
    from notifier.services.wiring import Wiring

_KINDS = ("holiday", "working", "ordinary")
_Answer = TypeVar("_Answer")


_DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def command() -> None:
    """When an office sends and works: its hours, its holidays, its worked Saturdays.

    What an office does not say, its parent says; then the calendar that came with the product.

    Example: baotin calendar show lai-thieu
    """


@command.command()
@click.argument("office")
@click.option("--year", "years", type=int, multiple=True, help="Only the days of this year.")
@click.option("--json", "as_json", is_flag=True)
def show(office: str, years: tuple[int, ...], as_json: bool) -> None:
    """The time of OFFICE as it holds, and who says each part of it.

    Example: baotin calendar show lai-thieu --year 2027
    """
    from notifier.services import calendar

    view = _asked(lambda wiring: calendar.show(office, years=years or None, wiring=wiring))
    _print(view, as_json)


@command.command("set")
@click.argument("office")
@click.option("--sending", metavar="HOURS", help="When messages may go, such as 07:00-21:00.")
@click.option(
    "--office-hours", metavar="HOURS", help="When it works, such as 07:00-11:30,13:30-17:00."
)
@click.option("--weekdays", metavar="DAYS", help="On which weekdays, such as 1-5; 1 is Monday.")
@click.option(
    "--holidays-close/--holidays-send",
    "holidays_close",
    default=None,
    help="Whether messages wait over a holiday.",
)
@click.option("--json", "as_json", is_flag=True)
def set_(
    office: str,
    sending: str | None,
    office_hours: str | None,
    weekdays: str | None,
    holidays_close: bool | None,
    as_json: bool,
) -> None:
    """Give OFFICE hours of its own, for itself and those below it.

    Example: baotin calendar set lai-thieu --sending 07:30-20:00 --holidays-close
    """
    from notifier.services import calendar
    from notifier.services.calendar import HoursChange

    change = HoursChange(sending, office_hours, weekdays, holidays_close)
    _print(_asked(lambda wiring: calendar.set_hours(office, change, wiring=wiring)), as_json)


@command.command("day")
@click.argument("office")
@click.argument("day", type=_DAY)
@click.argument("kind", type=click.Choice(_KINDS))
@click.option("--name", default="", help="What people call the day.")
@click.option("--json", "as_json", is_flag=True)
def day_(office: str, day: datetime, kind: str, name: str, as_json: bool) -> None:
    """Say what DAY is for OFFICE: a holiday, a working weekend, or as its weekday says.

    Example: baotin calendar day thuan-an 2027-02-13 working --name 'Làm bù'
    """
    from notifier.domain.calendar import DayKind
    from notifier.services import calendar

    view = _asked(
        lambda wiring: calendar.set_day(office, day.date(), DayKind(kind), name, wiring=wiring)
    )
    _print(view, as_json)


@command.command()
@click.argument("office")
@click.argument("days", type=_DAY, nargs=-1)
@click.option("--json", "as_json", is_flag=True)
def clear(office: str, days: tuple[datetime, ...], as_json: bool) -> None:
    """Forget what OFFICE says of these DAYS; without any, all its days and hours.

    Example: baotin calendar clear lai-thieu 2027-02-13
    """
    from notifier.services import calendar

    view = _asked(
        lambda wiring: calendar.clear(office, [day.date() for day in days] or None, wiring=wiring)
    )
    _print(view, as_json)


@command.command()
@click.argument("office")
@click.argument("start")
@click.argument("days", type=int)
@click.option("--json", "as_json", is_flag=True)
def deadline(office: str, start: str, days: int, as_json: bool) -> None:
    """When DAYS working days of OFFICE are over, counted from START; eight hours are a day.

    Example: baotin calendar deadline lai-thieu 2026-11-24T16:00:00+07:00 3
    """
    from notifier.domain.clock import read_instant
    from notifier.services import calendar

    try:
        begins = read_instant(start)
    except ValueError as problem:
        raise Failed(f"{start}: {problem}") from None
    told = _asked(lambda wiring: calendar.deadline(office, begins, days, wiring=wiring))
    if as_json:
        print(json.dumps(asdict(told), default=_word))
    else:
        print(f"due {told.due_at:%Y-%m-%d %H:%M}; remind on {told.remind_on}")


def _asked(ask: "Callable[[Wiring], _Answer]") -> _Answer:
    from notifier.services.views import NotFound

    with wired() as wiring:
        try:
            return ask(wiring)
        except (NotFound, ValueError) as problem:
            raise Failed(str(problem)) from None


def _print(view: "CalendarView", as_json: bool) -> None:
    if as_json:
        print(json.dumps(asdict(view), default=_word, ensure_ascii=False))
        return
    for name in ("sending_hours", "holidays_close_sending", "office_hours", "weekdays"):
        told = getattr(view, name)
        shown = {True: "yes", False: "no"}.get(told.value, told.value)
        print(f"{name.replace('_', ' ')}: {shown} ({told.said_by})")
    for one in view.days:
        print(f"{one.day} {one.day:%a}  {one.kind:8}  {one.name} ({one.said_by})")


def _word(value: date | datetime) -> str:
    return value.isoformat()
