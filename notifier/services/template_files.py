"""Texts in a file, checked as they would be when they are saved. Nothing is stored.

A file is JSON: one object, or a list of them, each a text as the product ships it: `name`, and
the words in `vi`, in `en` or in both. `about` is `case` unless the text is about an `office` alone.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from notifier.domain.events import Language
from notifier.domain.templates import About, Problem, TemplateError, check, longest, parse
from notifier.domain.text import LoneSurrogate, analyse, toneless
from notifier.domain.unsendable import NO_HOSTS

_FIELDS = frozenset({"name", "about", *Language})


class UnreadableTexts(ValueError):
    """The file holds no texts; the message says where and what it takes."""


@dataclass(frozen=True, slots=True)
class CheckedText:
    """A text in one language: how it goes out with its longest values, and what is wrong.

    The counts are empty where the words cannot be read at all; `accented_segments` also in English.
    """

    name: str
    language: Language
    units: int | None
    segments: int | None
    accented_segments: int | None
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """Every text of a file, in its order."""

    ok: bool
    texts: tuple[CheckedText, ...]


def check_file(content: bytes, links: frozenset[str] = NO_HOSTS) -> CheckedFile:
    """Check every text; `links`: the hosts that are allowed. Raises `UnreadableTexts`."""
    texts = tuple(_checked(*one, links) for one in _read(content))
    return CheckedFile(not any(text.problems for text in texts), texts)


def _read(content: bytes) -> Iterator[tuple[str, Language, str, About]]:
    try:
        given = json.loads(content.decode("utf-8-sig"))
    except ValueError as problem:
        raise UnreadableTexts(f"it is not JSON in UTF-8: {problem}") from None
    rows = given if isinstance(given, list) else [given]
    if not rows:
        raise UnreadableTexts("it holds no texts")
    for number, row in enumerate(rows, 1):
        yield from _texts(row, number)


def _texts(row: Any, number: int) -> Iterator[tuple[str, Language, str, About]]:
    place = f"text {number}"
    if not isinstance(row, dict):
        raise UnreadableTexts(f'{place} is no object such as {{"name": "T1", "vi": "…"}}')
    if strange := sorted(row.keys() - _FIELDS):
        raise UnreadableTexts(f"{place}: no field {strange[0]}; there are name, about, vi and en")
    if any(not isinstance(value, str) for value in row.values()):
        raise UnreadableTexts(f"{place}: every field takes text")
    about = row.get("about", About.CASE)
    if about not in set(About):
        raise UnreadableTexts(f"{place}: about takes case or office")
    languages = [language for language in Language if language in row]
    if not languages:
        raise UnreadableTexts(f"{place} has no words in vi or en")
    for language in languages:
        yield row.get("name") or place, language, row[language], About(about)


def _checked(
    name: str, language: Language, words: str, about: About, links: frozenset[str]
) -> CheckedText:
    try:
        problems = check(words, language, about, links=links)
        text = longest(parse(words), language)
        plain, accented = analyse(toneless(text)), analyse(text)
    except TemplateError:
        return CheckedText(name, language, None, None, None, tuple(problems))
    except LoneSurrogate as problem:
        unreadable = Problem("syntax", str(problem), forbids=True)
        return CheckedText(name, language, None, None, None, (unreadable,))
    return CheckedText(
        name,
        language,
        plain.units,
        plain.segments,
        accented.segments if language is Language.VI else None,
        tuple(problems),
    )
