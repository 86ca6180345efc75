"""Sending words on trial to one's own phone: what is offered, and what became of it in words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from notifier.domain.events import Language
from notifier.domain.people import Permission
from notifier.domain.states import Outcome
from notifier.services import office_tree, own_phones, staff_texts
from notifier.services.actors import Staff
from notifier.services.own_phones import OwnPhoneView
from notifier.services.staff_texts import Told, TooManyTexts
from notifier.services.trying import TrialView
from notifier.services.views import BadFields
from notifier.services.wiring import Wiring

_MINUTE_S = 60
_WHY = frozenset({staff_texts.NOT_REGISTERED, staff_texts.OVER_BUDGET, "characters", "too_long"})
_MAY = (Permission.TEMPLATES_WRITE, Permission.TEMPLATES_APPROVE)


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence of the catalogue with its values; `good`: it went out."""

    word: str
    good: bool = False
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Trial:
    """One's own phone, if any, and what became of the try that this page answers."""

    phone: OwnPhoneView | None
    said: Said | None = None


def offer(staff: Staff, office: str, said: Said | None = None, *, wiring: Wiring) -> Trial | None:
    """What stands on a page of these words; nothing for whoever may not try them."""
    if not any(office_tree.may(staff, one, office, wiring=wiring) for one in _MAY):
        return None
    return Trial(own_phones.show(staff, wiring=wiring), said)


def attempt(send: Callable[[], TrialView]) -> tuple[Said, int]:
    """Send, and what to say of it, with the page's status."""
    try:
        made = send()
    except TooManyTexts as bounded:
        return too_many(bounded), 429
    except BadFields as bad:
        return Said(f"problem.{bad.problems[0].code}"), 422
    return of(made.told, phone=made.phone, segments=made.segments), 200


def give_phone(
    staff: Staff, number: str, language: Language, *, wiring: Wiring
) -> tuple[Said, int]:
    """Send a code to the number, and what to say of it, with the page's status."""
    try:
        sent = own_phones.give(staff, number, language, wiring=wiring)
    except BadFields as bad:
        return Said(f"problem.{bad.problems[0].code}"), 422
    except TooManyTexts as bounded:
        return too_many(bounded), 429
    if sent.told.outcome is not Outcome.ACCEPTED:
        return of(sent.told), 200
    return Said("done.code_sent", good=True), 200


def verify_phone(staff: Staff, code: str, *, wiring: Wiring) -> tuple[Said, int]:
    """Whether the number is theirs, in words, with the page's status."""
    try:
        own_phones.verify(staff, code, wiring=wiring)
    except BadFields as bad:
        return Said(f"problem.{bad.problems[0].code}"), 422
    return Said("done.phone_verified", good=True), 200


def of(told: Told, **values: object) -> Said:
    """What became of an SMS to staff."""
    values |= {"gateway": told.gateway or "", "code": told.code or ""}
    if told.gateway is None and told.code in _WHY:
        return Said("trial." + told.code, values=values)
    return Said("trial." + told.outcome, told.outcome is Outcome.ACCEPTED, values)


def too_many(bounded: TooManyTexts) -> Said:
    minutes = -(-bounded.retry_after_s // _MINUTE_S)
    return Said("trial.too_many", values={"most": bounded.most, "minutes": minutes})
