"""Which pages there are, and the head that each has."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from notifier.reference import commands, events, gateways, messages, metrics, problems, settings
from notifier.reference.markdown import join

_HEAD = (
    "<!-- Written from the code by `make docs`; a change here is lost, and `make test` says when\n"
    "the page is stale. -->"
)

_PAGES: Mapping[str, tuple[str, Callable[[], str]]] = MappingProxyType(
    {
        "settings.md": ("Settings", settings.page),
        "commands.md": ("Commands", commands.page),
        "events.md": ("Events", events.page),
        "messages.md": ("Messages", messages.page),
        "problems.md": ("Problems", problems.page),
        "metrics.md": ("Metrics", metrics.page),
        "gateways.md": ("Gateways", gateways.page),
    }
)


def build() -> dict[str, str]:
    """Every page's text by file name."""
    return {
        name: join(_HEAD, f"# {title}", write()) + "\n" for name, (title, write) in _PAGES.items()
    }
