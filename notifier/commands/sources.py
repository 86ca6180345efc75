"""`baotin sources`."""

from typing import TYPE_CHECKING

import click

from notifier.commands.failing import Failed
from notifier.commands.printing import json_of
from notifier.commands.wired import wired

if TYPE_CHECKING:
    from notifier.services.sources import Made


@click.group()
def command() -> None:
    """Case systems that may post events, and their offices.

    Example: baotin sources create motcua --office lai-thieu
    """


@command.command()
@click.argument("source")
@click.option("--office", "offices", multiple=True, required=True, help="Give one or several.")
@click.option("--name", help="For people; SOURCE if not given.")
@click.option(
    "--limit",
    type=click.IntRange(0),
    help="Events a minute, 0 for no limit; the setting's if not given.",
)
@click.option(
    "--daily-cap",
    type=click.IntRange(0),
    help="Messages a day, 0 for no cap; the setting's if not given.",
)
@click.option("--json", "as_json", is_flag=True)
def create(
    source: str,
    offices: tuple[str, ...],
    name: str | None,
    limit: int | None,
    daily_cap: int | None,
    as_json: bool,
) -> None:
    """Let the case system SOURCE post events for these offices. Twice changes nothing.

    Example: baotin sources create motcua --office lai-thieu --office thuan-an
    """
    from notifier.services import sources
    from notifier.services.views import NotFound

    with wired() as wiring:
        try:
            made = sources.create(
                source,
                name=name or source,
                offices=offices,
                intake_per_minute=limit,
                daily_cap=daily_cap,
                wiring=wiring,
            )
        except sources.SourceDiffers as problem:
            raise Failed(f"{problem}; `baotin sources change` changes it") from None
        except ValueError as problem:
            raise Failed(f"SOURCE {problem}") from None
        except NotFound as problem:
            raise Failed(str(problem)) from None
    _print(made, as_json)


@command.command()
@click.argument("source")
@click.option("--office", "also", multiple=True, help="An office to add; again for more.")
@click.option("--without", multiple=True, help="An office to take away; again for more.")
@click.option("--name", help="For people.")
@click.option(
    "--limit",
    type=click.IntRange(-1),
    help="Events a minute, 0 for no limit, -1 for the setting's.",
)
@click.option(
    "--daily-cap",
    type=click.IntRange(-1),
    help="Messages a day, 0 for no cap, -1 for the setting's.",
)
@click.option("--json", "as_json", is_flag=True)
def change(
    source: str,
    also: tuple[str, ...],
    without: tuple[str, ...],
    name: str | None,
    limit: int | None,
    daily_cap: int | None,
    as_json: bool,
) -> None:
    """Change what is given of SOURCE and leave the rest.

    Example: baotin sources change motcua --office an-phu --limit 600
    """
    from notifier.services import sources
    from notifier.services.views import NotFound

    with wired() as wiring:
        try:
            made = sources.change(
                source,
                also=also,
                without=without,
                name=name,
                intake_per_minute=limit if limit is not None and limit >= 0 else None,
                default_limit=limit == -1,
                daily_cap=daily_cap if daily_cap is not None and daily_cap >= 0 else None,
                default_cap=daily_cap == -1,
                wiring=wiring,
            )
        except ValueError as problem:
            raise Failed(f"SOURCE {problem}") from None
        except NotFound as problem:
            raise Failed(str(problem)) from None
    _print(made, as_json)


@command.command()
@click.argument("source")
@click.option("--url", help="Call SOURCE back here.")
@click.option("--new-secret", is_flag=True, help="Sign with another secret from now on.")
@click.option("--none", is_flag=True, help="Call SOURCE back no more.")
@click.option("--json", "as_json", is_flag=True)
def callback(source: str, url: str | None, new_secret: bool, none: bool, as_json: bool) -> None:
    """Where SOURCE is told of alerts that touch its offices. The secret is shown once.

    Without an option it says how things stand.

    Example: baotin sources callback motcua --url https://motcua.example.vn/bao-tin
    """
    from notifier.services import callbacks
    from notifier.services.views import BadFields, NotFound

    if none and (url or new_secret):
        raise click.UsageError("--none goes with no other option")
    with wired() as wiring:
        try:
            view = callbacks.show(source, by=None, wiring=wiring)
            if none:
                view = callbacks.take_away(source, by=None, wiring=wiring)
            elif to := url or (view.url if new_secret else None):
                view = callbacks.give(source, to, new_secret=new_secret, by=None, wiring=wiring)
            elif new_secret:
                raise Failed(f"{source} is called back nowhere yet: give --url")
        except (BadFields, NotFound) as problem:
            raise Failed(str(problem)) from None
    if as_json:
        print(json_of(view))
        return
    print(f"{view.source}: {view.url or 'no callback'}")
    if view.secret:
        print(f"  secret, shown this once: {view.secret}")
    if view.last_problem:
        print(f"  {view.waiting} waiting, the last try: {view.last_problem}")


@command.command("list")
@click.option("--json", "as_json", is_flag=True)
def list_(as_json: bool) -> None:
    """Every source with the offices that it may post for.

    Example: baotin sources list
    """
    from notifier.services import sources

    with wired() as wiring:
        views = sources.list_sources(wiring=wiring)
    if as_json:
        print(json_of({"sources": views}))
        return
    for view in views:
        print(f"{view.id}: {view.name}, for {', '.join(view.offices) or 'no office'}")


def _print(made: "Made", as_json: bool) -> None:
    if as_json:
        print(json_of(made))
        return
    done = "created" if made.created else "unchanged"
    if made.changed:
        done = f"changed {', '.join(made.changed)}"
    print(f"{made.source.id}: {done}; for {', '.join(made.source.offices) or 'no office'}")
