"""Words on trial: a draft, or a version, as an SMS to the own phone of whoever looks at it.

With sample values, marked as a test, and nobody's message: the citizen's case knows nothing of it.
It goes before an office is live too: whom the number belongs to was shown, and that is somebody
who may write or approve the words.
"""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from notifier.domain.events import Language
from notifier.domain.people import Permission
from notifier.domain.previews import sample_event
from notifier.domain.templates import (
    Form,
    MissingValue,
    in_form,
    parse,
    render_message,
)
from notifier.domain.text import analyse, clean
from notifier.domain.versions import TemplateKey
from notifier.services import actors, audit, drafting, own_phones, staff_texts, templates
from notifier.services.actors import Actor, Staff
from notifier.services.catalogue import Known
from notifier.services.staff_texts import StaffSms, Told
from notifier.services.views import BadFields, FieldProblem, ScopeMissing
from notifier.services.wiring import Wiring
from notifier.store import own_phones as rows
from notifier.store.own_phones import Purpose

# Whoever writes the office's words or approves them.
_MAY = (Permission.TEMPLATES_WRITE, Permission.TEMPLATES_APPROVE)

MARKS = {Language.VI: "TIN THỬ. ", Language.EN: "TEST. "}


@dataclass(frozen=True, slots=True)
class TrialView:
    """What went to one's own phone, masked, and what became of it."""

    phone: str
    told: Told
    segments: int  # with the mark of a test


def try_text(actor: Actor, key: TemplateKey, text: str, *, wiring: Wiring) -> TrialView:
    """These words, kept nowhere. Raises as `try_version`, and `BadFields` for unreadable ones."""
    return _try(actor, key, text, None, wiring)


def try_version(actor: Actor, key: TemplateKey, number: int, *, wiring: Wiring) -> TrialView:
    """The words of a version.

    Raises `NotFound`, `ScopeMissing`, `TooManyTexts`, or `BadFields` where the person has no
    verified phone, or no sample can be made.
    """
    return _try(actor, key, None, number, wiring)


def _try(
    actor: Actor, key: TemplateKey, text: str | None, number: int | None, wiring: Wiring
) -> TrialView:
    reference = wiring.ids.attempt()
    with wiring.sessions.begin() as session:
        known = wiring.catalogue.current(session)
        staff = _require(actor, key.office, known)
        if number is not None:
            text = templates.require_version(session, key, number).text
        words = _sample(text or "", key, known)
        rows.in_turn(session)
        phone, row = own_phones.verified(session, staff, wiring=wiring)
        staff_texts.bound(
            session, reference, Purpose.TRIAL,
            user_id=staff.id, phone_hash=row.phone_hash, wiring=wiring,
        )  # fmt: skip
        _record(session, staff, key, number, reference, phone, wiring)
    sms = StaffSms(reference, key.office, phone, words, key.language, Purpose.TRIAL)
    told = staff_texts.send(sms, wiring=wiring)
    return TrialView(row.phone_mask, told, analyse(words).segments)


def _require(actor: Actor, office: str, known: Known) -> Staff:
    if not isinstance(actor, Staff):  # a machine has no phone
        raise ScopeMissing(Permission.TEMPLATES_WRITE)
    if not any(map(actor.has, _MAY)):
        raise ScopeMissing(Permission.TEMPLATES_WRITE)
    read = Permission.TEMPLATES_READ
    actors.require_at(actor, read, office, known, sees=read)
    if not any(office in actor.offices(one, known) for one in _MAY):
        raise ScopeMissing(Permission.TEMPLATES_WRITE)
    return actor


def _sample(text: str, key: TemplateKey, known: Known) -> str:
    """The words with sample values, marked, in the form that the office sends."""
    text = clean(text).strip()
    drafting.require_sendable(text, key, known)
    form = known.form(key.office) if key.language is Language.VI else Form.TONELESS
    try:
        rendered = render_message(
            parse(text),
            office=known.constants(key.office),
            event=sample_event(key.event_type, key.channel, key.language),
            language=key.language,
            form=form,
            labels=known.labels(key.language),
        ).text
    except MissingValue as lacking:
        said = f"No event of this situation has {', '.join(lacking.names)}."
        raise BadFields(FieldProblem("text", "missing_value", said)) from None
    return in_form(MARKS[key.language], key.language, form) + rendered


def _record(
    session: Session,
    staff: Staff,
    key: TemplateKey,
    number: int | None,
    reference: str,
    phone: str,
    wiring: Wiring,
) -> None:
    audit.record(
        session,
        ids=wiring.ids,
        at=wiring.sessions.now(session),
        actor=staff.id,
        action="template.tried",
        object_id=str(key),
        office=key.office,
        after={"number": number, "phone": phone, "reference": reference},
    )
