"""What a person mends on messages: what is asked of them, and that a citizen was told otherwise."""

from dataclasses import dataclass

import structlog

from notifier.domain.events import Language
from notifier.domain.people import Permission
from notifier.domain.placeholders import PLACEHOLDERS
from notifier.domain.states import CANCEL, TELLABLE, Reason, State
from notifier.services import audit, composing
from notifier.services.actors import Actor
from notifier.services.messages import views_of, visible
from notifier.services.template_views import PlaceholderView
from notifier.services.views import MessageView, NotFound, NotInThisState
from notifier.services.wiring import Wiring
from notifier.store import attention, messages, reading

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a held message lacks before it can go."""

    phone: bool
    values: tuple[PlaceholderView, ...]


def wanted(actor: Actor, message_id: str, *, wiring: Wiring) -> Wanted:
    """What would have to be filled in now. Raises `NotFound`.

    Nothing, where the message is not held or what it was made of is no longer kept.
    """
    with wiring.sessions.read() as session:
        row = visible(session, actor, message_id, wiring)
        body = reading.event_body(session, row.event_id)
        known = wiring.catalogue.current(session)
    if row.state != State.HELD or body is None:
        return Wanted(phone=False, values=())
    made = composing.draft_again(row, body, known, sealer=wiring.sealer)
    language = Language(made.language)
    return Wanted(
        phone=row.reason == Reason.PHONE,
        values=tuple(
            PlaceholderView(
                name,
                PLACEHOLDERS[name].kind,
                PLACEHOLDERS[name].maximum[language],
                PLACEHOLDERS[name].default.get(language),
            )
            for name in made.missing
            if not PLACEHOLDERS[name].constant
        ),
    )


def mark_told(actor: Actor, message_id: str, *, wiring: Wiring) -> MessageView:
    """Note that the citizen was told some other way; what was still held is cancelled.

    Raises `NotFound`, `ScopeMissing`, or `NotInThisState` for a message that may still go by
    itself, arrived, or was told of before.
    """
    with wiring.sessions.begin() as session:
        now = wiring.sessions.now(session)
        row = visible(
            session,
            actor,
            message_id,
            wiring,
            permission=Permission.MESSAGES_WRITE,
            for_update=True,
        )
        if row.state not in TELLABLE:
            raise NotInThisState(row.state)
        if not attention.tell(session, message_id, at=now, by=actor.id):
            raise NotInThisState(row.state)
        if row.state == State.HELD:
            messages.move(session, [message_id], CANCEL, at=now, reason=Reason.BY_PERSON)
        audit.record(
            session,
            ids=wiring.ids,
            at=now,
            actor=actor.id,
            action="message.marked_told",
            object_id=message_id,
            office=row.office_id,
            before={"state": row.state},
        )
        again = reading.one(session, message_id)
        if again is None:
            raise NotFound("there is no such message")
        view = views_of(session, [again], wiring)[0]
    log.info("message_marked_told", message=message_id, by=actor.id)
    return view
