"""`baotin limits`."""

from typing import TYPE_CHECKING

import click

from notifier.commands.failing import Failed
from notifier.commands.printing import json_of
from notifier.commands.wired import wired

if TYPE_CHECKING:
    from collections.abc import Sequence

    from notifier.services.limits import LimitView
    from notifier.store.limits import LimitRow

_MOST = 10_000


@click.group()
def command() -> None:
    """What gateway accounts may be given each second, by all workers together.

    Example: baotin limits show
    """


@command.command()
@click.option("--json", "as_json", is_flag=True)
def show(as_json: bool) -> None:
    """The limits of the gateways in use, and who says each.

    Example: baotin limits show --json
    """
    from notifier.services import limits

    with wired() as wiring:
        views = limits.list_all(wiring=wiring)
    if as_json:
        print(json_of({"limits": views}))
    else:
        _print(views)


@command.command("set")
@click.argument("gateway")
@click.argument("per_second", type=click.FloatRange(0, _MOST))
@click.option(
    "--unit",
    type=click.Choice(["messages", "segments"]),
    default="messages",
    show_default=True,
    help="What is counted.",
)
@click.option("--json", "as_json", is_flag=True)
def set_(gateway: str, per_second: float, unit: str, as_json: bool) -> None:
    """Keep GATEWAY to PER_SECOND, 0 for no limit, whatever its settings say. No restart is needed.

    Example: baotin limits set esms 20
    """
    from notifier.store.limits import LimitRow

    _give(gateway, LimitRow(per_second, unit), as_json)


@command.command()
@click.argument("gateway")
@click.option("--json", "as_json", is_flag=True)
def clear(gateway: str, as_json: bool) -> None:
    """Let the settings of GATEWAY say it again.

    Example: baotin limits clear esms
    """
    _give(gateway, None, as_json)


def _give(gateway: str, limit: "LimitRow | None", as_json: bool) -> None:
    from notifier.services import limits
    from notifier.services.views import NotFound

    with wired() as wiring:
        try:
            view = limits.give(gateway, limit, by=None, wiring=wiring)
        except NotFound as problem:
            raise Failed(f"{problem}; `baotin gateways list` names them") from None
    if as_json:
        print(json_of(view))
    else:
        _print([view])


def _print(views: "Sequence[LimitView]") -> None:
    for view in views:
        much = "no limit" if view.per_second is None else f"{view.per_second:g} {view.rate_unit}/s"
        by = "a person" if view.said_by == "person" else f"its {view.said_by}"
        print(f"{view.gateway}: {much}, said by {by}")
