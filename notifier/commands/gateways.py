"""`baotin gateways`."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from notifier.commands import gateway_templates
from notifier.commands.failing import Failed
from notifier.commands.wired import wired

if TYPE_CHECKING:
    from notifier.services.pauses import GatewayView


@click.group()
def command() -> None:
    """See, pause and resume the gateways in use.

    Example: baotin gateways list
    """


command.add_command(gateway_templates.group)


@command.command("list")
@click.option("--json", "as_json", is_flag=True)
def list_(as_json: bool) -> None:
    """The gateways in the order in which they are tried, and which of them are paused.

    Example: baotin gateways list
    """
    from notifier.services import pauses

    with wired() as wiring:
        _print(pauses.list_gateways(wiring=wiring), as_json)


@command.command()
@click.argument("names", nargs=-1)
def example(names: tuple[str, ...]) -> None:
    """Print a gateways file (BAOTIN_GATEWAYS_FILE) to fill in, for the adapters NAMES or for all.

    Example: baotin gateways example esms vnpt > gateways.toml
    """
    from gateways import example, registry
    from gateways.adapter import GatewayConfigError

    try:
        print(example.write(names or [n for n in registry.names() if n != "simulator"]), end="")
    except GatewayConfigError:
        told = ", ".join(registry.names())
        raise Failed(f"{', '.join(names)}: no such adapter; there are {told}") from None


@command.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True)
def pause(name: str, as_json: bool) -> None:
    """Use the gateway NAME no more until it is resumed; its messages go elsewhere or wait.

    Example: baotin gateways pause twilio
    """
    from notifier.services import pauses
    from notifier.services.views import NotFound

    with wired() as wiring:
        try:
            _print([pauses.pause(name, by=None, wiring=wiring)], as_json)
        except NotFound as problem:
            raise Failed(str(problem)) from None


@command.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True)
def resume(name: str, as_json: bool) -> None:
    """Use the gateway NAME again: once what paused it (credentials, balance) is mended.

    Example: baotin gateways resume twilio
    """
    from notifier.services import pauses
    from notifier.services.views import NotFound

    with wired() as wiring:
        try:
            _print([pauses.resume(name, by=None, wiring=wiring)], as_json)
        except NotFound as problem:
            raise Failed(str(problem)) from None


def _print(views: Sequence["GatewayView"], as_json: bool) -> None:
    if as_json:
        from notifier.api.schemas import GatewaysSchema

        print(json.dumps(GatewaysSchema().dump({"gateways": views}), ensure_ascii=False))
        return
    for view in views:
        if view.paused_at is None:
            print(f"{view.name}: in use")
        else:
            print(f"{view.name}: paused since {view.paused_at.isoformat()} ({view.reason})")
