"""Offices' duty phones: set, shown and taken away, each change in the audit trail."""

from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from notifier.domain import phones
from notifier.domain.people import Permission
from notifier.services import actors, audit
from notifier.services.actors import Actor
from notifier.services.catalogue import Known
from notifier.services.going_live import mobile
from notifier.services.wiring import Wiring
from notifier.store import catalogue
from notifier.store import duty as rows
from notifier.store.duty import PhoneRow

log = structlog.get_logger(__name__)

SEALED = {"table": "duty_phones", "column": "phone"}


@dataclass(frozen=True, slots=True)
class DutyPhoneView:
    """The phone that is told of the office's alerts, masked; `said_by`: whose it is, its own or
    the nearest above it. Both are empty where nobody set one.
    """

    office: str
    phone: str | None
    said_by: str | None
    set_at: datetime | None


def show(office_id: str, *, by: Actor | None, wiring: Wiring) -> DutyPhoneView:
    """`by` is nobody for a command. Raises `NotFound`."""
    with wiring.sessions.read() as session:
        known = wiring.catalogue.current(session)
        actors.require_office(by, Permission.MESSAGES_READ, office_id, known)
        return _view(session, office_id, known)


def give(office_id: str, phone: str, *, by: Actor | None, wiring: Wiring) -> DutyPhoneView:
    """Tell this phone of alerts that touch the office. Twice is harmless.

    Raises `NotFound`, `ScopeMissing`, or `BadFields` where it is no Vietnamese mobile number.
    """
    number = mobile(phone)
    with wiring.sessions.begin() as session:
        catalogue.changing(session)
        known = wiring.catalogue.current(session)
        actors.require_office(by, Permission.OFFICES_WRITE, office_id, known)
        before = rows.phones(session).get(office_id)
        row = PhoneRow(
            office_id,
            wiring.sealer.seal(number, row=office_id, **SEALED),
            wiring.hashes.phone(number),
            phones.mask(number),
            wiring.sessions.now(session),
        )
        if before is None or before.phone_hash != row.phone_hash:
            rows.put(session, row)
            _record(session, "duty_phone.given", office_id, before, number, by, wiring)
        view = _view(session, office_id, known)
    log.info("duty_phone_given", office=office_id)
    return view


def take_away(office_id: str, *, by: Actor | None, wiring: Wiring) -> DutyPhoneView:
    """The office has no duty phone of its own any more. Twice is harmless.

    Raises `NotFound` or `ScopeMissing`.
    """
    with wiring.sessions.begin() as session:
        catalogue.changing(session)
        known = wiring.catalogue.current(session)
        actors.require_office(by, Permission.OFFICES_WRITE, office_id, known)
        before = rows.phones(session).get(office_id)
        if rows.remove(session, office_id):
            _record(session, "duty_phone.taken_away", office_id, before, None, by, wiring)
        return _view(session, office_id, known)


def _record(
    session: Session,
    action: str,
    office_id: str,
    before: PhoneRow | None,
    phone: str | None,
    by: Actor | None,
    wiring: Wiring,
) -> None:
    audit.record(
        session,
        ids=wiring.ids,
        at=wiring.sessions.now(session),
        actor=by.id if by else audit.COMMAND,
        action=action,
        object_id=office_id,
        office=office_id,
        before={"phone": before.phone_mask} if before else None,
        after={"phone": phone} if phone else None,
    )


def _view(session: Session, office_id: str, known: Known) -> DutyPhoneView:
    held = rows.phones(session)
    whose = next((one for one in known.lineage(office_id) if one in held), None)
    if whose is None:
        return DutyPhoneView(office_id, None, None, None)
    return DutyPhoneView(office_id, held[whose].phone_mask, whose, held[whose].set_at)
