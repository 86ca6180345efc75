"""The hosts that an office's words may lead to: shown, allowed, and taken back.

Those of an office hold for every office below it too. Words with any other link are not kept; when
a host goes, published words that lead there must not be sent, and their messages are held, those
too that waited to go.
"""

from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from notifier.domain.people import Permission
from notifier.domain.unsendable import read_host
from notifier.services import actors, audit
from notifier.services.actors import Actor
from notifier.services.catalogue import Known
from notifier.services.views import BadFields, FieldProblem
from notifier.services.wiring import Wiring
from notifier.store import catalogue, held
from notifier.store import link_hosts as rows

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class HostView:
    """A host; `office` is whose it is, which may stand above. `used` counts published words."""

    host: str
    office: str
    added_at: datetime
    used: int  # by the asked office and those below it: what could not be sent without it


@dataclass(frozen=True, slots=True)
class LinksView:
    """Where an office's words may lead."""

    office: str
    hosts: tuple[HostView, ...]


def show(actor: Actor, office: str, *, wiring: Wiring) -> LinksView:
    """Its own hosts and those of the offices above. Raises `NotFound`, `ScopeMissing`."""
    sees = Permission.TEMPLATES_READ
    with wiring.sessions.read() as session:
        known = wiring.catalogue.current(session)
        actors.require_at(actor, sees, office, known, sees=sees)
        return _view(session, office, known)


def allow(actor: Actor, office: str, host: str, *, wiring: Wiring) -> LinksView:
    """Let words lead to this host. Twice is harmless.

    Raises `NotFound`, `ScopeMissing`, or `BadFields` for what is no host.
    """
    host = _read(host)
    with wiring.sessions.begin() as session:
        catalogue.changing(session)
        known = _require(session, actor, office, wiring)
        if not rows.add(session, office, host, at=wiring.sessions.now(session)):
            return _view(session, office, known)
        view = _changed(session, "link.allowed", actor, office, wiring, after={"host": host})
    log.info("link_allowed", office=office, host=host)
    return view


def take_back(actor: Actor, office: str, host: str, *, wiring: Wiring) -> LinksView:
    """Let words lead there no more, unless an office above allows it. Twice is harmless.

    Raises `NotFound`, `ScopeMissing`, or `BadFields` for what is no host.
    """
    host = _read(host)
    with wiring.sessions.begin() as session:
        catalogue.changing(session)
        known = _require(session, actor, office, wiring)
        if not rows.remove(session, office, host):
            return _view(session, office, known)
        view = _changed(session, "link.taken_back", actor, office, wiring, before={"host": host})
        known = wiring.catalogue.fresh(session)
        unfit = [
            one
            for one in held.about_to_go(session, known.below(office))
            if known.is_unfit(one.text, one.office_id)
        ]
        count = held.hold_words(session, unfit, at=wiring.sessions.now(session))
    log.info("link_taken_back", office=office, host=host, held=count)
    return view


def _read(host: str) -> str:
    try:
        return read_host(host)
    except ValueError:
        said = "A host is a name such as dichvucong.gov.vn."
        raise BadFields(FieldProblem("host", "no_host", said)) from None


def _require(session: Session, actor: Actor, office: str, wiring: Wiring) -> Known:
    known = wiring.catalogue.current(session)
    writes, sees = Permission.OFFICES_WRITE, Permission.TEMPLATES_READ
    actors.require_at(actor, writes, office, known, sees=sees)
    return known


def _changed(
    session: Session,
    action: str,
    actor: Actor,
    office: str,
    wiring: Wiring,
    *,
    before: dict[str, object] | None = None,
    after: dict[str, object] | None = None,
) -> LinksView:
    audit.record(
        session,
        ids=wiring.ids,
        at=wiring.sessions.now(session),
        actor=actor.id,
        action=action,
        object_id=office,
        office=office,
        before=before,
        after=after,
    )
    catalogue.changed(session)
    session.flush()
    return _view(session, office, wiring.catalogue.fresh(session))


def _view(session: Session, office: str, known: Known) -> LinksView:
    found = rows.of_offices(session, known.lineage(office))
    return LinksView(
        office,
        tuple(
            HostView(one.host, one.office_id, one.added_at, known.leading_to(one.host, office))
            for one in found
        ),
    )
