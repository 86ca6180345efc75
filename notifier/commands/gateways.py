"""`baotin gateways`."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from notifier.commands import gateway_templates
from notifier.commands.failing import Failed
from notifier.commands.printing import json_of
from notifier.commands.wired import wired

if TYPE_CHECKING:
    from notifier.services.gateway_checks import CheckView
    from notifier.services.pauses import GatewayView


@click.group()
def command() -> None:
    """See, try, pause and resume the gateways in use.

    Example: baotin gateways list
    """


command.add_command(gateway_templates.group)


@command.command("list")
@click.option("--json", "as_json", is_flag=True)
def list_(as_json: bool) -> None:
    """The gateways in the order in which they are tried, and which of them are paused.

    Then the processes that run with other settings than the gateways file has now.

    Example: baotin gateways list
    """
    from notifier.services import pauses, restarts

    with wired() as wiring:
        views, outdated = pauses.list_gateways(wiring=wiring), restarts.outdated(wiring=wiring)
    if as_json:
        from notifier.api.schemas import GatewaysSchema

        told = GatewaysSchema().dump({"gateways": views, "outdated": outdated})
        print(json.dumps(told, ensure_ascii=False))
        return
    _print(views)
    for process in outdated or []:
        print(f"restart needed: {process} than the file now")


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
            _show(pauses.pause(name, by=None, wiring=wiring), as_json)
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
            _show(pauses.resume(name, by=None, wiring=wiring), as_json)
        except NotFound as problem:
            raise Failed(str(problem)) from None


@command.command()
@click.argument("names", nargs=-1)
@click.option("--json", "as_json", is_flag=True)
def check(names: tuple[str, ...], as_json: bool) -> None:
    """Ask the providers of NAMES, or of all gateways in use, whether they take our credentials.

    Nothing is sent. Fails if one refuses them.

    Example: baotin gateways check esms
    """
    from notifier.services import gateway_checks

    _ask(gateway_checks.check, names, as_json)


@command.command()
@click.argument("names", nargs=-1)
@click.option("--json", "as_json", is_flag=True)
def balance(names: tuple[str, ...], as_json: bool) -> None:
    """What is left on the accounts of NAMES, or of all gateways in use.

    Example: baotin gateways balance
    """
    from notifier.services import gateway_checks

    _ask(gateway_checks.balance, names, as_json)


def _ask(question: Callable[..., "CheckView"], names: tuple[str, ...], as_json: bool) -> None:
    from notifier.services.views import NotFound

    with wired() as wiring:
        try:
            views = [
                question(name, by=None, wiring=wiring) for name in names or wiring.accounts.route
            ]
        except NotFound as problem:
            raise Failed(str(problem)) from None
    if as_json:
        print(json_of({"gateways": [_plain(view) for view in views]}))
    else:
        for view in views:
            print(_line(view))
    if any(view.works is False for view in views):
        raise Failed("a provider refuses our credentials")


def _plain(view: "CheckView") -> dict[str, object]:
    left = None if view.balance is None else str(view.balance)
    return {**asdict(view), "balance": left}


def _line(view: "CheckView") -> str:
    if view.balance is not None:
        return f"{view.gateway}: takes our credentials; balance {view.balance} {view.currency}"
    match view.works:
        case True:
            return f"{view.gateway}: takes our credentials"
        case False:
            return f"{view.gateway}: refuses our credentials ({view.said})"
        case None if view.said == "only_by_sending":
            return f"{view.gateway}: can be tried by sending alone: baotin gateways send-test"
        case None if view.said == "not_told":
            return f"{view.gateway}: this provider tells no balance"
        case None:
            return f"{view.gateway}: could not be asked ({view.said})"


@command.command("send-test")
@click.argument("name")
@click.argument("phone")
@click.option("--text", help="The words; a sentence of ours if left out.")
@click.option("--office", default="", help="Whose sender it has; the first office's if left out.")
@click.option("--json", "as_json", is_flag=True)
def send_test(name: str, phone: str, text: str | None, office: str, as_json: bool) -> None:
    """Send one SMS to PHONE through the gateway NAME, past all messages, and say its outcome.

    Where the provider takes registered templates alone, its first approved one goes, with sample
    values.

    Example: baotin gateways send-test esms 0912345678
    """
    from notifier.domain.states import Outcome
    from notifier.services import gateway_checks
    from notifier.services.views import BadFields, NotFound

    with wired() as wiring:
        try:
            view = gateway_checks.send_test(
                name, phone, text or gateway_checks.TEST_TEXT, office, by=None, wiring=wiring
            )
        except (BadFields, NotFound) as problem:
            raise Failed(str(problem)) from None
    if as_json:
        print(json_of(view))
    else:
        code = f" ({view.code})" if view.code else ""
        known = f" as {view.provider_id}" if view.provider_id else ""
        print(f"{view.gateway}: {view.outcome}{known}{code}, to {view.to}, ours {view.reference}")
    if view.outcome is not Outcome.ACCEPTED:
        raise Failed(f"the test SMS was not accepted: {view.outcome}")


def _show(view: "GatewayView", as_json: bool) -> None:
    if as_json:
        from notifier.api.schemas import GatewaySchema

        print(json.dumps({"gateways": [GatewaySchema().dump(view)]}, ensure_ascii=False))
    else:
        _print([view])


def _print(views: Sequence["GatewayView"]) -> None:
    for view in views:
        made = "" if view.adapter == view.name else f" ({view.adapter})"
        if view.paused_at is None and view.failing:
            print(f"{view.name}{made}: failing, left alone until it answers again")
        elif view.paused_at is None:
            print(f"{view.name}{made}: in use")
        else:
            print(f"{view.name}{made}: paused since {view.paused_at.isoformat()} ({view.reason})")
