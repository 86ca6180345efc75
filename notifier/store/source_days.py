"""How many messages a source made to go out on the last day (in Vietnam) that it made any."""

from collections.abc import Collection, Mapping
from datetime import date
from functools import cache

from sqlalchemy import Insert, case, select
from sqlalchemy.orm import Session

from notifier.store.tables import SourceDay
from notifier.store.upserts import dialect_of, insert


def made(session: Session, sources: Collection[str], day: date) -> dict[str, int]:
    """By source, how many on that day. Nothing is locked: whoever commits next may not see us."""
    rows = session.execute(
        select(SourceDay.source_id, SourceDay.messages).where(
            SourceDay.source_id.in_(sources), SourceDay.day == day
        )
    )
    return {source_id: messages for source_id, messages in rows}  # noqa: C416 - rows are not tuples


def count(session: Session, made_now: Mapping[str, int], day: date) -> None:
    """Add what sources made now. Their rows stay locked until the end, taken in order."""
    rows = [
        {"source_id": source, "day": day, "messages": messages, "purge_after": None}
        for source, messages in sorted(made_now.items())
    ]
    if rows:
        session.connection().execute(_counting(dialect_of(session)), rows)


@cache
def _counting(dialect: str) -> Insert:
    made = insert(dialect, SourceDay)
    now = made.excluded
    same_day = SourceDay.day == now.day
    return made.on_conflict_do_update(
        index_elements=[SourceDay.source_id],
        set_={
            "messages": case((same_day, SourceDay.messages + now.messages), else_=now.messages),
            "day": now.day,
        },
    )
