"""Attempts: opened before the call, closed after it, asked about while unknown."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    String,
    Update,
    and_,
    bindparam,
    exists,
    func,
    insert,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.orm import Session

from notifier.domain.routing import NO_HISTORY, History
from notifier.domain.states import MAY_CLOSE, Outcome, State
from notifier.store.claims import lease_is_out
from notifier.store.columns import one_of
from notifier.store.tables import Attempt, Message


@dataclass(frozen=True, slots=True)
class Orphan:
    """An attempt whose worker is gone: open, and its message's lease is out."""

    id: str
    message_id: str
    gateway: str
    lease_until: datetime


@dataclass(frozen=True, slots=True)
class Doubtful:
    """An attempt with an unknown outcome, with what is needed to ask or send it again."""

    id: str
    message_id: str
    event_id: str
    office_id: str
    gateway: str
    started_at: datetime
    absent_counts_at: datetime
    resolve_tries: int
    valid_until: datetime
    phone_cipher: bytes = field(repr=False)
    phone_hash: bytes = field(repr=False)
    text_cipher: bytes = field(repr=False)
    values_cipher: bytes | None = field(repr=False)
    template_version_id: str | None
    language: str
    encoding: str | None
    segments: int | None
    sender: str


def add(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Open attempts, one mapping of all columns for each."""
    if rows:
        session.connection().execute(insert(Attempt), list(rows))


def lock(session: Session, ids: Collection[str]) -> None:
    """Hold these attempts until the transaction's end, taken in order: never crosswise.

    Whoever changes attempts and then their messages begins with this.
    """
    if session.get_bind().dialect.name != "sqlite":  # which has one writer anyway
        session.execute(
            select(Attempt.id).where(Attempt.id.in_(ids)).order_by(Attempt.id).with_for_update()
        )


def close(session: Session, closings: Sequence[Mapping[str, Any]], outcome: Outcome) -> None:
    """Close attempts with one outcome, where it may still be written.

    A closing has `attempt_id`, `at`, `code`, `fault`, `provider_id`, `resolve` and `absent`
    (the last two: when an unknown is asked about, and from when "absent" is believed), and may
    have `poll`: when to ask what became of an accepted one.
    """
    if closings:
        session.connection().execute(_closing(outcome), [{"poll": None, **one} for one in closings])


@cache  # to build it takes longer than to run it
def _closing(outcome: Outcome) -> Update:
    return (
        update(Attempt)
        .where(Attempt.id == bindparam("attempt_id"), _may_become(outcome))
        .values(
            outcome=outcome,
            closed_at=bindparam("at"),
            code=bindparam("code"),
            fault=bindparam("fault"),
            provider_id=bindparam("provider"),
            resolve_at=bindparam("resolve"),
            absent_counts_at=bindparam("absent"),
            poll_at=bindparam("poll"),
        )
    )


def _may_become(outcome: Outcome) -> ColumnElement[bool]:
    return or_(Attempt.outcome.is_(None), one_of(Attempt.outcome, MAY_CLOSE[outcome]))


@dataclass(frozen=True, slots=True)
class Taken:
    """What a provider took by one attempt."""

    office_id: str
    gateway: str
    segments: int


def not_yet_accepted(session: Session, ids: Collection[str]) -> list[Taken]:
    """What those of these attempts that may become accepted, and are not, hand over.

    Whoever accepts them holds their locks and asks this first: each is told once.
    """
    if not ids:
        return []
    rows = session.execute(
        select(Message.office_id, Attempt.gateway, func.coalesce(Message.segments, 1))
        .join(Message, Message.id == Attempt.message_id)
        .where(Attempt.id.in_(ids), _may_become(Outcome.ACCEPTED))
    )
    return [Taken(*row) for row in rows]


def prove_accepted(
    session: Session, proven: Sequence[tuple[str, str | None]], *, at: datetime
) -> None:
    """Receipts came for these attempts: whatever we believed, the provider has them.

    Each with the provider's id where it was told.
    """
    if not proven:
        return
    statement = (
        update(Attempt)
        .where(Attempt.id == bindparam("attempt_id"), _may_become(Outcome.ACCEPTED))
        .values(
            outcome=Outcome.ACCEPTED,
            closed_at=at,
            provider_id=func.coalesce(bindparam("provider", type_=String), Attempt.provider_id),
            resolve_at=None,
        )
    )
    rows = [{"attempt_id": attempt, "provider": provider} for attempt, provider in proven]
    session.connection().execute(statement, rows)


def orphans(session: Session, *, now: datetime, lease: timedelta, limit: int) -> list[Orphan]:
    """Open attempts of messages whose lease is out, locked until the transaction's end."""
    rows = session.execute(
        select(Attempt.id, Attempt.message_id, Attempt.gateway, Message.lease_until)
        .join(Message, Message.id == Attempt.message_id)
        .where(
            Message.state == State.SENDING,
            lease_is_out(now, lease),
            Attempt.outcome.is_(None),
        )
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [Orphan(**row) for row in rows.mappings()]


@dataclass(frozen=True, slots=True)
class Impatient:
    """Whose unknown messages go elsewhere when asking is in vain.

    Those at these gateways, but of some offices, and all of other offices.
    """

    gateways: Collection[str]
    offices: Collection[str]
    but_of: Collection[str]

    def condition(self) -> ColumnElement[bool]:
        at_them = and_(Attempt.gateway.in_(self.gateways), Message.office_id.not_in(self.but_of))
        return exists().where(
            Message.id == Attempt.message_id, or_(at_them, Message.office_id.in_(self.offices))
        )


@dataclass(frozen=True, slots=True)
class Askable:
    """Which unknown attempts may be taken: so many of each gateway that may be asked now.

    And, up to `limit`, those that nobody is asked about any more: of gateways that are not among
    `able`, what began before `too_old`, and what of the `impatient` began before another instant.
    """

    rooms: Mapping[str, int]
    able: Collection[str]
    too_old: datetime
    limit: int
    impatient_since: datetime
    impatient: Impatient

    def conditions(self, now: datetime) -> list[tuple[ColumnElement[bool], int]]:
        """What each kind of attempt satisfies, and how many of it may be taken."""
        due = and_(Attempt.outcome == Outcome.UNKNOWN, Attempt.resolve_at <= now)
        given_up = or_(Attempt.gateway.not_in(self.able), Attempt.started_at < self.too_old)
        if self.impatient.gateways or self.impatient.offices:
            since = Attempt.started_at < self.impatient_since
            given_up = or_(given_up, and_(since, self.impatient.condition()))
        return [
            *(
                (and_(due, Attempt.gateway == name), room)
                for name, room in sorted(self.rooms.items())
                if room > 0
            ),
            (and_(due, given_up), self.limit),
        ]


def claim_doubtful(
    session: Session, *, now: datetime, until: datetime, askable: Askable
) -> list[Doubtful]:
    """Take unknown attempts that are due to be asked about; nobody else does before `until`."""
    branches = [
        select(Attempt.id)
        .where(condition)
        .order_by(Attempt.resolve_at)
        .limit(room)
        .with_for_update(skip_locked=True)
        .subquery()
        for condition, room in askable.conditions(now)
    ]
    due = union_all(*(select(branch.c.id) for branch in branches)).cte("due")
    taken = session.scalars(
        update(Attempt)
        .where(Attempt.id.in_(select(due.c.id)), Attempt.outcome == Outcome.UNKNOWN)
        .values(resolve_at=until, resolve_tries=Attempt.resolve_tries + 1)
        .returning(Attempt.id)
        .execution_options(synchronize_session=False)
    ).all()
    if not taken:
        return []
    rows = session.execute(
        select(
            Attempt.id,
            Attempt.message_id,
            Message.event_id,
            Message.office_id,
            Attempt.gateway,
            Attempt.started_at,
            Attempt.absent_counts_at,
            Attempt.resolve_tries,
            Message.valid_until,
            Message.phone_cipher,
            Message.phone_hash,
            Message.text_cipher,
            Message.values_cipher,
            Message.template_version_id,
            Message.language,
            Message.encoding,
            Message.segments,
            Message.sender,
        )
        .join(Message, Message.id == Attempt.message_id)
        .where(Attempt.id.in_(taken))
    )
    return [Doubtful(**row) for row in rows.mappings()]


def any_askable(session: Session, *, now: datetime, askable: Askable) -> bool:
    """Whether `claim_doubtful` would find something."""
    return any(
        session.scalar(select(Attempt.id).where(condition).limit(1)) is not None
        for condition, _ in askable.conditions(now)
    )


def any_doubtful_due(session: Session, now: datetime) -> bool:
    """Whether an unknown attempt is due to be asked about."""
    found = session.scalar(
        select(Attempt.id)
        .where(Attempt.outcome == Outcome.UNKNOWN, Attempt.resolve_at <= now)
        .limit(1)
    )
    return found is not None


def ask_again(session: Session, attempt_id: str, at: datetime | None) -> None:
    """Ask about an unknown attempt again at `at`; never, if empty."""
    session.execute(
        update(Attempt)
        .where(Attempt.id == attempt_id, Attempt.outcome == Outcome.UNKNOWN)
        .values(resolve_at=at)
        .execution_options(synchronize_session=False)
    )


def provider_ids_of_phone(session: Session, phone_hash: bytes, gateway: str) -> frozenset[str]:
    """Ids at that gateway that already belong to attempts to this phone."""
    rows = session.scalars(
        select(Attempt.provider_id)
        .join(Message, Message.id == Attempt.message_id)
        .where(
            Message.phone_hash == phone_hash,
            Attempt.gateway == gateway,
            Attempt.provider_id.is_not(None),
        )
    )
    return frozenset(row for row in rows if row is not None)


def came_to_nothing(session: Session, message_ids: Collection[str]) -> list[tuple[str, str]]:
    """Message and gateway of each attempt at these messages that ended and was not accepted."""
    rows = session.execute(
        select(Attempt.message_id, Attempt.gateway).where(
            Attempt.message_id.in_(message_ids), Attempt.outcome != Outcome.ACCEPTED
        )
    )
    return [(message_id, gateway) for message_id, gateway in rows]


def histories(session: Session, message_ids: Collection[str]) -> dict[str, History]:
    """By message: who refused it for good, where it may lie, and who deferred it last.

    What was refused before a person let the message go counts no more.
    """
    rows = session.execute(
        select(
            Attempt.message_id,
            Attempt.gateway,
            Attempt.outcome,
            Attempt.fault,
            (Attempt.started_at < Message.released_at).label("before"),
        )
        .join(Message, Message.id == Attempt.message_id)
        .where(Attempt.message_id.in_(message_ids))
        .order_by(Attempt.id)
    )
    told: dict[str, History] = {}
    for message_id, gateway, outcome, fault, before_release in rows:
        before = told.get(message_id, NO_HISTORY)
        refused = before.refused_by
        if outcome == Outcome.REJECTED and fault in {"content", "channel"} and not before_release:
            refused |= {gateway}
        unknown = before.unknown_at | ({gateway} if outcome == Outcome.UNKNOWN else set())
        deferred = gateway if outcome == Outcome.DEFERRED else None
        told[message_id] = History(refused, unknown, deferred)
    return told
