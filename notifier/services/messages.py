"""Seeing what became of messages, and mending them: resend, cancel, release, correct."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from notifier.domain import phones, states
from notifier.domain.people import Permission
from notifier.domain.states import Reason, State
from notifier.services import actors, audit, composing, lacking, releasing
from notifier.services.actors import Actor
from notifier.services.calling import open_phone, open_text
from notifier.services.views import (
    AttemptView,
    BadCorrection,
    Correction,
    FieldProblem,
    MessageFilter,
    MessagePage,
    MessageView,
    NotFound,
    NotInThisState,
    ReceiptView,
    ResentAlready,
    StillHeld,
)
from notifier.services.wiring import Wiring
from notifier.store import held, messages, reading
from notifier.store.reading import MessageRow, ResentRow

log = structlog.get_logger(__name__)

_MENDS = Permission.MESSAGES_WRITE

RESENDABLE = frozenset(
    {State.SENT, State.DELIVERED, State.UNDELIVERED, State.UNKNOWN, State.FAILED, State.EXPIRED}
)


def list_messages(actor: Actor, wanted: MessageFilter, *, wiring: Wiring) -> MessagePage:
    """Messages of the actor's offices, newest first; the cursor is the last id shown."""
    with wiring.sessions.read() as session:
        seen = actor.offices(Permission.MESSAGES_READ, wiring.catalogue.current(session))
        rows = reading.page(
            session,
            offices=seen if wanted.office is None else seen & {wanted.office},
            phone_hash=wiring.hashes.phone(wanted.phone) if wanted.phone else None,
            case=wanted.case,
            state=wanted.state,
            since=wanted.since,
            until=wanted.until,
            before=wanted.cursor,
            limit=wanted.limit + 1,
        )
        shown = rows[: wanted.limit]
        views = views_of(session, shown, wiring)
    more = len(rows) > wanted.limit
    return MessagePage(tuple(views), shown[-1].id if more else None)


def show(actor: Actor, message_id: str, *, wiring: Wiring) -> MessageView:
    """One message. Raises `NotFound`, also for another office's."""
    with wiring.sessions.read() as session:
        return views_of(session, [visible(session, actor, message_id, wiring)], wiring)[0]


def show_some(actor: Actor, ids: Iterable[str], *, wiring: Wiring) -> list[MessageView]:
    """Of these messages, each once and in their order, those that the actor may see."""
    read, wanted = Permission.MESSAGES_READ, [*dict.fromkeys(ids)]
    actors.require(actor, read)
    with wiring.sessions.read() as session:
        seen = actor.offices(read, wiring.catalogue.current(session))
        found = reading.some(session, wanted)
        by_id = {row.id: row for row in found if row.office_id in seen}
        return views_of(session, [by_id[one] for one in wanted if one in by_id], wiring)


def resend(
    actor: Actor, message_id: str, *, phone: str | None = None, wiring: Wiring
) -> MessageView:
    """The same words once more, as a new message with `resend_of`; to another phone where given.

    Once: what does not arrive then is the new message, which is the one to send again. Raises
    `NotFound`, `NotInThisState` for a message that is still to go or has no words,
    `ResentAlready`, or `BadCorrection` for a phone that takes no SMS.
    """
    other = _mobile(phone) if phone is not None else None
    with wiring.sessions.begin() as session:
        now = wiring.sessions.now(session)
        row = visible(session, actor, message_id, wiring, permission=_MENDS, for_update=True)
        if row.state not in RESENDABLE or not row.phone_cipher or not row.text_cipher:
            raise NotInThisState(row.state)
        resent_at, newer = _resent(row, reading.resent_as(session, [row]))
        if resent_at is not None:
            raise ResentAlready(newer)
        number = other or open_phone(wiring.sealer, row.id, row.phone_cipher)
        text = open_text(wiring.sealer, row.id, row.text_cipher)
        new_id = wiring.ids.message()
        send_at, valid_until = _due(session, row, now, wiring)
        again = composing.message_row(
            composing.Draft(
                state=State.QUEUED,
                reason=Reason.BY_PERSON,
                version_id=row.template_version_id,
                language=row.language,
                phone=number,
                mask=phones.mask(number),
                text=text,
                encoding=row.encoding,
                segments=row.segments,
            ),
            new_id,
            sealer=wiring.sealer,
            hashes=wiring.hashes,
            created_at=now,
            event_id=row.event_id,
            case_id=row.case_id,
            office_id=row.office_id,
            source_id=row.source_id,
            event_type=row.event_type,
            priority=row.priority,
            occurred_at=row.occurred_at,
            sender=row.sender,
            send_at=send_at,
            valid_until=valid_until,
            resend_of=row.id,
            values_cipher=composing.seal_values(
                wiring.sealer,
                new_id,
                composing.open_values(wiring.sealer, row.id, row.values_cipher),
            ),
            purge_after=now + wiring.keeping.personal,
        )
        messages.add(session, [again])
        messages.note_resent(session, message_id, at=now)
        before = {"phone": row.phone_mask} if other else None
        after = {"new": new_id, **({"phone": other} if other else {})}
        _record(session, actor, "message.resent", row, now, wiring, before=before, after=after)
        view = _again(session, new_id, wiring)
    log.info("message_resent", message=message_id, new=new_id, by=actor.id)
    wiring.queue.ring_send()
    return view


def cancel(actor: Actor, message_id: str, *, wiring: Wiring) -> MessageView:
    """Do not send it. Raises `NotFound`, or `NotInThisState` once it is under way."""
    with wiring.sessions.begin() as session:
        now = wiring.sessions.now(session)
        row = visible(session, actor, message_id, wiring, permission=_MENDS, for_update=True)
        moved = messages.move(session, [message_id], states.CANCEL, at=now, reason=Reason.BY_PERSON)
        if not moved:
            raise NotInThisState(row.state)
        _record(session, actor, "message.cancelled", row, now, wiring, before={"state": row.state})
        view = _again(session, message_id, wiring)
    log.info("message_cancelled", message=message_id, by=actor.id)
    return view


def release(actor: Actor, message_id: str, *, wiring: Wiring) -> MessageView:
    """Let a held message go, past the caps; words that it lacked are made with those that hold now.

    Raises `NotFound`, `NotInThisState` unless it is held, or `StillHeld`; then nothing changes.
    """
    with wiring.sessions.begin() as session:
        now = wiring.sessions.now(session)
        row = visible(session, actor, message_id, wiring, permission=_MENDS, for_update=True)
        found = held.one(session, message_id)
        if found is None:
            raise NotInThisState(row.state)
        known = wiring.catalogue.current(session)
        stay = releasing.let_go(session, [found], known=known, now=now, wiring=wiring)
        if stay:
            raise StillHeld(stay[message_id])
        before = {"reason": row.reason}
        _record(session, actor, "message.released", row, now, wiring, before=before)
        view = _again(session, message_id, wiring)
    log.info("message_released", message=message_id, by=actor.id)
    wiring.queue.ring_send()
    return view


def would_stay(actor: Actor, message_id: str, *, wiring: Wiring) -> bool:
    """Whether the message, if held, would be held again at once by `release`. Raises `NotFound`."""
    with wiring.sessions.read() as session:
        visible(session, actor, message_id, wiring)
        found, known = held.one(session, message_id), wiring.catalogue.current(session)
        return found is not None and releasing.stays(session, found, known, wiring) is not None


def correct(
    actor: Actor, message_id: str, correction: Correction, *, wiring: Wiring
) -> MessageView:
    """Mend a held message and queue it again.

    Raises `NotFound`, `NotInThisState` unless it is held, or `BadCorrection` when it would be
    held again; then nothing changes.
    """
    with wiring.sessions.begin() as session:
        now = wiring.sessions.now(session)
        row = visible(session, actor, message_id, wiring, permission=_MENDS, for_update=True)
        body = reading.event_body(session, row.event_id)
        if row.state != State.HELD or body is None:
            raise NotInThisState(row.state)
        raw = json.loads(composing.open_body(wiring.sealer, row.event_id, body))
        before = composing.open_values(wiring.sealer, message_id, row.values_cipher)
        filled_in = {**before, **dict(correction.values)}
        mended = composing.mended(raw, filled_in, phone=correction.phone)
        event = composing.read_body(json.dumps(mended))
        made = composing.draft(event, wiring.catalogue.current(session))
        if made.state is State.HELD:
            raise BadCorrection(_still_held(made.reason, made.missing))
        send_at, valid_until = _due(session, row, now, wiring)
        columns = composing.sealed_columns(
            made, message_id, sealer=wiring.sealer, hashes=wiring.hashes
        )
        del columns["state"], columns["reason"]
        messages.move(
            session,
            [message_id],
            states.RELEASE,
            at=now,
            send_at=send_at,
            valid_until=valid_until,
            values_cipher=composing.seal_values(wiring.sealer, message_id, filled_in),
            **columns,
        )
        _record(
            session,
            actor,
            "message.corrected",
            row,
            now,
            wiring,
            before={"phone": row.phone_mask, "reason": row.reason},
            after={
                "phone": made.phone,
                "filled_in": sorted(name for name, _ in correction.values),
            },
        )
        view = _again(session, message_id, wiring)
    log.info("message_corrected", message=message_id, by=actor.id)
    wiring.queue.ring_send()
    return view


def _due(
    session: Session, row: MessageRow, now: datetime, wiring: Wiring
) -> tuple[datetime, datetime]:
    hours = wiring.catalogue.current(session).sending_hours(row.office_id)
    return composing.due(row.event_type, now, hours)


def reveal(actor: Actor, message_id: str, *, wiring: Wiring) -> str:
    """The phone in E.164, which nobody sees without a trace in the log.

    Raises `NotFound`, `ScopeMissing`, or `NotInThisState` where the phone is no longer kept.
    """
    with wiring.sessions.begin() as session:
        now = wiring.sessions.now(session)
        row = visible(session, actor, message_id, wiring, permission=Permission.PHONES_REVEAL)
        if row.phone_cipher is None:
            raise NotInThisState(row.state)
        phone = open_phone(wiring.sealer, row.id, row.phone_cipher)
        _record(session, actor, "phone.revealed", row, now, wiring, after={"phone": phone})
    log.info("phone_revealed", message=message_id, by=actor.id)
    return phone


def _mobile(phone: str) -> str:
    read = phones.parse(phone)
    if read.e164 is None or not read.usable:
        raise BadCorrection(_still_held(Reason.PHONE))
    return read.e164


def _still_held(reason: Reason | None, missing: Sequence[str] = ()) -> tuple[FieldProblem, ...]:
    match reason:
        case Reason.PHONE:
            return (FieldProblem("phone", "phone", "This is not a Vietnamese mobile number."),)
        case Reason.MISSING_VALUE:
            said = "The template needs it, and it is missing, unreadable or too long."
            return tuple(FieldProblem(f"values.{name}", reason, said) for name in missing)
        case Reason.TEMPLATE_UNFIT:
            return (FieldProblem("", reason, "The template's words must not be sent."),)
        case _:
            said = "There are no words for this situation yet."
            return (FieldProblem("", str(reason), said),)


def _record(
    session: Session,
    actor: Actor,
    action: str,
    row: MessageRow,
    at: datetime,
    wiring: Wiring,
    *,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> None:
    audit.record(
        session,
        ids=wiring.ids,
        at=at,
        actor=actor.id,
        action=action,
        object_id=row.id,
        office=row.office_id,
        before=before,
        after=after,
    )


def visible(
    session: Session,
    actor: Actor,
    message_id: str,
    wiring: Wiring,
    *,
    permission: Permission = Permission.MESSAGES_READ,
    for_update: bool = False,
) -> MessageRow:
    """The message. Raises `NotFound`, also for another office's, or `ScopeMissing`."""
    row = reading.one(session, message_id, for_update=for_update)
    known = wiring.catalogue.current(session)
    if row is None:
        raise NotFound("there is no such message")
    actors.require_at(actor, permission, row.office_id, known, sees=Permission.MESSAGES_READ)
    return row


def _again(session: Session, message_id: str, wiring: Wiring) -> MessageView:
    row = reading.one(session, message_id)
    if row is None:
        raise NotFound("there is no such message")
    return views_of(session, [row], wiring)[0]


def _resent(
    row: MessageRow, resent_as: Mapping[str, ResentRow]
) -> tuple[datetime | None, str | None]:
    """When it was sent again and as what; not what was withdrawn before it went."""
    newer = resent_as.get(row.id)
    if newer is not None and newer.state in states.WITHDRAWN:
        return None, None
    return row.resent_at, newer.id if newer else None


def views_of(session: Session, rows: Sequence[MessageRow], wiring: Wiring) -> list[MessageView]:
    """These messages with everything that is known of them."""
    ids = [row.id for row in rows]
    attempts = reading.attempts_of(session, ids)
    receipts = reading.receipts_of(session, ids)
    missing = lacking.values_of(session, rows, wiring)
    resent_as = reading.resent_as(session, rows)
    resent = {row.id: _resent(row, resent_as) for row in rows}
    return [
        MessageView(
            id=row.id,
            state=row.state,
            reason=row.reason,
            missing=missing.get(row.id, ()),
            to=row.phone_mask,
            case=row.case_code,
            office=row.office_id,
            event=row.source_event_id,
            event_type=row.event_type,
            template=row.template_version_id,
            language=row.language,
            encoding=row.encoding,
            segments=row.segments,
            text=open_text(wiring.sealer, row.id, row.text_cipher) if row.text_cipher else None,
            created_at=row.created_at,
            send_at=row.send_at,
            valid_until=row.valid_until,
            state_at=row.state_at,
            handed_over_at=row.handed_over_at,
            resend_of=row.resend_of,
            possible_double=row.possible_double,
            no_receipt=row.no_receipt,
            told_at=row.told_at,
            resent_at=resent[row.id][0],
            resent_as=resent[row.id][1],
            attempts=tuple(
                AttemptView(
                    a.id, a.gateway, a.outcome, a.code, a.started_at, a.closed_at, a.provider_id
                )
                for a in attempts.get(row.id, [])
            ),
            receipts=tuple(
                ReceiptView(r.gateway, r.report, r.code, r.occurred_at, r.received_at)
                for r in receipts.get(row.id, [])
            ),
        )
        for row in rows
    ]
