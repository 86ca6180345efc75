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
from notifier.domain.unsendable import ANY_VALUE, NO_HOSTS, has_link, links_in, refused_in

_BRACES = re.compile(r"\{([^{}]*)\}|([{}])")
_MOST_PARAMETERS = 3  # that operators register in a text, beside the office's constants
# What only an answer to a petition has.
OF_PETITIONS = frozenset({"so_phan_anh", "han_tra_loi"})


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
    links: frozenset[str] = NO_HOSTS  # the hosts that its words and their values may lead to


@dataclass(frozen=True, slots=True)
class Rendered:
    """A text ready to be sent, and the placeholders whose default stood in."""

    text: str = field(repr=False)
    used_default: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Values:
    """A template's values as they are written, and those whose default stands in."""

    written: Mapping[str, str] = field(repr=False)
    used_default: tuple[str, ...] = ()


class About(StrEnum):
    """What a text is about: it must name the office, and the case if it is of one."""

    CASE = "case"
    OFFICE = "office"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a template's words; one that `forbids` keeps them from being sent.

    `detail` is the part of the message that no code tells: a place, characters, a count.
    """

    code: str
    message: str
    forbids: bool
    detail: str = ""


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
    values = write_values(template, office=office, event=event, language=language, labels=labels)
    text = in_form(fill(template, values.written), language, form)
    return Rendered(text, values.used_default)


def write_values(
    template: Template,
    *,
    office: OfficeConstants,
    event: CaseEvent,
    language: Language,
    labels: Mapping[str, str] | None = None,
) -> Values:
    """What stands in the template's places for this event. Raises `MissingValue`."""
    raw = _raw_values(office, event, labels or {})
    required = REQUIRED_BY_TYPE.get(event.type, ())
    values: dict[str, str] = {}
    defaults, missing = [], []
    for name in dict.fromkeys(template.names):
        placeholder = PLACEHOLDERS[name]
        written = format_value(placeholder, raw.get(name), language, office.links)
        if written is None and language in placeholder.default and name not in required:
            written = placeholder.default[language]
            defaults.append(name)
        if written is None:
            missing.append(name)
        else:
            values[name] = written
    if missing:
        raise MissingValue(tuple(missing))
    return Values(values, tuple(defaults))


def in_form(text: str, language: Language, form: Form) -> str:
    """The text as it is sent: English and what an office writes without tones has none."""
    plain = language is Language.EN or form is Form.TONELESS
    return toneless(text) if plain else text


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


def check(
    text: str,
    language: Language,
    about: About = About.CASE,
    *,
    links: frozenset[str] = NO_HOSTS,
) -> list[Problem]:
    """What a person should mend before the words are used; `links`: the hosts that are allowed."""
    try:
        template = parse(text)
    except TemplateError as problem:
        said = f"{problem} at character {problem.position + 1}"
        return [Problem("syntax", said, forbids=True, detail=str(problem.position + 1))]
    problems = unsendable(template, about, links=links)
    plain = analyse(toneless(longest(template, language)))
    if plain.units > GSM7_SINGLE and not plain.forcing:
        over = plain.units - GSM7_SINGLE
        said = f"{over} too many for one SMS with the longest values"
        problems.append(Problem("length", said, forbids=False, detail=str(over)))
    parameters = {name for name in template.names if not PLACEHOLDERS[name].constant}
    if len(parameters) > _MOST_PARAMETERS:
        many = f"{len(parameters)} placeholders, and operators register {_MOST_PARAMETERS}"
        problems.append(Problem("parameters", many, forbids=False, detail=str(len(parameters))))
    if about is About.CASE and (strange := parameters & OF_PETITIONS):
        name = f"{{{min(strange)}}}"
        said = f"no case has {name}: each message would be held"
        problems.append(Problem("unfillable", said, forbids=False, detail=name))
    return problems


def unsendable(
    template: Template, about: About = About.CASE, *, links: frozenset[str] = NO_HOSTS
) -> list[Problem]:
    """Why these words must not be sent, whatever their values."""
    literal = "W".join(template.literals)  # as if each value were a letter
    problems = []
    if forcing := analyse(toneless(literal)).forcing:
        detail = " ".join(forcing)
        problems.append(("characters", f"no SMS alphabet has {detail}", detail))
    if refused := refused_in(literal):
        detail = " ".join(refused)
        problems.append(("refused", f"operators refuse {detail}", detail))
    with_places = ANY_VALUE.join(template.literals)
    if has_link(with_places, links):
        detail = " ".join(links_in(with_places, links)).replace(ANY_VALUE, "…")
        problems.append(("link", f"links lead only where the office lets them: {detail}", detail))
    needed = ("don_vi", "ma_ho_so") if about is About.CASE else ("don_vi",)
    problems += [
        ("missing", f"{{{name}}} is missing", f"{{{name}}}")
        for name in needed
        if name not in template.names
    ]
    return [Problem(code, said, forbids=True, detail=detail) for code, said, detail in problems]
