"""Claims: which messages are due, who takes them, and what ends a claim that its worker left."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, or_, select, true, tuple_, update
from sqlalchemy.orm import Session, aliased

from notifier.domain import states
from notifier.domain.states import State
from notifier.store.columns import one_of
from notifier.store.messages import leaving, nothing_else_pending
from notifier.store.tables import Message, OptOut


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message that this claim may now hand over."""

    id: str
    event_id: str
    event_type: str
    office_id: str
    phone_cipher: bytes = field(repr=False)
    phone_hash: bytes = field(repr=False)
    text_cipher: bytes = field(repr=False)
    values_cipher: bytes | None = field(repr=False)
    template_version_id: str | None
    encoding: str | None
    segments: int | None
    sender: str
    tries: int
    language: str

    @property
    def message_id(self) -> str:
        return self.id


def _first_in_its_case(now: datetime) -> ColumnElement[bool]:
    """No earlier message of the case is still to go, or too freshly unknown."""
    earlier = aliased(Message)
    blocks = or_(
        one_of(earlier.state, states.BLOCKS_ITS_CASE),
        and_(earlier.state == State.UNKNOWN, earlier.blocks_until > now),
    )
    is_open = one_of(earlier.state, [State.QUEUED, State.SENDING, State.UNKNOWN])
    return ~exists().where(
        earlier.case_id == Message.case_id,
        is_open,
        blocks,
        tuple_(earlier.occurred_at, earlier.id) < tuple_(Message.occurred_at, Message.id),
    )


def _wanted() -> ColumnElement[bool]:
    """The citizen did not opt out: of everything, or of being asked to rate."""
    return ~exists().where(
        OptOut.phone_hash == Message.phone_hash,
        or_(OptOut.covers_all == true(), Message.event_type == "returned"),
    )


def _due(now: datetime) -> list[ColumnElement[bool]]:
    return [
        Message.state == State.QUEUED,
        Message.send_at <= now,
        Message.valid_until > now,
        Message.superseded_by.is_(None),
    ]


def claim(
    session: Session,
    *,
    now: datetime,
    token: str,
    lease: timedelta,
    limit: int,
    but_of: Collection[str] = (),
) -> list[Claimed]:
    """Take up to `limit` due messages under `token` until the lease is out. One statement.

    None of the offices `but_of`: what became due since their messages were put off.
    """
    others = [Message.office_id.not_in(but_of)] if but_of else []
    due = (
        select(Message.id)
        .where(*_due(now), _first_in_its_case(now), _wanted(), *others)
        .order_by(Message.send_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    rows = session.execute(
        update(Message)
        .where(Message.id.in_(select(due.c.id)), one_of(Message.state, states.CLAIM.allowed_from))
        .values(state=states.CLAIM.to, state_at=now, lease_until=now + lease, claim_token=token)
        .returning(
            Message.id,
            Message.event_id,
            Message.event_type,
            Message.office_id,
            Message.phone_cipher,
            Message.phone_hash,
            Message.text_cipher,
            Message.values_cipher,
            Message.template_version_id,
            Message.encoding,
            Message.segments,
            Message.sender,
            Message.tries,
            Message.language,
        )
        .execution_options(synchronize_session=False)
    )
    return [Claimed(**row) for row in rows.mappings()]


def any_due(session: Session, now: datetime) -> bool:
    """Whether a claim would find something."""
    found = session.scalar(
        select(Message.id).where(*_due(now), _first_in_its_case(now), _wanted()).limit(1)
    )
    return found is not None


def put_off(session: Session, openings: Mapping[str, datetime], *, now: datetime) -> None:
    """Move what is due now for these offices to their openings: they are in their quiet hours."""
    for opening, offices in _by_instant(openings).items():
        session.execute(
            update(Message)
            .where(*_due(now), Message.office_id.in_(offices))
            .values(send_at=opening)
            .execution_options(synchronize_session=False)
        )


def bring_forward(session: Session, openings: Mapping[str, datetime], *, now: datetime) -> None:
    """Make due what waits for these openings, or for later ones, though its office is open."""
    for opening, offices in _by_instant(openings).items():
        session.execute(
            update(Message)
            .where(
                Message.state == State.QUEUED,
                Message.send_at >= opening,
                Message.office_id.in_(offices),
            )
            .values(send_at=now)
            .execution_options(synchronize_session=False)
        )


def _by_instant(instants: Mapping[str, datetime]) -> dict[datetime, list[str]]:
    offices: dict[datetime, list[str]] = {}
    for office_id, at in sorted(instants.items()):
        offices.setdefault(at, []).append(office_id)
    return offices


def keep_for_call(session: Session, ids: Collection[str], token: str) -> set[str]:
    """Those of `ids` that are still `sending` under this token and not superseded.

    Counts their tries; the rows stay locked until the transaction's end.
    """
    kept = session.scalars(
        update(Message)
        .where(
            Message.id.in_(ids),
            Message.state == State.SENDING,
            Message.claim_token == token,
            Message.superseded_by.is_(None),
        )
        .values(tries=Message.tries + 1)
        .returning(Message.id)
        .execution_options(synchronize_session=False)
    )
    return set(kept)


def suppress_unwanted(session: Session, *, at: datetime) -> None:
    """Settle due messages whose citizen opted out after intake."""
    session.execute(
        update(Message)
        .where(*_due(at), ~_wanted())
        .values(state=states.SUPPRESS.to, state_at=at, reason=states.Reason.OPTED_OUT)
        .execution_options(synchronize_session=False)
    )


def lease_is_out(now: datetime, lease: timedelta) -> ColumnElement[bool]:
    """The lease ended, or ends later than any lease can: the clock went back."""
    return or_(Message.lease_until < now, Message.lease_until > now + lease)


def free_unattempted(session: Session, *, now: datetime, lease: timedelta) -> list[str]:
    """Back to `queued`: leases that ended before any attempt was opened."""
    freed = session.scalars(
        update(Message)
        .where(
            Message.state == State.SENDING,
            lease_is_out(now, lease),
            nothing_else_pending(),
        )
        .values(state=states.REQUEUE.to, state_at=now, **leaving(states.REQUEUE))
        .returning(Message.id)
        .execution_options(synchronize_session=False)
    )
    return list(freed)
