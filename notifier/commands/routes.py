"""`baotin routes`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from notifier.commands.failing import Failed
from notifier.commands.printing import json_of
from notifier.commands.wired import wired

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from notifier.services.routes import RouteView
    from notifier.services.views import FieldProblem


@click.group()
def command() -> None:
    """Which gateways an office's messages go through.

    Example: baotin routes check lai-thieu
    """


@command.command()
@click.argument("office")
@click.option("--json", "as_json", is_flag=True)
def show(office: str, as_json: bool) -> None:
    """The route of OFFICE, its own or the one it inherits.

    Example: baotin routes show lai-thieu
    """
    from notifier.services import routes
    from notifier.services.views import NotFound

    with wired() as wiring:
        try:
            _print(routes.show(office, wiring=wiring), as_json)
        except NotFound as problem:
            raise Failed(str(problem)) from None


@command.command()
@click.argument("office")
@click.option(
    "--language",
    type=click.Choice(["vi", "en"]),
    default="vi",
    show_default=True,
    help="The message's language.",
)
@click.option(
    "--encoding",
    type=click.Choice(["gsm7", "ucs2"]),
    default="gsm7",
    show_default=True,
    help="What its words need.",
)
@click.option(
    "--segments",
    type=click.IntRange(1, 20),
    default=1,
    show_default=True,
    help="How long it is.",
)
@click.option(
    "--operator",
    type=click.Choice(
        ["viettel", "mobifone", "vinaphone", "vietnamobile", "gmobile", "itel", "reddi"]
    ),
    help="The phone's; unless said, nobody told it.",
)
@click.option("--phone", help="The phone, whose operator was told or not.")
@click.option("--json", "as_json", is_flag=True)
def check(
    office: str,
    language: str,
    encoding: str,
    segments: int,
    operator: str | None,
    phone: str | None,
    as_json: bool,
) -> None:
    """Which gateway a message of OFFICE would go through now, and why.

    Example: baotin routes check lai-thieu --encoding ucs2
    """
    from notifier.services import routes
    from notifier.services.routes import Question
    from notifier.services.views import BadFields, NotFound

    question = Question(office, language, encoding, segments, operator, phone)
    with wired() as wiring:
        try:
            way = routes.preview(question, wiring=wiring)
        except (BadFields, NotFound) as problem:
            raise Failed(str(problem)) from None
    if as_json:
        print(json_of(way))
        return
    print(f"route of {way.said_by}")
    if way.told_by:
        print(f"operator {way.operator}, told by {way.told_by} at {way.told_at}")
    elif phone:
        print("operator: nobody told this phone's")
    for choice in way.choices:
        print(f"{'→' if choice.taken else ' '} {choice.gateway}: {choice.why}")


@command.command("set")
@click.argument("office")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True)
def set_(office: str, file: Path, as_json: bool) -> None:
    """Give OFFICE, and those below it that have none, the route in FILE.

    FILE is the JSON that `PUT /v1/routes/OFFICE` takes and `baotin routes show --json` prints.

    Example: baotin routes set lai-thieu route.json
    """
    from marshmallow import ValidationError

    from notifier.api import strict_json
    from notifier.api.problems import PROBLEMS, Problem
    from notifier.api.route_schemas import NewRouteSchema
    from notifier.api.schemas import field_problems
    from notifier.domain.routing import RouteError
    from notifier.services import routes
    from notifier.services.views import NotFound

    try:
        told = strict_json.loads(file.read_bytes())
        if isinstance(told, dict):  # as `show --json` prints it: whose it is is OFFICE's affair
            told = {name: one for name, one in told.items() if name not in {"office", "said_by"}}
        new = NewRouteSchema().load(told)
    except ValidationError as problem:
        lines = [f"{one.path}: {one.message}" for one in field_problems(problem)]
        raise Failed("\n".join([f"{file} was not taken:", *lines])) from None
    except Problem as problem:
        why = problem.detail or PROBLEMS[problem.code][1]
        raise Failed(f"{file} was not taken: {why}") from None
    with wired() as wiring:
        try:
            _print(routes.give(office, new, by=None, wiring=wiring), as_json)
        except RouteError as problem:
            raise Failed(f"{file} was not taken: {problem.path}: {problem}") from None
        except NotFound as problem:
            raise Failed(str(problem)) from None


@command.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what it would change, and change nothing.")
@click.option("--json", "as_json", is_flag=True)
def import_(file: Path, dry_run: bool, as_json: bool) -> None:
    """Put the routes, budgets and limits in FILE, which is TOML, in place; all of it or nothing.

    What FILE does not name stays as it is, and `false` takes away what a person said of a name. The
    same FILE once more changes nothing. An example with comments: deploy/routing.

    Example: baotin routes import routing.toml --dry-run
    """
    import tomllib

    from marshmallow import ValidationError

    from notifier.api.routing_file_schemas import RoutingFileSchema
    from notifier.api.schemas import field_problems
    from notifier.services import routing_files
    from notifier.services.views import BadFields

    def refused(problems: "Iterable[FieldProblem]") -> Failed:
        lines = (f"{one.path}: {one.message}" for one in problems)
        return Failed("\n".join([f"{file} was not taken, nothing was changed:", *lines]))

    try:
        told = RoutingFileSchema().load(tomllib.loads(file.read_text(encoding="utf-8")))
    except ValidationError as problem:
        raise refused(field_problems(problem)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise Failed(f"{file} was not taken: it is no TOML: {problem}") from None
    with wired() as wiring:
        try:
            done = routing_files.import_file(told, dry_run=dry_run, wiring=wiring)
        except BadFields as bad:
            raise refused(bad.problems) from None
    if as_json:
        print(json_of(done))
        return
    for change in done.changed:
        print(f"{change.path}:")
        print(f"- {_said(change.before)}")
        print(f"+ {_said(change.after)}")
    would = "would be " if dry_run else ""
    print(f"{len(done.changed)} {would}changed, {done.unchanged} unchanged")


def _said(of: "Mapping[str, Any] | None") -> str:
    return "nothing" if of is None else json.dumps(of, ensure_ascii=False)


@command.command()
@click.argument("office")
@click.option("--json", "as_json", is_flag=True)
def clear(office: str, as_json: bool) -> None:
    """Let OFFICE have its parent's route.

    Example: baotin routes clear lai-thieu
    """
    from notifier.services import routes
    from notifier.services.views import NotFound

    with wired() as wiring:
        try:
            _print(routes.take_away(office, by=None, wiring=wiring), as_json)
        except NotFound as problem:
            raise Failed(str(problem)) from None


def _print(view: "RouteView", as_json: bool) -> None:
    if as_json:
        print(json_of(view))
        return
    order = ", the cheapest first" if view.cheapest_first else ""
    print(f"{view.office}: route of {view.said_by}{order}")
    for number, step in enumerate(view.steps, start=1):
        only = [*step["languages"], *step["encodings"], *step["operators"]]
        shares = ", ".join(
            name if len(step["gateways"]) == 1 else f"{name} ({share})"
            for name, share in step["gateways"].items()
        )
        print(f"{number}. {shares}{' for ' + ', '.join(only) if only else ''}")
    if view.on_unknown:
        print(f"on_unknown: {view.on_unknown}")
