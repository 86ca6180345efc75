"""The adapters, as their entry points name them, and the options that each declares."""

import inspect
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points

from config.gateways import variable
from gateways import example, registry
from notifier.reference.markdown import code, join, table

_INTRODUCTION = """\
`BAOTIN_GATEWAY` names the gateways in use, by adapter, in the order in which they are tried. What
a provider can do, and what a time-out means there, is on each one's page."""
_COMMON = """\
What all of them take is in [the settings](settings.md): `BAOTIN_ADAPTER_…`. A secret comes from the
environment or a file of its own and is never shown. Instead of variables, a gateways file may
describe them ([how](../gateways/README.md#one-file-for-all-gateways)): each section below ends with
its table, as `baotin gateways example` prints it."""


def page() -> str:
    """Every adapter with its first line, its page and its options."""
    points = sorted(entry_points(group=registry.GROUP), key=lambda point: point.name)
    rows = [[f"[{point.name}](../gateways/{point.name}.md)", _told(point)] for point in points]
    return join(
        _INTRODUCTION,
        table(("gateway", "what it is"), rows),
        _COMMON,
        *(_options(point.name) for point in points),
    )


def _told(point: EntryPoint) -> str:
    return inspect.cleandoc(import_module(point.module).__doc__ or "").partition("\n")[0]


def _options(name: str) -> str:
    adapter = registry.adapter(name)
    rows = [
        [
            code(variable(name, option.name)),
            "needed" if option.required else code(option.default),
            option.help + (" (a secret)" if option.secret else ""),
        ]
        for option in adapter.options
    ]
    address = f"Its address, unless set: {code(adapter.base_url)}." if adapter.base_url else ""
    return join(
        f"## {name}",
        table(("variable", "unless set", "what it is"), rows),
        address,
        f"```toml\n{example.table(name)}\n```",
    )
