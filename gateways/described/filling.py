"""Values put into the words of a description: `{phone_84}`, `{text}`, `{secret}`.

A text that is one placeholder and nothing else keeps the value's type, so that JSON may carry
numbers, lists and tables; any other becomes text.
"""

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from gateways.adapter import attempt_in_path, national, without_plus
from gateways.base import OutboundSms
from gateways.described.reading import Table

Values = Mapping[str, Any]
Escape = Callable[[str], str]

PLACEHOLDER = re.compile(r"\{(\w+)\}")
ACCOUNT = frozenset({"base_url", "user", "secret", "secret_2"})
MESSAGE = frozenset(
    {
        *("reference", "phone", "phone_84", "phone_0", "sender", "text", "text_base64"),
        *("callback_url", "callback_path", "template_id", "parameters", "parameter_values"),
    }
)


def names_in(value: object) -> Iterator[str]:
    """The placeholders anywhere in a text, list or table."""
    match value:
        case str():
            yield from PLACEHOLDER.findall(value)
        case list() | tuple():
            for one in value:
                yield from names_in(one)
        case dict():
            for one in value.values():
                yield from names_in(one)


def check(table: Table, key: str, value: object, known: frozenset[str]) -> None:
    """Hold a key's placeholders to those that there are."""
    for name in names_in(value):
        if name not in known:
            table.fail(key, f"names {{{name}}}; there are {', '.join(sorted(known))}")


def fill(text: str, values: Values, escape: Escape = str) -> str:
    """The text with its values."""
    return PLACEHOLDER.sub(lambda found: escape(str(values[found[1]])), text)


def fill_all(value: object, values: Values) -> object:
    """The same for a whole list or table; a lone placeholder keeps its value's type."""
    match value:
        case str():
            lone = PLACEHOLDER.fullmatch(value)
            return values[lone[1]] if lone else fill(value, values)
        case list():
            return [fill_all(one, values) for one in value]
        case dict():
            return {key: fill_all(one, values) for key, one in value.items()}
    return value


def of_message(sms: OutboundSms, sender: str) -> dict[str, Any]:
    """What a message brings."""
    parameters = sms.template.parameters if sms.template else ()
    return {
        "reference": sms.reference,
        "phone": sms.to,
        "phone_84": without_plus(sms.to),
        "phone_0": national(sms.to),
        "sender": sms.sender or sender,
        "text": sms.text,
        "text_base64": base64.b64encode(sms.text.encode()).decode(),
        "callback_url": sms.callback_url or "",
        "callback_path": attempt_in_path(sms.callback_url) if sms.callback_url else "",
        "template_id": sms.template.provider_id if sms.template else "",
        "parameters": {one.name: one.value for one in parameters},
        "parameter_values": [one.value for one in parameters],
    }
