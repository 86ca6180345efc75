"""A text as it would be sent, before anybody keeps it: by the engine that sends."""

from collections.abc import Iterator
from dataclasses import dataclass

from gateways.base import Alphabet, Templates
from notifier.domain.events import Language
from notifier.domain.people import Permission
from notifier.domain.previews import Ambiguous, Forcing, ambiguous, forcing, sample_event
from notifier.domain.templates import (
    Form,
    MissingValue,
    Problem,
    Template,
    TemplateError,
    check,
    longest,
    parse,
    render_message,
)
from notifier.domain.text import analyse, clean, toneless
from notifier.domain.unsendable import REFUSED_CHARACTERS
from notifier.domain.versions import TemplateKey
from notifier.services import actors
from notifier.services.actors import Actor
from notifier.services.catalogue import Known
from notifier.services.wiring import Wiring


@dataclass(frozen=True, slots=True)
class Counted:
    """A text as it goes out; the cost in whole đồng is an estimate by the setting.

    `over`: so many units less would save a segment; 0 for a text of one.
    """

    text: str
    encoding: str
    units: int
    segments: int
    cost: int
    over: int


@dataclass(frozen=True, slots=True)
class FormView:
    """A form of the words: with sample values, and with every value at its longest."""

    form: str  # accented or toneless
    sent: bool  # the form that the office sends
    sample: Counted | None  # none where an event of this situation lacks a value
    longest: Counted


@dataclass(frozen=True, slots=True)
class Preview:
    """Everything an editor should see; without forms where the text cannot be read."""

    problems: tuple[Problem, ...]
    forms: tuple[FormView, ...]
    forcing: tuple[Forcing, ...]
    ambiguous: tuple[Ambiguous, ...]


def preview(actor: Actor, key: TemplateKey, text: str, *, wiring: Wiring) -> Preview:
    """The text as the office would send it. Keeps nothing. Raises `NotFound`, `ScopeMissing`."""
    read = Permission.TEMPLATES_READ
    with wiring.sessions.read() as session:
        known = wiring.catalogue.current(session)
    actors.require_at(actor, read, key.office, known, sees=read)
    text = clean(text).strip()
    problems = tuple(check(text, key.language, links=known.links(key.office)))
    try:
        template = parse(text)
    except TemplateError:
        return Preview(problems, (), (), ())
    cost = wiring.settings.segment_cost
    forms = (Form.ACCENTED, Form.TONELESS) if key.language is Language.VI else (Form.TONELESS,)
    vietnamese = key.language is Language.VI
    told = tuple(_form(form, template, key, known, cost) for form in forms)
    return Preview(
        problems=(*problems, *_at_gateways(template, told, key, known, wiring)),
        forms=told,
        forcing=forcing(text),
        ambiguous=ambiguous(text) if vietnamese else (),
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """What `Accounts.way` asks of a message."""

    id: str
    office_id: str
    language: str
    encoding: str


def _at_gateways(
    template: Template,
    forms: tuple[FormView, ...],
    key: TemplateKey,
    known: Known,
    wiring: Wiring,
) -> Iterator[Problem]:
    """Which gateways of the office would not take the form that it sends, and why."""
    sent = next(one.longest for one in forms if one.sent)
    literal = "".join(template.literals)
    asked = _Asked("", key.office, key.language, sent.encoding)
    for name in wiring.accounts.way(known, asked):
        able = wiring.accounts[name].gateway.capabilities
        if able.templates is Templates.BY_ID:
            continue  # it takes no words of ours
        if refused := sorted(able.refused_characters & set(literal) - REFUSED_CHARACTERS):
            detail = f"{name}: {' '.join(refused)}"
            yield Problem("gateway_refused", f"{name} refuses them", forbids=False, detail=detail)
        if Alphabet(sent.encoding) not in able.alphabets:
            yield Problem("gateway_alphabet", f"{name} lacks it", forbids=False, detail=name)
        elif sent.segments > able.max_segments:
            detail = f"{name}: {able.max_segments}"
            yield Problem("gateway_length", f"too long for {name}", forbids=False, detail=detail)


def longest_sent(template: Template, key: TemplateKey, known: Known, cost: int) -> Counted:
    """The form that the office sends, with every value at its longest."""
    vietnamese = key.language is Language.VI
    form = known.form(key.office) if vietnamese else Form.TONELESS
    return _longest(form, template, key, cost)


def _form(form: Form, template: Template, key: TemplateKey, known: Known, cost: int) -> FormView:
    return FormView(
        form=form,
        sent=key.language is Language.EN or known.form(key.office) is form,
        sample=_sample(form, template, key, known, cost),
        longest=_longest(form, template, key, cost),
    )


def _longest(form: Form, template: Template, key: TemplateKey, cost: int) -> Counted:
    at_most = longest(template, key.language)
    return _counted(toneless(at_most) if form is Form.TONELESS else at_most, cost)


def _sample(
    form: Form, template: Template, key: TemplateKey, known: Known, cost: int
) -> Counted | None:
    try:
        rendered = render_message(
            template,
            office=known.constants(key.office),
            event=sample_event(key.event_type, key.channel, key.language),
            language=key.language,
            form=form,
            labels=known.labels(key.language),
        )
    except MissingValue:
        return None
    return _counted(rendered.text, cost)


def _counted(text: str, cost: int) -> Counted:
    told = analyse(text)
    return Counted(
        told.text, told.encoding, told.units, told.segments, told.segments * cost, told.over
    )
