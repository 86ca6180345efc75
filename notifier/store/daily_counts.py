"""What became of messages, by day: of those that are here, and of those that retention removed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, func, select, union_all
from sqlalchemy.orm import Session

from notifier.domain.calendar import ZONE_NAME
from notifier.domain.ids import CLOCKS_APART, earliest
from notifier.domain.states import Outcome
from notifier.store.columns import local_day
from notifier.store.tables import Attempt, DailyCount, Message
from notifier.store.upserts import insert_or_add

_KEY = ("day", "office_id", "event_type", "state", "gateway")


@dataclass(frozen=True, slots=True)
class DayCount:
    """Messages of a day in Vietnam that are alike; `gateway` is empty where none was tried."""

    day: date
    office: str
    event_type: str
    state: str
    gateway: str
    messages: int
    segments: int


def by_day(
    session: Session, *, since: date, until: date, offices: Collection[str] | None = None
) -> list[DayCount]:
    """The counts of the days from `since` to `until`, of these offices or of all, in order."""
    zone = ZoneInfo(ZONE_NAME)
    first = datetime.combine(since, time(0), zone) - CLOCKS_APART
    last = datetime.combine(until, time(0), zone) + timedelta(days=1) + CLOCKS_APART
    here = [Message.id >= earliest("msg", first), Message.id < earliest("msg", last)]
    gone = select(
        *(getattr(DailyCount, name) for name in _KEY), DailyCount.messages, DailyCount.segments
    )
    every = union_all(_counted(here), gone).subquery()
    wanted = [every.c.day >= since, every.c.day <= until]
    if offices is not None:
        wanted.append(every.c.office_id.in_(offices))
    key = [every.c[name] for name in _KEY]
    rows = session.execute(
        select(*key, func.sum(every.c.messages), func.sum(every.c.segments))
        .where(*wanted)
        .group_by(*key)
        .order_by(*key)
    )
    return [
        DayCount(row[0], row[1], row[2], row[3], row[4], int(row[5]), int(row[6])) for row in rows
    ]


def keep(session: Session, message_ids: Sequence[str]) -> None:
    """Add messages that are about to be removed to what is kept for ever."""
    counted = _counted([Message.id.in_(message_ids)])
    # In order, so that two workers never lock crosswise.
    counted = counted.order_by(*(counted.selected_columns[name] for name in _KEY))
    adding = insert_or_add(session, DailyCount, key=_KEY, columns=("messages", "segments"))
    session.execute(adding.from_select([*_KEY, "messages", "segments"], counted))


def _counted(which: Sequence[ColumnElement[bool]]) -> Select[tuple[object, ...]]:
    """Messages in the database, counted."""
    each = (
        select(
            local_day(Message.created_at).label("day"),
            Message.office_id,
            Message.event_type,
            Message.state,
            _gateway().label("gateway"),
            Message.segments,
        )
        .where(*which)
        .subquery()
    )
    key = [each.c[name] for name in _KEY]
    return (
        select(
            *key,
            func.count().label("messages"),
            func.coalesce(func.sum(each.c.segments), 0).label("segments"),
        )
        .where(each.c.day.is_not(None))  # SQLite takes ON CONFLICT after a bare FROM for a join
        .group_by(*key)
    )


def _gateway() -> ColumnElement[str]:
    """The gateway that took the message, else the one that was tried last, else nothing."""
    return func.coalesce(
        select(Attempt.gateway)
        .where(Attempt.message_id == Message.id)
        .order_by((Attempt.outcome == Outcome.ACCEPTED).is_(True).desc(), Attempt.id.desc())
        .limit(1)
        .scalar_subquery(),
        "",
    )
