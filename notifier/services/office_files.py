"""Files of offices: CSV as spreadsheets save it, or JSON; each row with the line it stands on."""

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_DELIMITERS = (",", ";", "\t")


class UnreadableFile(Exception):
    """The file as a whole is no list of offices; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Row:
    """One office as written: `place` is where, for people (`line 3`, `office 3`)."""

    place: str
    fields: Mapping[str, str]


def read(content: bytes) -> list[Row]:
    """The rows of a file, in order. Raises `UnreadableFile`."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableFile(
            "it is not UTF-8: save it as CSV UTF-8 (Excel: Save as, CSV UTF-8)"
        ) from None
    rows = _json(text) if text.lstrip()[:1] in {"[", "{"} else _csv(text)
    if not rows:
        raise UnreadableFile("it holds no office")
    return rows


def _csv(text: str) -> list[Row]:
    first = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)  # spreadsheets write ; where , is a decimal mark
    try:
        reader = csv.DictReader(
            io.StringIO(text), delimiter=delimiter, restkey="", restval="", strict=True
        )
        names = reader.fieldnames or []
        if len(set(names)) != len(names):
            raise UnreadableFile("its first line names a field twice")
        rows = []
        for row in reader:
            if "" in row and any(row[""]):
                raise UnreadableFile(f"line {reader.line_num} has more fields than the first line")
            fields = {name: value for name, value in row.items() if name}
            if any(value.strip() for value in fields.values()):
                rows.append(Row(f"line {reader.line_num}", fields))
    except csv.Error as problem:
        raise UnreadableFile(f"line {reader.line_num} is no CSV: {problem}") from None
    return rows


def _json(text: str) -> list[Row]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise UnreadableFile(f"it is no JSON: {problem}") from None
    offices = value.get("offices") if isinstance(value, dict) else value
    if not isinstance(offices, list):
        raise UnreadableFile('it takes a list of offices, or {"offices": […]}')
    return [_object(f"office {number}", one) for number, one in enumerate(offices, 1)]


def _object(place: str, value: Any) -> Row:
    if not isinstance(value, dict):
        raise UnreadableFile(f"{place} is no object")
    for name, told in value.items():
        if told is not None and not isinstance(told, str):
            raise UnreadableFile(f"{place}: {name} takes a text or null")
    return Row(place, {name: told or "" for name, told in value.items()})
