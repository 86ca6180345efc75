"""What an office may be called and say of itself: the rules of its entry in a file.

The maxima are the words' (`domain/placeholders.py`): a text whose office constants keep to them
stays one SMS. A sender is a brandname as operators register it: at most 11 Latin letters, digits,
`-`, `_`, `.` and spaces, not digits alone.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from notifier.domain.calendar import read_spans, read_weekdays, tell_spans, tell_weekdays
from notifier.domain.events import Language
from notifier.domain.placeholders import PHONE, PLACEHOLDERS
from notifier.domain.templates import Form
from notifier.domain.text import Encoding, analyse, clean, toneless
from notifier.domain.unsendable import refused_in

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_YES_NO: Mapping[str, bool | None] = MappingProxyType({"yes": True, "no": False, "": None})
_SHORT_NUMBER = re.compile(r"[0-9]{3,}")
_SENDER = re.compile(r"[A-Za-z0-9._-](?:[A-Za-z0-9._ -]{0,9}[A-Za-z0-9._-])?")


class BadOffice(Exception):
    """An entry that cannot be used: by field, what it must be."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {said}" for name, said in problems.items()))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class OfficeEntry:
    """An office as a file gives it: its code, and by column of its tables what the file says.

    A column that the file does not have is not in `values`: it stays as it is.
    """

    id: str
    values: Mapping[str, Any]


def read(row: Mapping[str, str]) -> OfficeEntry:
    """The entry in a row of a file, by the file's own field names. Raises `BadOffice`."""
    problems = {name: f"there is no such field: {known()}" for name in row if name not in _FIELDS}
    values: dict[str, Any] = {}
    for name, (column, parse) in _FIELDS.items():
        if name not in row:
            continue
        try:
            values[column] = parse(clean(row[name]).strip())
        except ValueError as problem:
            problems[name] = str(problem)
    opens, closes = values.get("valid_from"), values.get("valid_to")
    if opens and closes and closes < opens:
        problems["valid_to"] = "lies before valid_from"
    if "id" not in values and "id" not in problems:
        problems["id"] = "is missing"
    if problems:
        raise BadOffice(problems)
    return OfficeEntry(values.pop("id"), MappingProxyType(values))


def known() -> str:
    """The names of the fields, for people."""
    return "the fields are " + ", ".join(_FIELDS)


def code(text: str) -> str:
    """The code of an office or a source. Raises `ValueError`."""
    if not _CODE.fullmatch(text):
        raise ValueError("takes 1 to 64 letters, digits, dots, - and _, such as lai-thieu")
    return text


def _parent(text: str) -> str | None:
    return code(text) if text else None


def _name(text: str) -> str:
    most, plain = _most("don_vi"), toneless(text)
    if not text or len(text) > most:
        raise ValueError(
            f"takes 1 to {most} characters, this has {len(text)}: shorten it, as UBND P.Lái Thiêu"
        )
    if refused := refused_in(plain):
        raise ValueError(f"holds {' '.join(refused)}, which operators refuse in an SMS")
    if analyse(plain).encoding is not Encoding.GSM7:
        raise ValueError("holds a character that a plain SMS cannot carry")
    return text


def _phone(text: str) -> str:
    most = _most("so_dien_thoai")
    if not PHONE.fullmatch(text) or len(text) > most:
        raise ValueError(f"takes a number that citizens can call, at most {most} characters")
    return text


def _reply_number(text: str) -> str:
    most = _most("dau_so")
    if text and (not _SHORT_NUMBER.fullmatch(text) or len(text) > most):
        raise ValueError(f"takes 3 to {most} digits, or nothing where citizens cannot answer")
    return text


def _sender(text: str) -> str:
    if text and (not _SENDER.fullmatch(text) or text.isdecimal()):
        raise ValueError(
            "takes a brandname: at most 11 Latin letters, digits, - _ . and spaces, not digits"
            " alone; or nothing for the gateway's own number"
        )
    return text


def _form(text: str) -> str:
    if text and text not in set(Form):
        raise ValueError("takes toneless or accented")
    return text or Form.TONELESS


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("takes a date such as 2025-07-01") from None


def _sending(text: str) -> str | None:
    spans = read_spans(text) if text else ()
    if len(spans) > 1:
        raise ValueError("takes one span a day, such as 07:00-21:00")
    return tell_spans(spans) or None


def _working(text: str) -> str | None:
    return tell_spans(read_spans(text)) if text else None


def _weekdays(text: str) -> str | None:
    return tell_weekdays(read_weekdays(text)) if text else None


def _holidays_close(text: str) -> bool | None:
    if text not in _YES_NO:
        raise ValueError("takes yes or no, or nothing where the parent says it")
    return _YES_NO[text]


def _most(placeholder: str) -> int:
    return PLACEHOLDERS[placeholder].maximum[Language.VI]


_FIELDS: Mapping[str, tuple[str, Callable[[str], Any]]] = MappingProxyType(
    {
        "id": ("id", code),
        "parent": ("parent_id", _parent),
        "name": ("name", _name),
        "phone": ("phone", _phone),
        "reply_number": ("reply_number", _reply_number),
        "sender": ("sender", _sender),
        "form": ("vietnamese_form", _form),
        "valid_from": ("valid_from", _day),
        "valid_to": ("valid_to", _day),
        "sending_hours": ("sending_hours", _sending),
        "office_hours": ("office_hours", _working),
        "weekdays": ("weekdays", _weekdays),
        "holidays_close": ("holidays_close_sending", _holidays_close),
    }
)
FIELDS = tuple(_FIELDS)
# Of these an office has columns in its calendar; empty: its parent says.
CALENDAR_COLUMNS = frozenset(
    {"sending_hours", "office_hours", "weekdays", "holidays_close_sending"}
)
NEEDED_WHEN_NEW = frozenset({"name", "phone"})
FIELD_OF = MappingProxyType({column: name for name, (column, _) in _FIELDS.items()})
