"""A gateways file to begin with, written from what each adapter declares."""

from collections.abc import Sequence

from config.gateways import COMMON_OPTIONS, Option, variable
from gateways import registry
from gateways.adapter import Adapter

_HEAD = """\
# The gateways of this installation; BAOTIN_GATEWAYS_FILE names this file, and every process reads
# it at its start. A secret never stands here: { env = "VARIABLE" } or { file = "PATH" } says where
# it is. A gateway has a name of its own; `adapter` says which provider it is, so that one provider
# can have several accounts."""
_UNSET = "…"


def write(names: Sequence[str]) -> str:
    """The file for these adapters, in the order in which they are tried."""
    route = ", ".join(f'"{name}"' for name in names)
    return "\n\n".join([_HEAD, f"route = [{route}]", *map(table, names)]) + "\n"


def table(name: str) -> str:
    """One adapter's table: what it needs, and what may be left out behind a #."""
    adapter = registry.adapter(name)
    needed = [one for one in adapter.options if one.required]
    others = [one for one in adapter.options if not one.required]
    lines = [f"[gateways.{name}]", f'adapter = "{name}"']
    if not adapter.base_url:
        lines += [f"# {_option('base_url').help}", f'base_url = "{_UNSET}"']
    for one in needed:
        lines += _lines(name, one, "")
    for one in (*others, *COMMON_OPTIONS):
        if one.name != "base_url" or adapter.base_url:
            lines += _lines(name, one, "# ", _default(one, adapter))
    return "\n".join(lines)


def _option(name: str) -> Option:
    return next(one for one in COMMON_OPTIONS if one.name == name)


def _default(option: Option, adapter: Adapter) -> str:
    return adapter.base_url if option.name == "base_url" else option.default


def _lines(gateway: str, option: Option, off: str, default: str = "") -> list[str]:
    value = f'"{default or option.default or _UNSET}"'
    if option.secret:
        value = f'{{ env = "{variable(gateway, option.name)}" }}'
    return [f"# {option.help}", f"{off}{option.name} = {value}"]
