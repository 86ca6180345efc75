"""Finds adapters through the `baotin.gateways` entry points: one outside this package too."""

from collections.abc import Callable, Sequence
from importlib.metadata import entry_points

from config.gateways import GatewaySettings
from gateways.base import Gateway
from gateways.http import HttpCaller
from notifier.domain.clock import Clock

GROUP = "baotin.gateways"

Builder = Callable[..., Gateway]


class GatewayConfigError(ValueError):
    """A gateway cannot be set up; the text names the setting."""


def load(
    settings: Sequence[GatewaySettings], *, caller: HttpCaller, clock: Clock
) -> dict[str, Gateway]:
    """The adapters of these gateways. Raises `GatewayConfigError`."""
    known = {point.name: point for point in entry_points(group=GROUP)}
    loaded: dict[str, Gateway] = {}
    for one in settings:
        if one.name not in known:
            names = ", ".join(sorted(known))
            raise GatewayConfigError(
                f"BAOTIN_GATEWAY names {one.name}, which is no adapter; there are {names}"
            )
        build: Builder = known[one.name].load()
        loaded[one.name] = build(one, caller=caller, clock=clock)
    return loaded


def option(settings: GatewaySettings, name: str, default: str | None = None) -> str:
    """An adapter's own option. Raises `GatewayConfigError` naming its variable."""
    value = settings.options.get(name) or default
    if value is None:
        variable = f"BAOTIN_{settings.name.upper()}_{name.upper()}"
        raise GatewayConfigError(f"{variable} is not set; the {settings.name} gateway needs it")
    return value
