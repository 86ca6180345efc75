"""A case as a whole: what its sources told of it, and what became of each message."""

from dataclasses import dataclass
from datetime import datetime

from notifier.domain.people import Permission
from notifier.services import actors
from notifier.services.actors import Actor
from notifier.services.messages import views_of
from notifier.services.views import MessageView, NotFound
from notifier.services.wiring import Wiring
from notifier.store import cases as rows
from notifier.store import reading


@dataclass(frozen=True, slots=True)
class EventView:
    """Something that happened to the case, and what came of it."""

    id: str  # the source's own
    source: str
    type: str
    channel: str
    occurred_at: datetime
    received_at: datetime
    outcome: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class CaseView:
    office: str
    code: str
    events: tuple[EventView, ...]
    messages: tuple[MessageView, ...]


@dataclass(frozen=True, slots=True)
class CaseRef:
    """Where a case is found."""

    office: str
    code: str


def find(
    actor: Actor, code: str, *, office: str | None = None, wiring: Wiring
) -> tuple[CaseRef, ...]:
    """The cases of the actor's offices, or one of them, with this code; in whichever letters."""
    with wiring.sessions.read() as session:
        seen = actor.offices(Permission.MESSAGES_READ, wiring.catalogue.current(session))
        offices = seen if office is None else seen & {office}
        return tuple(CaseRef(*row) for row in rows.with_code(session, offices, code))


def show(actor: Actor, office: str, code: str, *, wiring: Wiring) -> CaseView:
    """The case with its events and messages, oldest first. Raises `NotFound`, `ScopeMissing`."""
    read = Permission.MESSAGES_READ
    with wiring.sessions.read() as session:
        known = wiring.catalogue.current(session)
        actors.require_at(actor, read, office, known, sees=read)
        case_id = rows.find(session, office, code)
        if case_id is None:
            raise NotFound("there is no such case")
        events = rows.events_of(session, case_id)
        messages = views_of(session, reading.of_case(session, case_id), wiring)
    return CaseView(
        office=office,
        code=code,
        events=tuple(
            EventView(
                one.source_event_id,
                one.source_id,
                one.type,
                one.channel,
                one.occurred_at,
                one.received_at,
                one.outcome,
                one.reason,
            )
            for one in events
        ),
        messages=tuple(messages),
    )
