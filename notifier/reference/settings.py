"""The settings, from the one typed object that reads them."""

from dataclasses import fields

from config.gateways import COMMON_OPTIONS, variable
from config.settings import Settings
from notifier.reference.markdown import code, join, table

_INTRODUCTION = """\
All settings come from the environment. A wrong or missing one stops the start with one line that
names it (exit code 2). `baotin up` sets what the demo needs by itself: keys, tokens, addresses."""

_GATEWAYS = """\
## Of each gateway

`ADAPTER` is the gateway's name in capital letters, such as `TWILIO`. What only one adapter knows
(credentials, sender) is on [its page](gateways.md)."""


def page() -> str:
    """Every variable with its default and what it takes."""
    rows = [
        [
            code(spec.metadata["env"]),
            code(spec.metadata["default"]),
            _sentence(spec.metadata["help"]),
        ]
        for spec in fields(Settings)
        if "env" in spec.metadata
    ]
    common = [
        [code(variable("adapter", one.name)), code(one.default), _sentence(one.help)]
        for one in COMMON_OPTIONS
    ]
    head = ("variable", "unless set", "what it is")
    return join(_INTRODUCTION, table(head, rows), _GATEWAYS, table(head, common))


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "." if text[:1] != "`" else text + "."
