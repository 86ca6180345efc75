"""Placeholders: what may stand in a template, and how a value is written into it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType

from notifier.domain.calendar import local
from notifier.domain.clock import read_instant
from notifier.domain.events import CaseEvent, EventType, Language, Value
from notifier.domain.text import analyse, clean, toneless
from notifier.domain.unsendable import NO_HOSTS, has_link, is_sendable

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
PHONE = re.compile(r"\+?[0-9](?:[ .]?[0-9]){2,14}")  # as people write one to call
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class Kind(StrEnum):
    TEXT = "text"
    DATE = "date"
    MONEY = "money"
    CODE = "code"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A name, what it takes, and the most septets its value may have, by language.

    A constant is the office's own: it is filled in before providers register the words.
    """

    name: str
    kind: Kind
    maximum: Mapping[Language, int]
    default: Mapping[Language, str]
    constant: bool


def _placeholder(
    name: str,
    kind: Kind,
    maximum: int,
    *,
    english_maximum: int | None = None,
    default: tuple[str, str] | None = None,
    constant: bool = False,
) -> Placeholder:
    defaults = {Language.VI: default[0], Language.EN: default[1]} if default else {}
    longest = {Language.VI: maximum, Language.EN: english_maximum or maximum}
    return Placeholder(name, kind, MappingProxyType(longest), MappingProxyType(defaults), constant)


PLACEHOLDERS: Mapping[str, Placeholder] = MappingProxyType(
    {
        one.name: one
        for one in (
            _placeholder("don_vi", Kind.TEXT, 22, constant=True),
            _placeholder("so_dien_thoai", Kind.PHONE, 12, constant=True),
            _placeholder("dau_so", Kind.PHONE, 10, constant=True),
            _placeholder("ma_ho_so", Kind.CODE, 28),
            _placeholder("ma_buu_gui", Kind.CODE, 16),
            _placeholder("so_phan_anh", Kind.CODE, 14),
            _placeholder("ngay_hen", Kind.DATE, 10, english_maximum=11),
            _placeholder("ngay_hen_moi", Kind.DATE, 10, english_maximum=11),
            _placeholder("han_tra_loi", Kind.DATE, 10, english_maximum=11),
            _placeholder("le_phi", Kind.MONEY, 14, english_maximum=17),
            _placeholder(
                "ly_do", Kind.TEXT, 24, default=("xem văn bản thông báo", "see the written notice")
            ),
            _placeholder(
                "noi_nhan", Kind.TEXT, 18, default=("Bộ phận Một cửa", "the one-stop desk")
            ),
            _placeholder("trang_thai", Kind.TEXT, 24),
        )
    }
)

# A reason and a new date are the law's (an apology must name them): no default stands in.
REQUIRED_BY_TYPE: Mapping[EventType, tuple[str, ...]] = MappingProxyType(
    {EventType.EXTENDED: ("ly_do", "ngay_hen_moi")}
)


def format_value(
    placeholder: Placeholder,
    raw: Value | datetime | None,
    language: Language,
    links: frozenset[str] = NO_HOSTS,
) -> str | None:
    """The value as it stands in the SMS; none if it is missing, unreadable, too long, or holds a
    character that no operator takes or a link, unless to one of the hosts in `links`.

    A case code is the one value that is sent whole, whatever its length: it is what the citizen
    looks up, and a second segment costs less than a wrong code. A link it may not be either.
    """
    match placeholder.kind:
        case Kind.DATE:
            day = read_date(raw)
            return _date(day, language) if day else None
        case Kind.MONEY:
            written = _money(raw, language)
        case Kind.PHONE:
            written = _phone(raw)
        case Kind.TEXT | Kind.CODE:
            written = _words(raw)
    if not written:
        return None
    if placeholder.name == "ma_ho_so":
        return None if has_link(written, links) else written
    if _septets(written) > placeholder.maximum[language]:
        return None
    free = not placeholder.constant and placeholder.kind in {Kind.TEXT, Kind.CODE}
    return None if free and not is_sendable(written, links) else written


def _septets(written: str) -> int:
    """What a value takes at the most, in either form: some characters count twice, and some are
    longer in their toneless form.
    """
    return max(len(written), analyse(toneless(written)).units)


def read_date(raw: Value | datetime | None) -> date | None:
    """A day from an RFC 3339 date or date-time; an instant counts by Vietnam's clock."""
    if isinstance(raw, datetime):
        return local(raw).date()
    if not isinstance(raw, str):
        return None
    try:
        if _DATE.fullmatch(raw):
            return date.fromisoformat(raw)
        return local(read_instant(raw)).date()
    except ValueError:
        return None


def _date(day: date, language: Language) -> str:
    if language is Language.VI:
        return f"{day.day:02}/{day.month:02}/{day.year:04}"
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year:04}"


def _money(raw: Value | datetime | None, language: Language) -> str | None:
    if isinstance(raw, bool) or not isinstance(raw, int | float) or raw < 0 or raw != int(raw):
        return None
    grouped = f"{int(raw):,}"
    return f"{grouped.replace(',', '.')}đ" if language is Language.VI else f"VND {grouped}"


def _phone(raw: Value | datetime | None) -> str | None:
    written = _words(raw)
    return written if written and PHONE.fullmatch(written) else None


def _words(raw: Value | datetime | None) -> str | None:
    if isinstance(raw, bool) or not isinstance(raw, str | int):
        return None
    return " ".join(clean(str(raw)).split())


@dataclass(frozen=True, slots=True)
class MissingField:
    """What an event's type requires and the event lacks."""

    path: str
    code: str
    message: str


def missing_for_type(event: CaseEvent) -> list[MissingField]:
    """What the type itself requires of `data` (the design: `extended` needs reason and date)."""
    missing = []
    for name in REQUIRED_BY_TYPE.get(event.type, ()):
        raw, path = event.data.get(name), f"data.{name}"
        if raw is None or (isinstance(raw, str) and not raw.strip()):
            missing.append(MissingField(path, "required", f"{event.type} needs {name}."))
        elif PLACEHOLDERS[name].kind is Kind.DATE and read_date(raw) is None:
            problem = f"{name} takes a date such as 2026-11-25."
            missing.append(MissingField(path, "invalid_date", problem))
        elif PLACEHOLDERS[name].kind is Kind.TEXT and not isinstance(raw, str):
            missing.append(MissingField(path, "invalid", f"{name} takes text."))
    return missing
