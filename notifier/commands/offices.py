"""`baotin offices`."""

from pathlib import Path

import click

from notifier.commands.failing import Failed
from notifier.commands.printing import json_of
from notifier.commands.wired import wired


@click.group()
def command() -> None:
    """Bring offices in, and see them.

    Example: baotin offices import offices.csv
    """


@command.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True)
def import_(file: Path, as_json: bool) -> None:
    """Add and change offices as FILE says: CSV in UTF-8, or JSON; all of it or nothing.

    The fields are id, parent, name, phone, reply_number, sender, form, valid_from and valid_to. A
    field that FILE does not have stays as it is. No office is removed: close one with valid_to.

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
