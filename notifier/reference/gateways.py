"""The adapters, as their entry points name them."""

import inspect
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points

from gateways.registry import GROUP
from notifier.reference.markdown import code, join, table

_INTRODUCTION = """\
`BAOTIN_GATEWAY` names the gateways in use, by adapter, in the order in which they are tried. What
each one needs is on its page."""


def page() -> str:
    """Every adapter with its first line and its page."""
    points = sorted(entry_points(group=GROUP), key=lambda point: point.name)
    rows = [[f"[{point.name}](../gateways/{point.name}.md)", _told(point)] for point in points]
    return join(_INTRODUCTION, table(("gateway", "what it is"), rows), _common())


def _told(point: EntryPoint) -> str:
    return inspect.cleandoc(import_module(point.module).__doc__ or "").partition("\n")[0]


def _common() -> str:
    return f"What all of them take is in [the settings](settings.md): {code('BAOTIN_ADAPTER_…')}."
