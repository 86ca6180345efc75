"""Finds adapters through the `baotin.gateways` entry points: one outside this package too."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib.metadata import EntryPoints, entry_points
from types import MappingProxyType

from config.gateways import COMMON_OPTIONS, GatewaySettings
from gateways.adapter import Adapter, GatewayConfigError, Tools
from gateways.base import Gateway

GROUP = "baotin.gateways"


@cache  # what is installed does not change under a running process
def _installed() -> EntryPoints:
    return entry_points(group=GROUP)


def names() -> tuple[str, ...]:
    """The adapters that are installed."""
    return tuple(sorted({point.name for point in _installed()}))


def adapter(name: str, place: str = "") -> Adapter:
    """An installed adapter. Raises `GatewayConfigError`, saying at which place it is named."""
    for point in _installed().select(name=name):
        found: Adapter = point.load()
        return found
    there = ", ".join(names())
    where = f"{place} adapter" if place else "BAOTIN_GATEWAY"
    raise GatewayConfigError(f"{where} names {name}, which is no adapter; there are {there}")


def load(settings: Sequence[GatewaySettings], tools: Tools) -> Mapping[str, Gateway]:
    """The gateways, by name. Raises `GatewayConfigError`."""
    loaded: dict[str, Gateway] = {}
    for one in settings:
        found = adapter(one.made_by, one.place)
        loaded[one.name] = found.build(complete(one, found), tools)
    return MappingProxyType(loaded)


def complete(settings: GatewaySettings, adapter: Adapter) -> GatewaySettings:
    """The settings with every declared option. Raises `GatewayConfigError` naming the wrong one."""
    declared = {option.name: option for option in adapter.options}
    for name in settings.options:
        if name not in declared:
            takes = ", ".join(sorted({*declared, *(option.name for option in COMMON_OPTIONS)}))
            raise GatewayConfigError(
                f"{settings.where(name)} is no option of {settings.made_by}; it takes {takes}"
            )
    for option in (*adapter.options, *COMMON_OPTIONS):
        if option.secret and option.name in settings.in_clear:
            raise GatewayConfigError(
                f"{settings.where(option.name)} is a secret, which does not belong into the file: "
                'write { env = "VARIABLE" } or { file = "PATH" }'
            )
    values = {name: settings.options.get(name) or declared[name].default for name in declared}
    for option in adapter.options:
        if option.required and not values[option.name]:
            where = settings.where(option.name)
            raise GatewayConfigError(f"{where} is not set: {settings.made_by} needs {option.help}")
    base_url = settings.base_url or adapter.base_url
    if not base_url:
        raise GatewayConfigError(
            f"{settings.where('base_url')} is not set: {settings.made_by} has no address of its own"
        )
    return replace(settings, base_url=base_url, options=MappingProxyType(values))
