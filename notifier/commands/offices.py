"""`baotin offices`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from notifier.commands.failing import Failed
from notifier.commands.printing import json_of
from notifier.commands.wired import wired

if TYPE_CHECKING:
    from notifier.services.going_live import LiveChanged, LiveView


@click.group()
def command() -> None:
    """Bring offices in, see them, and let them go live.

    Example: baotin offices import offices.csv
    """


@command.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True)
def import_(file: Path, as_json: bool) -> None:
    """Add and change offices as FILE says: CSV in UTF-8, or JSON; all of it or nothing.

    The fields are id, parent, name, phone, reply_number, sender, form, valid_from, valid_to, and of
    its calendar sending_hours, office_hours, weekdays and holidays_close (yes or no). A field that
    FILE does not have stays as it is. No office is removed: close one with valid_to.

    Example: baotin offices import offices.csv
    """
    from notifier.services import office_files, offices

    try:
        rows = office_files.read(file.read_bytes())
    except office_files.UnreadableFile as problem:
        raise Failed(f"{file} was not taken: {problem}") from None
    with wired() as wiring:
        try:
            done = offices.import_offices(rows, wiring=wiring)
        except offices.BadOffices as bad:
            raise Failed(f"{file} was not taken, nothing was changed:\n{bad}") from None
    if as_json:
        print(json_of(done))
        return
    for office in done.created:
        print(f"{office}: created")
    for change in done.changed:
        print(f"{change.id}: changed {', '.join(change.fields)}")
    print(f"{len(done.created)} created, {len(done.changed)} changed, {done.unchanged} unchanged")


@command.command("list")
@click.option("--json", "as_json", is_flag=True)
def list_(as_json: bool) -> None:
    """Every office, by its code.

    Example: baotin offices list --json
    """
    from notifier.services import offices

    with wired() as wiring:
        views = offices.list_offices(wiring=wiring)
    if as_json:
        print(json_of({"offices": views}))
        return
    for view in views:
        above = f", under {view.parent}" if view.parent else ""
        closed = f", until {view.valid_to}" if view.valid_to else ""
        print(f"{view.id}: {view.name} ({view.phone}){above}{closed}")


@command.command("go-live")
@click.argument("office")
@click.option("--undo", is_flag=True, help="It is not live, after all.")
@click.option("--inherit", is_flag=True, help="Its parent says whether it is live.")
@click.option("--json", "as_json", is_flag=True)
def go_live(office: str, undo: bool, inherit: bool, as_json: bool) -> None:
    """Let citizens have the messages of OFFICE and of those below it. Twice changes nothing.

    Before, only its test numbers get any. What was held meanwhile stays held until a
    person lets it go or cancels it.

    Example: baotin offices go-live lai-thieu
    """
    if undo and inherit:
        raise click.UsageError("--undo and --inherit say two things")
    live = None if inherit else not undo
    from notifier.services import going_live
    from notifier.services.views import NotFound

    with wired() as wiring:
        try:
            done = going_live.say_live(office, live, by=None, wiring=wiring)
        except NotFound as problem:
            raise Failed(str(problem)) from None
    _print_changed(done, as_json)


@command.command("duty-phone")
@click.argument("office")
@click.argument("phone", required=False)
@click.option("--none", is_flag=True, help="OFFICE has none of its own any more.")
@click.option("--json", "as_json", is_flag=True)
def duty_phone(office: str, phone: str | None, none: bool, as_json: bool) -> None:
    """Tell PHONE by SMS of alerts that touch OFFICE, or those below it that have no other.

    Without PHONE it says which it is, masked.

    Example: baotin offices duty-phone lai-thieu 0912345678
    """
    from notifier.services import duty_phones
    from notifier.services.views import BadFields, NotFound

    if none and phone:
        raise click.UsageError("--none goes without PHONE")
    with wired() as wiring:
        try:
            if none:
                view = duty_phones.take_away(office, by=None, wiring=wiring)
            elif phone:
                view = duty_phones.give(office, phone, by=None, wiring=wiring)
            else:
                view = duty_phones.show(office, by=None, wiring=wiring)
        except (BadFields, NotFound) as problem:
            raise Failed(str(problem)) from None
    if as_json:
        print(json_of(view))
        return
    whose = f", of {view.said_by}" if view.said_by not in {None, view.office} else ""
    print(f"{view.office}: {view.phone or 'no duty phone'}{whose}")


@command.group("test-numbers")
def numbers() -> None:
    """Phones that get an office's messages before it is live.

    Example: baotin offices test-numbers add lai-thieu 0912345678
    """


@numbers.command("add")
@click.argument("office")
@click.argument("phone")
@click.option("--json", "as_json", is_flag=True)
def add_number(office: str, phone: str, as_json: bool) -> None:
    """Let PHONE have the messages of OFFICE and of those below it. Twice changes nothing.

    Example: baotin offices test-numbers add lai-thieu 0912345678
    """
    from notifier.services import going_live
    from notifier.services.views import BadFields, NotFound

    with wired() as wiring:
        try:
            done = going_live.add_number(office, phone, by=None, wiring=wiring)
        except (BadFields, NotFound) as problem:
            raise Failed(f"nothing was added: {problem}") from None
    _print_changed(done, as_json)


@numbers.command("remove")
@click.argument("office")
@click.argument("phone")
@click.option("--json", "as_json", is_flag=True)
def remove_number(office: str, phone: str, as_json: bool) -> None:
    """Take PHONE from the test numbers of OFFICE. Twice changes nothing.

    Example: baotin offices test-numbers remove lai-thieu 0912345678
    """
    from notifier.services import going_live
    from notifier.services.views import BadFields, NotFound

    with wired() as wiring:
        try:
            done = going_live.remove_number(office, phone=phone, by=None, wiring=wiring)
        except (BadFields, NotFound) as problem:
            raise Failed(f"nothing was removed: {problem}") from None
    _print_changed(done, as_json)


@numbers.command("list")
@click.argument("office")
@click.option("--json", "as_json", is_flag=True)
def list_numbers(office: str, as_json: bool) -> None:
    """The test numbers of OFFICE, masked, its parents' too, and whether it is live.

    Example: baotin offices test-numbers list lai-thieu
    """
    from notifier.services import going_live
    from notifier.services.views import NotFound

    with wired() as wiring:
        try:
            view = going_live.show(office, by=None, wiring=wiring)
        except NotFound as problem:
            raise Failed(str(problem)) from None
    if as_json:
        print(json_of(view))
    else:
        _print_live(view)


def _print_changed(done: "LiveChanged", as_json: bool) -> None:
    if as_json:
        print(json_of(done))
        return
    if not done.changed:
        print("unchanged")
    _print_live(done.office)


def _print_live(view: "LiveView") -> None:
    said = f", as {view.said_by} says" if view.said_by not in {None, view.office} else ""
    held = f"; {view.held} held" if view.held else ""
    print(f"{view.office}: {'live' if view.live else 'not live'}{said}{held}")
    for one in view.test_numbers:
        whose = f", of {one.office}" if one.office != view.office else ""
        print(f"  test number {one.phone}{whose}")
    if not view.held_to:
        print("  no SMS reaches a citizen here, live or not: this is a demo or a rehearsal")
