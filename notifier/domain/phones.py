"""Phones: from what people type to E.164, and whether an SMS can go there.

Numbering: the 2018 conversion of 11-digit mobile prefixes (in force since 15/9/2018, the last
seven digits kept; Ministry of Information and Communications, plan 798/QĐ-BTTTT), the rest from
the `phonenumbers` metadata. The operator is never derived: numbers are portable.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberType

_LONGEST = 64
_COUNTRY = 84

# Old 11-digit prefix (without the 0) → new one.
_CONVERTED = {
    "120": "70", "121": "79", "122": "77", "126": "76", "128": "78",
    "123": "83", "124": "84", "125": "85", "127": "81", "129": "82",
    "162": "32", "163": "33", "164": "34", "165": "35", "166": "36",
    "167": "37", "168": "38", "169": "39",
    "186": "56", "188": "58", "199": "59",
}  # fmt: skip
_OLD_MOBILE = re.compile(r"(?:\+84|0084|84|0)0?(1\d{2})(\d{7})")
_NUMBER_DIGITS = (8, 15)

_ANNOTATION = re.compile(r"\([^()]*[^\W\d_][^()]*\)|\[[^\[\]]*[^\W\d_][^\[\]]*\]")
_EXTENSION = re.compile(r"(?i)(?:\bext\.?|\bx|máy lẻ|may le|#)\s*\.?\s*\d{1,6}\s*$")
_BETWEEN_NUMBERS = re.compile(r"(?i)[/;,|\n]|\bhoặc\b|\bhoac\b|\bvà\b|\bor\b|\s[-–—]\s")
_LETTERS = re.compile(r"[^\W\d_]+")
_DRESSING = re.compile(r"[\s().\-–—_:'\"*]+")
_PLAIN = re.compile(r"\+?\d+")
_INVISIBLE_CATEGORIES = frozenset({"Cf", "Cc", "Mn"})


class PhoneType(StrEnum):
    MOBILE = "mobile"
    FIXED_LINE = "fixed_line"
    OTHER = "other"
    UNKNOWN = "unknown"


class Reason(StrEnum):
    """Why no SMS can go there."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    NOT_A_NUMBER = "not_a_number"
    SEVERAL_NUMBERS = "several_numbers"
    INVALID = "invalid"
    LANDLINE = "landline"
    NOT_VIETNAMESE = "not_vietnamese"
    NOT_MOBILE = "not_mobile"


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone as we understood it.

    `usable`: an SMS may go there, that is, a Vietnamese mobile. `converted_from`: the old
    11-digit number in E.164, where the input still had it.
    """

    e164: str | None = field(repr=False)
    type: PhoneType
    usable: bool
    reason: Reason | None
    converted_from: str | None = field(default=None, repr=False)


def parse(raw: str) -> Phone:
    """Read a number as people write it. Never raises: what cannot be read says why."""
    if len(raw) > _LONGEST:
        return _refused(Reason.TOO_LONG)
    text = _ascii_digits(raw).strip()
    if not text:
        return _refused(Reason.EMPTY)
    text = _EXTENSION.sub("", _ANNOTATION.sub(" ", text))
    parts = [part for part in _BETWEEN_NUMBERS.split(text) if _digits(part)]
    if not parts:
        return _refused(Reason.NOT_A_NUMBER)
    found = {_alone(part) for part in parts}
    if not any(phone.e164 for phone in found) and len(parts) > 1:
        # "0912345/678" is one number in odd dressing.
        return _alone(_BETWEEN_NUMBERS.sub("", text))
    if len(found) == 1:
        return found.pop()
    # Two numbers, or one and the rest of another: a choice that is not ours.
    return _refused(Reason.SEVERAL_NUMBERS)


def mask(e164: str) -> str:
    """The one mask: the first six characters and the last three, `+84912***678`.

    A number too short for that shows only its country code's first three characters.
    """
    shortest = 11
    if len(e164) < shortest:
        return f"{e164[:3]}***"
    return f"{e164[:6]}***{e164[-3:]}"


def _ascii_digits(raw: str) -> str:
    """Full-width and other digits as ASCII; characters that nobody sees removed."""
    if raw.isascii() and raw.isprintable():
        return raw
    kept = []
    for char in raw:
        if char in "\n\t":
            kept.append(char)
        elif unicodedata.category(char) in _INVISIBLE_CATEGORIES:
            continue
        elif (digit := unicodedata.digit(char, None)) is not None:
            kept.append(str(digit))
        else:
            kept.append("+" if char == "＋" else char)
    return "".join(kept)


def _digits(text: str) -> str:
    return "".join(char for char in text if char.isascii() and char.isdigit())


def _alone(text: str) -> Phone:
    """One number with its dressing and labels. Letters go first: they are names, not digits."""
    bare = _DRESSING.sub("", _LETTERS.sub(" ", text))
    if not _PLAIN.fullmatch(bare):
        return _refused(Reason.NOT_A_NUMBER)
    if not _NUMBER_DIGITS[0] <= len(bare.lstrip("+0")) <= _NUMBER_DIGITS[1]:
        return _refused(Reason.INVALID)
    old = _OLD_MOBILE.fullmatch(bare)
    converted_from = None
    if old and old[1] in _CONVERTED:
        converted_from = f"+{_COUNTRY}{old[1]}{old[2]}"
        bare = f"+{_COUNTRY}{_CONVERTED[old[1]]}{old[2]}"
    return _judged(bare, converted_from)


def _judged(bare: str, converted_from: str | None) -> Phone:
    for candidate in _readings(bare):
        try:
            number = phonenumbers.parse(candidate, "VN")
        except NumberParseException:
            continue
        kind = phonenumbers.number_type(number)
        if kind != PhoneNumberType.UNKNOWN:  # which is what makes a number valid
            break
    else:
        return _refused(Reason.INVALID)
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    phone_type = _TYPES.get(kind, PhoneType.OTHER)
    reason: Reason | None
    if number.country_code != _COUNTRY:
        reason = Reason.NOT_VIETNAMESE
    elif phone_type is PhoneType.FIXED_LINE:
        reason = Reason.LANDLINE
    elif phone_type is not PhoneType.MOBILE:
        reason = Reason.NOT_MOBILE
    else:
        reason = None
    return Phone(e164, phone_type, reason is None, reason, converted_from)


def _readings(bare: str) -> tuple[str, ...]:
    """The number as written; then as written abroad (00…); spreadsheets eat the leading zero."""
    if bare.startswith("00"):
        return (f"+{bare[2:]}", bare)
    if bare.startswith(("+", "0")):
        return (bare,)
    return (bare, f"0{bare}", f"+{bare}")


_TYPES = {
    PhoneNumberType.MOBILE: PhoneType.MOBILE,
    PhoneNumberType.FIXED_LINE: PhoneType.FIXED_LINE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE: PhoneType.MOBILE,
}


def _refused(reason: Reason) -> Phone:
    return Phone(None, PhoneType.UNKNOWN, False, reason)
