"""Templates: words with typed placeholders, and nothing that computes.

A template is parts and names. A value is put in and never read again, so braces, code or
another placeholder inside it stay the characters they are.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from notifier.domain.events import CaseEvent, Language, Value
from notifier.domain.placeholders import (
    PLACEHOLDERS,
    REQUIRED_BY_TYPE,
    Kind,
    Placeholder,
    format_value,
)
from notifier.domain.text import GSM7_SINGLE, analyse, clean, toneless

_BRACES = re.compile(r"\{([^{}]*)\}|([{}])")
_LINK = re.compile(r"(?i)\b(?:https?://|www\.)|\b[a-z0-9-]+\.(?:vn|com|net|org|gov|info|me|ly)\b")
# Operators are known to refuse these (facts on VinaPhone's and brandname resellers' rules).
REFUSED_CHARACTERS = frozenset("%#&[]{}\\<@")


class Form(StrEnum):
    """How Vietnamese is written in an SMS; never half of each."""

    TONELESS = "toneless"
    ACCENTED = "accented"


class TemplateError(ValueError):
    """A template that cannot be used; `position` is where, counted in characters from 0."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.position = position


class MissingValue(Exception):
    """Values that a template needs, that are missing or too long, and have no default."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(", ".join(names))
        self.names = names


@dataclass(frozen=True, slots=True)
class Template:
    """Literal parts with a placeholder after each but the last."""

    literals: tuple[str, ...]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OfficeConstants:
    """What an office says of itself in its templates."""

    name: str
    phone: str
    reply_number: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """A text ready to be sent, and the placeholders whose default stood in."""

    text: str = field(repr=False)
    used_default: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a template's words."""

    code: str
    message: str


def parse(text: str) -> Template:
    """Read a template. Raises `TemplateError` for an unknown name or a brace without its pair."""
    literals, names, at = [], [], 0
    text = clean(text)
    for found in _BRACES.finditer(text):
        if found[2]:
            raise TemplateError(f"a lone {found[2]}", found.start())
        if found[1] not in PLACEHOLDERS:
            raise TemplateError(f"there is no placeholder {{{found[1]}}}", found.start())
        literals.append(text[at : found.start()])
        names.append(found[1])
        at = found.end()
    return Template((*literals, text[at:]), tuple(names))


def fill(template: Template, values: Mapping[str, str]) -> str:
    """The template with every placeholder's written value in its place."""
    parts: list[str] = []
    for literal, name in zip(template.literals, template.names, strict=False):
        parts += (literal, values[name])
    return "".join((*parts, template.literals[-1]))


def render_message(
    template: Template,
    *,
    office: OfficeConstants,
    event: CaseEvent,
    language: Language,
    form: Form,
    labels: Mapping[str, str] | None = None,
) -> Rendered:
    """The text of an event's message. Raises `MissingValue`."""
    raw = _raw_values(office, event, labels or {})
    required = REQUIRED_BY_TYPE.get(event.type, ())
    values: dict[str, str] = {}
    defaults, missing = [], []
    for name in dict.fromkeys(template.names):
        placeholder = PLACEHOLDERS[name]
        written = format_value(placeholder, raw.get(name), language)
        if written is None and language in placeholder.default and name not in required:
            written = placeholder.default[language]
            defaults.append(name)
        if written is None:
            missing.append(name)
        else:
            values[name] = written
    if missing:
        raise MissingValue(tuple(missing))
    text = fill(template, values)
    if language is Language.EN or form is Form.TONELESS:
        text = toneless(text)
    return Rendered(text, tuple(defaults))


def _raw_values(
    office: OfficeConstants, event: CaseEvent, labels: Mapping[str, str]
) -> dict[str, Value | datetime | None]:
    return {
        **event.data,
        "don_vi": office.name,
        "so_dien_thoai": office.phone,
        "dau_so": office.reply_number,
        "ma_ho_so": event.case.code,
        "ngay_hen": event.case.due_at,
        "trang_thai": labels.get(event.type),
    }


def longest(template: Template, language: Language) -> str:
    """The template with every value at its maximum."""
    return fill(
        template, {name: _longest_value(PLACEHOLDERS[name], language) for name in template.names}
    )


def _longest_value(placeholder: Placeholder, language: Language) -> str:
    maximum = placeholder.maximum[language]
    if placeholder.kind is Kind.TEXT and language is Language.VI:
        return "ệ" * maximum
    return "W" * maximum


def check(text: str, language: Language) -> list[Problem]:
    """What a person should mend before the words are used."""
    try:
        template = parse(text)
    except TemplateError as problem:
        return [Problem("syntax", f"{problem} at character {problem.position + 1}")]
    problems = []
    plain = analyse(toneless(longest(template, language)))
    if plain.forcing:
        problems.append(Problem("characters", f"no SMS alphabet has {' '.join(plain.forcing)}"))
    elif plain.units > GSM7_SINGLE:
        over = plain.units - GSM7_SINGLE
        problems.append(Problem("length", f"{over} characters too long for one SMS"))
    if refused := sorted(REFUSED_CHARACTERS.intersection("".join(template.literals))):
        problems.append(Problem("refused", f"operators refuse {' '.join(refused)}"))
    if _LINK.search("".join(template.literals)):
        problems.append(Problem("link", "links are not allowed in messages"))
    problems.extend(
        Problem("missing", f"{{{name}}} is missing")
        for name in ("don_vi", "ma_ho_so")
        if name not in template.names
    )
    return problems
