"""Going live: until an office does, only its test numbers get messages; the rest is held.

What an office does not say of itself, its parent says; test numbers of an office hold for those
below it too. Going live lets nothing out that was held before: a person does.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.orm import Session

from notifier.domain import phones
from notifier.domain.people import Permission
from notifier.domain.states import Reason
from notifier.services import actors, audit
from notifier.services.actors import Actor
from notifier.services.catalogue import Known
from notifier.services.views import BadFields, FieldProblem
from notifier.store import catalogue, held
from notifier.store import offices as rows
from notifier.store import test_numbers as numbers

if TYPE_CHECKING:
    from notifier.services.wiring import Wiring

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class NumberView:
    """A test number, masked; `office` is whose it is, which may stand above."""

    id: str
    phone: str
    office: str
    added_at: datetime


@dataclass(frozen=True, slots=True)
class LiveView:
    """Whether an office is live; `said_by` is empty where nobody said so: then it is not.

    `held_to`: whether this installation keeps to it. The demo and rehearsals reach nobody.
    """

    office: str
    live: bool
    said_by: str | None
    said_at: datetime | None
    held_to: bool
    held: int  # messages of the office itself
    test_numbers: tuple[NumberView, ...]


@dataclass(frozen=True, slots=True)
class LiveChanged:
    """An office as it is now, and whether this changed it."""

    office: LiveView
    changed: bool


def show(office_id: str, *, by: Actor | None, wiring: "Wiring") -> LiveView:
    """`by` is nobody for a command. Raises `NotFound`."""
    with wiring.sessions.read() as session:
        known = wiring.catalogue.current(session)
        actors.require_office(by, Permission.MESSAGES_READ, office_id, known)
        return _view(session, office_id, known, wiring)


def not_live(*, wiring: "Wiring") -> list[str]:
    """The offices that are not live, each for itself and those below it, by code."""
    with wiring.sessions.read() as session:
        known = wiring.catalogue.current(session)
    waiting = {office for office in known.office_ids if not known.is_live(office)}
    return sorted(office for office in waiting if known.office(office).parent_id not in waiting)


def live_offices(*, wiring: "Wiring") -> frozenset[str]:
    """The offices that are live, by their own word or by that of one above."""
    with wiring.sessions.read() as session:
        known = wiring.catalogue.current(session)
    return frozenset(filter(known.is_live, known.office_ids))


def say_live(
    office_id: str, live: bool | None, *, by: Actor | None, wiring: "Wiring"
) -> LiveChanged:
    """Say that the office is live, or not; with none, its parent says. Twice is harmless.

    `by` is nobody for a command. Raises `NotFound` or `ScopeMissing`.
    """
    with wiring.sessions.begin() as session:
        catalogue.changing(session)
        known = wiring.catalogue.current(session)
        actors.require_office(by, Permission.OFFICES_WRITE, office_id, known)
        before = known.office(office_id).live
        if before is live:
            return LiveChanged(_view(session, office_id, known, wiring), changed=False)
        now = wiring.sessions.now(session)
        rows.say_live(session, office_id, live, at=now)
        _note(
            session, "office.live_changed", office_id, {"live": before}, {"live": live}, by, wiring
        )
        view = _changed(session, office_id, wiring)
    log.info("office_live_changed", office=office_id, live=live)
    return LiveChanged(view, changed=True)


def add_number(office_id: str, phone: str, *, by: Actor | None, wiring: "Wiring") -> LiveChanged:
    """Let the phone have the office's messages before it is live. Twice is harmless.

    Raises `NotFound`, `ScopeMissing`, or `BadFields` where it is no Vietnamese mobile number.
    """
    number = mobile(phone)
    with wiring.sessions.begin() as session:
        catalogue.changing(session)
        known = wiring.catalogue.current(session)
        actors.require_office(by, Permission.OFFICES_WRITE, office_id, known)
        new = numbers.add(
            session,
            wiring.ids.new("tno"),
            office_id=office_id,
            phone_hash=wiring.hashes.phone(number),
            phone_mask=phones.mask(number),
            added_at=wiring.sessions.now(session),
        )
        if not new:
            return LiveChanged(_view(session, office_id, known, wiring), changed=False)
        _note(session, "test_number.added", office_id, None, {"phone": number}, by, wiring)
        view = _changed(session, office_id, wiring)
    return LiveChanged(view, changed=True)


def remove_number(
    office_id: str,
    *,
    phone: str | None = None,
    number_id: str | None = None,
    by: Actor | None,
    wiring: "Wiring",
) -> LiveChanged:
    """Take a test number back, by the phone or by its id. Twice is harmless.

    Raises `NotFound`, `ScopeMissing`, or `BadFields` where `phone` is no Vietnamese mobile number.
    """
    phone_hash = None if phone is None else wiring.hashes.phone(mobile(phone))
    with wiring.sessions.begin() as session:
        catalogue.changing(session)
        known = wiring.catalogue.current(session)
        actors.require_office(by, Permission.OFFICES_WRITE, office_id, known)
        mask = numbers.remove(session, office_id, phone_hash=phone_hash, number_id=number_id)
        if mask is None:
            return LiveChanged(_view(session, office_id, known, wiring), changed=False)
        _note(session, "test_number.removed", office_id, {"phone": mask}, None, by, wiring)
        view = _changed(session, office_id, wiring)
    return LiveChanged(view, changed=True)


def mobile(phone: str) -> str:
    read = phones.parse(phone)
    if read.e164 is None or not read.usable:
        raise BadFields(FieldProblem("phone", "phone", "This is not a Vietnamese mobile number."))
    return read.e164


def _note(
    session: Session,
    action: str,
    office_id: str,
    before: dict[str, object] | None,
    after: dict[str, object] | None,
    by: Actor | None,
    wiring: "Wiring",
) -> None:
    audit.record(
        session,
        ids=wiring.ids,
        at=wiring.sessions.now(session),
        actor=by.id if by else audit.COMMAND,
        action=action,
        object_id=office_id,
        office=office_id,
        before=before,
        after=after,
    )


def _changed(session: Session, office_id: str, wiring: "Wiring") -> LiveView:
    catalogue.changed(session)
    session.flush()
    return _view(session, office_id, wiring.catalogue.fresh(session), wiring)


def _view(session: Session, office_id: str, known: Known, wiring: "Wiring") -> LiveView:
    said = known.says_live(office_id)
    found = numbers.of_offices(session, known.lineage(office_id))
    return LiveView(
        office=office_id,
        live=known.is_live(office_id),
        said_by=said.id if said else None,
        said_at=said.live_at if said else None,
        held_to=wiring.restraint.only_live,
        held=held.count(session, [office_id], Reason.NOT_LIVE),
        test_numbers=tuple(
            NumberView(one.id, one.phone_mask, one.office_id, one.added_at) for one in found
        ),
    )
