"""A text as it would be sent, before anybody keeps it: by the engine that sends."""

from dataclasses import dataclass

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
from notifier.domain.versions import TemplateKey
from notifier.services import actors
from notifier.services.actors import Actor
from notifier.services.catalogue import Known
from notifier.services.wiring import Wiring


@dataclass(frozen=True, slots=True)
class Counted:
    """A text as it goes out; the cost in whole đồng is an estimate by the setting."""

    text: str
    encoding: str
    units: int
    segments: int
    cost: int


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
    return Preview(
        problems=problems,
        forms=tuple(_form(form, template, key, known, cost) for form in forms),
        forcing=forcing(text),
        ambiguous=ambiguous(text) if vietnamese else (),
    )


def _form(form: Form, template: Template, key: TemplateKey, known: Known, cost: int) -> FormView:
    at_most = longest(template, key.language)
    return FormView(
        form=form,
        sent=key.language is Language.EN or known.form(key.office) is form,
        sample=_sample(form, template, key, known, cost),
        longest=_counted(toneless(at_most) if form is Form.TONELESS else at_most, cost),
    )


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
    return Counted(told.text, told.encoding, told.units, told.segments, told.segments * cost)
