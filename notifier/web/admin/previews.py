"""A text as the editor shows it: phones with what the citizen reads, costs, and what to mend."""

import re
from dataclasses import dataclass
from difflib import get_close_matches

from notifier.domain.placeholders import PLACEHOLDERS
from notifier.domain.previews import Ambiguous, Forcing, forcing
from notifier.domain.templates import Problem
from notifier.domain.text import clean, toneless
from notifier.domain.versions import TemplateKey
from notifier.services import previewing
from notifier.services.actors import Actor
from notifier.services.drafting import LONGEST_TEXT
from notifier.services.previewing import Counted, FormView, Preview
from notifier.services.wiring import Wiring

_NAMES = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of a text; `forces`: its letters need UCS-2."""

    text: str
    forces: bool


@dataclass(frozen=True, slots=True)
class Phone:
    """A form of the words on a phone."""

    form: str
    sent: bool
    stretches: tuple[Stretch, ...]
    sample: Counted | None
    longest: Counted


@dataclass(frozen=True, slots=True)
class Fix:
    """Plain characters in place of those that no phone without UCS-2 shows, at one click."""

    text: str
    characters: tuple[Forcing, ...]
    saved: int  # SMS at the longest values


@dataclass(frozen=True, slots=True)
class Mind:
    """What to mend, as a word of the catalogue; `placeholder`: the one whose button helps."""

    code: str
    forbids: bool
    detail: str
    placeholder: str = ""


@dataclass(frozen=True, slots=True)
class PreviewPage:
    problems: tuple[Mind, ...]
    phones: tuple[Phone, ...]
    ambiguous: tuple[Ambiguous, ...]
    fix: Fix | None


def look(actor: Actor, key: TemplateKey, text: str, *, wiring: Wiring) -> PreviewPage:
    """The text by the engine that sends; of none there is nothing to say.

    Raises `NotFound`, `ScopeMissing`.
    """
    told = previewing.preview(actor, key, text, wiring=wiring)
    letters = len(clean(text).strip())
    if not letters:
        return PreviewPage((), (), (), None)
    strange = tuple(one for one in told.forcing if not _is_letter(one.character))
    minds = [mind for one in told.problems for mind in _minds(one, text)]
    if letters > LONGEST_TEXT:
        minds.insert(0, Mind("too_long", forbids=True, detail=str(letters)))
    return PreviewPage(
        problems=tuple(minds),
        phones=tuple(_phone(form) for form in told.forms),
        ambiguous=told.ambiguous,
        fix=_fix(actor, key, text, strange, told, wiring) if strange else None,
    )


def _minds(problem: Problem, text: str) -> list[Mind]:
    """The problem in the words of whoever writes; length is said of the form that is sent."""
    if problem.code == "length":
        return []
    if problem.code == "syntax":
        unknown = [name for name in _NAMES.findall(clean(text)) if name not in PLACEHOLDERS]
        return [
            Mind("placeholder", problem.forbids, f"{{{name}}}", _nearest(name))
            for name in dict.fromkeys(unknown)
        ] or [Mind("syntax", problem.forbids, problem.detail)]
    name = problem.detail.strip("{}") if problem.code == "missing" else ""
    return [Mind(problem.code, problem.forbids, problem.detail, name)]


def _nearest(name: str) -> str:
    return next(iter(get_close_matches(name.casefold(), PLACEHOLDERS, n=1)), "")


def _is_letter(character: str) -> bool:
    """Whether it is a Vietnamese letter: the toneless form takes care of those by itself."""
    plain = toneless(character)
    return character.isalpha() and len(plain) == 1 and plain.isascii()


def _fix(
    actor: Actor,
    key: TemplateKey,
    text: str,
    strange: tuple[Forcing, ...],
    before: Preview,
    wiring: Wiring,
) -> Fix:
    letters = list(clean(text).strip())
    for one in strange:
        letters[one.position] = one.instead
    mended = "".join(letters).strip()
    after = previewing.preview(actor, key, mended, wiring=wiring)
    return Fix(mended, strange, max(0, _segments(before) - _segments(after)))


def _segments(told: Preview) -> int:
    return sum(form.longest.segments for form in told.forms if form.sent)


def _phone(form: FormView) -> Phone:
    return Phone(
        form=form.form,
        sent=form.sent,
        stretches=_stretches(form.sample.text) if form.sample else (),
        sample=form.sample,
        longest=form.longest,
    )


def _stretches(text: str) -> tuple[Stretch, ...]:
    """The text in stretches that do and do not force UCS-2."""
    forces = {one.position for one in forcing(text)}
    found: list[Stretch] = []
    for position, character in enumerate(text):
        marked = position in forces
        if found and found[-1].forces == marked:
            found[-1] = Stretch(found[-1].text + character, marked)
        else:
            found.append(Stretch(character, marked))
    return tuple(found)
