"""What offices may spend, and what they spent."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Select, case, func, literal, literal_column, select, union_all
from sqlalchemy.orm import Session

from notifier.domain.budgets import Budget, Spent
from notifier.domain.states import Outcome, State
from notifier.store.tables import Attempt, Message, OfficeBudget, OfficeSpending
from notifier.store.upserts import insert_or_add

_COUNTS_SPENDING = 0x62616F75  # an advisory lock of PostgreSQL, held by a claim that counts
_SEGMENTS = func.coalesce(Message.segments, 1)


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
    rows = session.execute(_spent(offices, on))
    return {office: Spent(*(int(one) for one in sums)) for office, *sums in rows}


class Pending(StrEnum):
    """What may be spent, and is not counted yet."""

    UNKNOWN = "unknown"  # a provider may have it
    SENDING = "sending"  # in some worker's hands


@dataclass(frozen=True, slots=True)
class May:
    """So many segments of an office's messages may yet be spent, at a gateway where it is known."""

    office_id: str
    kind: Pending
    gateway: str
    segments: int


def spent_and_pending(
    session: Session, offices: Collection[str], *, on: date, token: str, since: datetime
) -> tuple[dict[str, Spent], list[May]]:
    """What these offices spent, and what may follow: unknown since then, or in others' hands.

    What the claim `token` took is left out. Claims ask one after the other, and in one statement:
    what goes from one kind to the other meanwhile is seen once.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_COUNTS_SPENDING)))
    spending = _spent(offices, on).add_columns(literal(""), literal(""))
    # Of all offices: what is unknown or in workers' hands is little, and has indexes of its own;
    # asked for some offices a planner would rather read all that they ever sent.
    nothing = [literal(0)] * 3
    unknown = (
        select(Message.office_id, func.sum(_SEGMENTS), *nothing)
        .add_columns(literal(Pending.UNKNOWN.value), Attempt.gateway)
        .join(Message, Message.id == Attempt.message_id)
        .where(
            Attempt.outcome == literal_column(f"'{Outcome.UNKNOWN}'"),
            Attempt.started_at >= since,
        )
        .group_by(Message.office_id, Attempt.gateway)
    )
    sending = (
        select(Message.office_id, _SEGMENTS, *nothing)
        .add_columns(literal(Pending.SENDING.value), literal(""))
        .where(
            Message.state == literal_column(f"'{State.SENDING}'"),
            Message.claim_token != token,
        )
    )
    taken: dict[str, Spent] = {}
    pending: list[May] = []
    for office, first, *rest, kind, gateway in session.execute(
        union_all(spending, unknown, sending)
    ):
        if office not in offices:
            continue
        if kind:
            pending.append(May(office, Pending(kind), gateway, int(first)))
        else:
            taken[office] = Spent(int(first), *(int(one) for one in rest))
    return taken, pending


def _spent(offices: Collection[str], on: date) -> Select[str, int, int, int, int]:
    that_day = OfficeSpending.day == on
    return (
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
