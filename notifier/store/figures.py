"""Figures that only grow: added to in the transaction of what they count, summed at a scrape."""

from collections.abc import Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from notifier.store.tables import Figure
from notifier.store.upserts import insert_or_add

Place = tuple[str, str, str]  # name, gateway, label

_KEY = ("name", "gateway", "label", "share")


def add(session: Session, counted: Mapping[Place, float], *, share: int) -> None:
    """Add to this process' share of the figures."""
    if not counted:
        return
    statement = insert_or_add(session, Figure, key=_KEY, columns=("value",))
    # In order, so that two processes of one share never lock crosswise.
    rows = [
        {**dict(zip(_KEY, (*place, share), strict=True)), "value": counted[place]}
        for place in sorted(counted)
    ]
    session.connection().execute(statement, rows)


def all_of(session: Session) -> dict[Place, float]:
    """Every figure, its shares added up."""
    rows = session.execute(
        select(Figure.name, Figure.gateway, Figure.label, func.sum(Figure.value)).group_by(
            Figure.name, Figure.gateway, Figure.label
        )
    )
    return {(name, gateway, label): value for name, gateway, label, value in rows}
