"""Letting held messages go, or cancelling them: all that an office has for a reason.

What is released goes past the caps, and to gateways that refused it before: a person decided. Its
time begins anew. What would be held again at once stays as it is.
"""

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from notifier.domain import states
from notifier.domain.people import Permission
from notifier.domain.states import Reason, Release, State
from notifier.services import actors, audit, composing
from notifier.services.actors import Actor
from notifier.services.catalogue import Known
from notifier.services.wiring import Wiring
from notifier.store import held, messages, reading
from notifier.store.held import HeldCount, HeldRow

log = structlog.get_logger(__name__)

MOST = 10_000  # messages that one call works on
_AT_ONCE = 200  # of a transaction


@dataclass(frozen=True, slots=True)
class Batch:
    """What became of all that an office and those below it held for a reason.

    So many were `found` and so many `moved`; the rest is still held. A dry run moves none.
    """

    office: str
    reason: str
    dry_run: bool
    found: int
    moved: int


def let_go(
    session: Session, rows: Sequence[HeldRow], *, known: Known, now: datetime, wiring: Wiring
) -> dict[str, str]:
    """Queue these held messages again; answers those that stay held, each with its reason."""
    stay: dict[str, str] = {}
    as_they_are: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        match states.RELEASES.get(Reason(row.reason)):
            case Release.COMPOSED_AGAIN:
                if (reason := _compose_again(session, row, known, now, wiring)) is not None:
                    stay[row.id] = reason
            case _:
                if (reason := stays(session, row, known, wiring)) is not None:
                    stay[row.id] = reason
                else:
                    as_they_are.setdefault((row.office_id, row.event_type), []).append(row.id)
    for (office_id, event_type), ids in as_they_are.items():
        send_at, valid_until = composing.due(event_type, now, known.sending_hours(office_id))
        messages.move(
            session,
            ids,
            states.RELEASE,
            at=now,
            reason=Reason.BY_PERSON,
            send_at=send_at,
            valid_until=valid_until,
            released_at=now,
        )
    return stay


def stays(session: Session, row: HeldRow, known: Known, wiring: Wiring) -> str | None:
    """Why this message would stay held if it were let go now; nothing where it would go."""
    match states.RELEASES.get(Reason(row.reason)):
        case None:
            return row.reason
        case Release.COMPOSED_AGAIN:
            made = _made_again(session, row, known, wiring)
            if made is None:
                return row.reason  # nothing is kept that words could be made of
            return str(made.reason) if made.state is State.HELD else None
        case Release.AS_IT_IS:
            waits = row.reason == Reason.NOT_LIVE and not known.goes_out(
                row.office_id, row.phone_hash or b""
            )
            return row.reason if waits else None


def _made_again(
    session: Session, row: HeldRow, known: Known, wiring: Wiring
) -> composing.Draft | None:
    """The message by the words that hold now; nothing where its event is no longer kept."""
    body = reading.event_body(session, row.event_id)
    if body is None:
        return None
    return composing.draft_again(row, body, known, sealer=wiring.sealer)


def _compose_again(
    session: Session, row: HeldRow, known: Known, now: datetime, wiring: Wiring
) -> str | None:
    """Fill in the words that hold now and queue it; or why it stays held."""
    made = _made_again(session, row, known, wiring)
    if made is None:
        return row.reason
    if made.state is State.HELD:
        return str(made.reason)
    columns = composing.sealed_columns(made, row.id, sealer=wiring.sealer, hashes=wiring.hashes)
    del columns["state"], columns["reason"]
    send_at, valid_until = composing.due(row.event_type, now, known.sending_hours(row.office_id))
    messages.move(
        session,
        [row.id],
        states.RELEASE,
        at=now,
        reason=Reason.BY_PERSON,
        send_at=send_at,
        valid_until=valid_until,
        released_at=now,
        **columns,
    )
    return None


def release_all(
    office_id: str, reason: Reason, *, dry_run: bool, by: Actor | None, wiring: Wiring
) -> Batch:
    """Let go what the office and those below it hold for the reason; at most `MOST`.

    `by` is nobody for a command. Raises `NotFound` or `ScopeMissing`.
    """

    def move(session: Session, found: Sequence[HeldRow], known: Known, now: datetime) -> int:
        return len(found) - len(let_go(session, found, known=known, now=now, wiring=wiring))

    done = _all(office_id, reason, "messages.released", move, dry_run, by, wiring)
    if done.moved:
        wiring.queue.ring_send()
    return done


def cancel_all(
    office_id: str, reason: Reason, *, dry_run: bool, by: Actor | None, wiring: Wiring
) -> Batch:
    """Cancel what the office and those below it hold for the reason; at most `MOST`.

    `by` is nobody for a command. Raises `NotFound` or `ScopeMissing`.
    """

    def move(session: Session, found: Sequence[HeldRow], _: Known, now: datetime) -> int:
        ids = [row.id for row in found]
        return len(messages.move(session, ids, states.CANCEL, at=now, reason=Reason.BY_PERSON))

    return _all(office_id, reason, "messages.cancelled", move, dry_run, by, wiring)


def list_held(*, wiring: Wiring) -> list[HeldCount]:
    """How many messages are held, by office and reason."""
    with wiring.sessions.read() as session:
        return held.by_office_and_reason(session)


_Moving = Callable[[Session, Sequence[HeldRow], Known, datetime], int]


def _all(
    office_id: str,
    reason: Reason,
    action: str,
    move: _Moving,
    dry_run: bool,
    by: Actor | None,
    wiring: Wiring,
) -> Batch:
    with wiring.sessions.read() as session:
        offices = _reached(office_id, by, wiring.catalogue.current(session))
        found = held.count(session, offices, reason)
    moved, looked_at, after = 0, 0, ""
    while not dry_run and looked_at < MOST:
        with wiring.sessions.begin() as session:
            now = wiring.sessions.now(session)
            known = wiring.catalogue.current(session)
            rows = held.page(session, offices, reason, after=after, limit=_AT_ONCE)
            if not rows:
                break
            count = move(session, rows, known, now)
            if count:
                _note(session, action, office_id, {"reason": reason, "count": count}, by, wiring)
        moved, looked_at, after = moved + count, looked_at + len(rows), rows[-1].id
    if not dry_run:
        log.info(action.replace(".", "_"), office=office_id, reason=reason, count=moved)
    return Batch(office_id, reason, dry_run, found, moved)


def _reached(office_id: str, by: Actor | None, known: Known) -> Set[str]:
    """The office and those below it where the actor may do this."""
    permission = Permission.MESSAGES_WRITE
    actors.require_office(by, permission, office_id, known)
    below = {one for one in known.office_ids if office_id in known.lineage(one)}
    return below if by is None else below & by.offices(permission, known)


def _note(
    session: Session,
    action: str,
    office_id: str,
    after: dict[str, object],
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
        after=after,
    )
