"""JSON bodies as strangers send them."""

import json
import re

_SURROGATE = re.compile(rb"\\u[dD]")


def read_json(body: bytes) -> object:
    """What the body says. Raises `ValueError` for whatever cannot be kept or answered.

    That is: no UTF-8, no JSON, an endless number, nesting without end, half a surrogate pair.
    """
    try:
        value = json.loads(body, parse_constant=_refuse)
        if _SURROGATE.search(body):
            json.dumps(value, ensure_ascii=False).encode()
    except RecursionError:
        raise ValueError("too deep") from None
    return value


def _refuse(constant: str) -> object:
    raise ValueError(constant)
