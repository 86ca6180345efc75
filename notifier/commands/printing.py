"""What `--json` prints: the dataclass that the service answered."""

import json
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from typing import Any


def json_of(value: Any) -> str:
    """One line of JSON; a dataclass by its fields, times and days as RFC 3339."""
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(type(value).__name__)
