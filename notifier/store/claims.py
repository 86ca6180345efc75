"""Claims: which messages are due, who takes them, and what ends a claim that its worker left."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    Select,
    and_,
    bindparam,
    exists,
    func,
    literal_column,
    or_,
    select,
    true,
    tuple_,
    union,
    update,
)
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql.dml import ReturningUpdate

from notifier.domain import states
from notifier.domain.events import ALERT, Priority
from notifier.domain.states import State
from notifier.store.columns import Instant, one_of
from notifier.store.messages import leaving, nobodys, nothing_else_pending
from notifier.store.tables import Message, OptOut

NO_GATEWAY_FOR = timedelta(minutes=1)  # the longest that what no gateway takes is put off
_OFFICES_A_CLAIM = 16
_RANKS = range(len(Priority))
_When = datetime | BindParameter[datetime]
_ALERT: ColumnElement[str] = literal_column(f"'{ALERT}'")
_NOW: BindParameter[datetime] = bindparam("at_now", type_=Instant())
_QUEUED: ColumnElement[str] = literal_column(
    f"'{State.QUEUED}'"
)  # a parameter would keep PostgreSQL from an index


def _but_of() -> BindParameter[Any]:
    return bindparam("but_of", expanding=True)


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
    priority: int
    send_at: datetime
    released_at: datetime | None  # a person let it go: past the caps
    created_at: datetime

    @property
    def message_id(self) -> str:
        return self.id

    @property
    def awaited_since(self) -> datetime:
        """When it came in; if nothing was tried, when it was put off to, or let go."""
        if self.tries:
            return self.created_at
        return max(self.created_at, self.send_at, self.released_at or self.send_at)


def _first_in_its_case(now: _When) -> ColumnElement[bool]:
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


def _due(now: _When) -> list[ColumnElement[bool]]:
    return [
        Message.state == _QUEUED,
        Message.send_at <= now,
        Message.valid_until > now,
        Message.superseded_by.is_(None),
    ]


@dataclass(slots=True)
class Turn:
    """Whose turn it is: offices with something due take turns, a few in each claim."""

    after: str = ""  # the last office of the claim before


def _waiting(session: Session, now: datetime, turn: Turn, but_of: Collection[str]) -> list[str]:
    """The next offices with something due. Steps from office to office through the index."""
    found = _waiting_after(session, now, turn.after, but_of)
    if len(found) < _OFFICES_A_CLAIM and turn.after:
        start = [one for one in _waiting_after(session, now, "", but_of) if one <= turn.after]
        found = [*found, *start][:_OFFICES_A_CLAIM]
    turn.after = found[-1] if len(found) == _OFFICES_A_CLAIM else ""
    return found


def _waiting_after(
    session: Session, now: datetime, after: str, but_of: Collection[str]
) -> list[str]:
    given = {"at_now": now, "after": after, "but_of": list(but_of)}
    return list(session.scalars(_stepping(), given))


# A claim runs some hundred times a second, and to build its statements takes five times as long
# as to run them: they are built once, for so many offices.


@cache
def _stepping() -> Select[str]:
    queued = aliased(Message)
    first = select(func.min(queued.office_id).label("office_id")).where(
        queued.state == _QUEUED, queued.office_id > bindparam("after")
    )
    step = first.cte("waiting", recursive=True)
    next_one = aliased(Message)
    following = (
        select(func.min(next_one.office_id))
        .where(next_one.state == _QUEUED, next_one.office_id > step.c.office_id)
        .scalar_subquery()
    )
    step = step.union_all(select(following).where(step.c.office_id.is_not(None)))
    something_due = exists().where(
        *_due(_NOW), Message.office_id == step.c.office_id, Message.priority.in_(_RANKS)
    )
    return (
        select(step.c.office_id)
        .where(step.c.office_id.is_not(None), something_due, step.c.office_id.not_in(_but_of()))
        .limit(_OFFICES_A_CLAIM)
    )


def claim(
    session: Session,
    *,
    now: datetime,
    token: str,
    lease: timedelta,
    limit: int,
    but_of: Collection[str] = (),
    turn: Turn | None = None,
) -> list[Claimed]:
    """Take up to `limit` due messages under `token` until the lease is out, urgent ones first.

    Within a priority the offices take turns, message by message; `turn` remembers whose turn it
    is next. None of the offices `but_of`: what became due since their messages were put off. But
    alerts to a duty phone go at any hour.
    """
    offices = _waiting(session, now, turn or Turn(), but_of)
    if not offices and not but_of:
        return []
    given = {"until": now + lease, "claimant": token, **picking(now, offices, limit, but_of)}
    rows = session.connection().execute(_claiming(len(offices)), given)
    claimed = [Claimed(**row) for row in rows.mappings()]
    return sorted(claimed, key=lambda one: (one.priority, one.send_at, one.id))


@cache
def _claiming(offices: int) -> ReturningUpdate[Any]:
    return (
        update(Message)
        .where(
            Message.id.in_(picked(offices)),
            one_of(Message.state, states.CLAIM.allowed_from),
        )
        .values(
            state=states.CLAIM.to,
            state_at=_NOW,
            lease_until=bindparam("until", type_=Instant()),
            claim_token=bindparam("claimant"),
        )
        .returning(*(getattr(Message, name) for name in Claimed.__slots__))
    )


def picking(
    now: datetime, offices: Sequence[str], limit: int, but_of: Collection[str]
) -> dict[str, object]:
    """What `picked` is executed with."""
    each = limit if len(offices) <= 1 else min(limit, max(8, 2 * limit // len(offices)))
    named = {f"office_{place}": office for place, office in enumerate(offices)}
    return {"at_now": now, "most": limit, "each": each, "but_of": list(but_of), **named}


def picked(offices: int) -> Select[str]:
    """The ids to claim: a few of each office by their priority, and what is urgent anywhere."""
    may_go = (*_due(_NOW), _first_in_its_case(_NOW), _wanted())
    columns = (Message.id, Message.office_id, Message.priority, Message.send_at)
    most: BindParameter[int] = bindparam("most", type_=Integer)
    of_offices = [
        select(*columns)
        .where(*may_go, Message.office_id == bindparam(f"office_{place}"))
        .order_by(Message.priority, Message.send_at)
        .limit(bindparam("each", type_=Integer))
        for place in range(offices)
    ]
    urgent = (
        select(*columns)
        .where(
            *may_go,
            Message.priority == literal_column("0"),
            or_(Message.office_id.not_in(_but_of()), Message.event_type == _ALERT),
        )
        .order_by(Message.send_at)
        .limit(most)
    )
    branches = [
        # A lock may stand in a subquery, not in a union.
        select(branch.with_for_update(skip_locked=True).subquery())
        for branch in (*of_offices, urgent)
    ]
    found = union(*branches).subquery()
    turns = func.row_number().over(
        partition_by=(found.c.office_id, found.c.priority), order_by=found.c.send_at
    )
    ordered = select(found.c.id, found.c.priority, found.c.send_at, turns.label("turn")).subquery()
    picked = (
        select(ordered.c.id)
        .order_by(ordered.c.priority, ordered.c.turn, ordered.c.send_at)
        .limit(most)
        .cte("picked")  # a CTE: LIMIT runs once
    )
    return select(picked.c.id)


def any_due(session: Session, now: datetime) -> bool:
    """Whether a claim would find something."""
    return session.scalar(_any_due(), {"at_now": now}) is not None


@cache
def _any_due() -> Select[str]:
    may_go = (*_due(_NOW), _first_in_its_case(_NOW), _wanted())
    # In an order: without one PostgreSQL reads the table from its old end to find the first.
    return select(Message.id).where(*may_go).order_by(Message.send_at).limit(1)


def put_off(session: Session, openings: Mapping[str, datetime], *, now: datetime) -> None:
    """Move what is due now for these offices to their openings: they are in their quiet hours.

    But for alerts to a duty phone, which were made to go now.
    """
    for opening, offices in _by_instant(openings).items():
        where = (*_due(now), Message.office_id.in_(offices), Message.event_type != _ALERT)
        _put(session, where, send_at=opening)


def put_off_kind(
    session: Session,
    office_id: str,
    language: str,
    encoding: str | None,
    *,
    until: datetime,
    now: datetime,
) -> None:
    """Move what is due now, of one kind and never tried: no gateway of its way takes anything."""
    where = (
        *_due(now),
        Message.office_id == office_id,
        Message.language == language,
        Message.encoding == encoding,
        Message.tries == 0,
    )
    _put(session, where, send_at=until, reason=states.Reason.NO_GATEWAY)


def look_again(session: Session, *, now: datetime) -> None:
    """Make due what no gateway took: one of them may take it by now."""
    where = (
        Message.state == _QUEUED,
        Message.send_at > now,
        Message.send_at <= now + NO_GATEWAY_FOR,
        Message.reason == states.Reason.NO_GATEWAY,
    )
    _put(session, where, send_at=now, reason=None)


def bring_forward(session: Session, openings: Mapping[str, datetime], *, now: datetime) -> None:
    """Make due what waits for these openings, or for later ones, though its office is open."""
    for opening, offices in _by_instant(openings).items():
        where = (
            Message.state == State.QUEUED,
            Message.send_at >= opening,
            Message.office_id.in_(offices),
        )
        _put(session, where, send_at=now)


def _put(session: Session, where: Iterable[ColumnElement[bool]], **values: object) -> None:
    """Change the messages that are so, and in nobody else's hands."""
    session.execute(
        update(Message)
        .where(nobodys(*where))
        .values(**values)
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
    ends = {"state": states.SUPPRESS.to, "state_at": at, "reason": states.Reason.OPTED_OUT}
    _put(session, (*_due(at), ~_wanted()), **ends)


def lease_is_out(now: datetime, lease: timedelta) -> ColumnElement[bool]:
    """The lease ended, or ends later than any lease can: the clock went back."""
    return or_(Message.lease_until < now, Message.lease_until > now + lease)


def free_unattempted(session: Session, *, now: datetime, lease: timedelta) -> list[str]:
    """Back to `queued`: leases that ended before any attempt was opened."""
    freed = session.scalars(
        update(Message)
        .where(
            nobodys(
                Message.state == State.SENDING,
                lease_is_out(now, lease),
                nothing_else_pending(),
            )
        )
        .values(state=states.REQUEUE.to, state_at=now, **leaving(states.REQUEUE))
        .returning(Message.id)
        .execution_options(synchronize_session=False)
    )
    return list(freed)
