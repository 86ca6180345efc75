"""What offices may spend, and what they spent."""

from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import date

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from notifier.domain.budgets import Budget, Spent
from notifier.store.tables import OfficeBudget, OfficeSpending
from notifier.store.upserts import insert_or_add


def read(session: Session) -> Mapping[str, Budget]:
    """By office: the budgets of those that have one."""
    return {
        row.office_id: Budget(
            row.daily_segments, row.monthly_segments, row.daily_dong, row.monthly_dong
        )
        for row in session.scalars(select(OfficeBudget))
    }


def put(session: Session, office_id: str, budget: Budget) -> None:
    """Give the office this budget."""
    row = session.get(OfficeBudget, office_id) or OfficeBudget(office_id=office_id)
    for name, value in asdict(budget).items():
        setattr(row, name, value)
    session.add(row)
    session.flush()


def spend(session: Session, spent: Mapping[str, tuple[int, int]], *, on: date) -> None:
    """Add segments and đồng to what these offices spent that day."""
    if not spent:
        return
    rows = [
        {"office_id": office, "day": on, "segments": segments, "dong": dong}
        for office, (segments, dong) in sorted(spent.items())
    ]
    adding = insert_or_add(
        session, OfficeSpending, key=("office_id", "day"), columns=("segments", "dong")
    )
    session.connection().execute(adding, rows)


def spent(session: Session, offices: Collection[str], *, on: date) -> dict[str, Spent]:
    """By office that spent something this month: that day and since the month began."""
    that_day = OfficeSpending.day == on
    rows = session.execute(
        select(
            OfficeSpending.office_id,
            func.sum(case((that_day, OfficeSpending.segments), else_=0)),
            func.sum(OfficeSpending.segments),
            func.sum(case((that_day, OfficeSpending.dong), else_=0)),
            func.sum(OfficeSpending.dong),
        )
        .where(
            OfficeSpending.office_id.in_(offices),
            OfficeSpending.day >= on.replace(day=1),
            OfficeSpending.day <= on,
        )
        .group_by(OfficeSpending.office_id)
    )
    return {office: Spent(*(int(one) for one in sums)) for office, *sums in rows}
