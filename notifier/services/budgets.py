"""What offices may spend and what they spent, shown and set."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from notifier.domain import budgets
from notifier.domain.budgets import NOTHING, Budget, Spent
from notifier.domain.calendar import local
from notifier.domain.people import Permission
from notifier.services import actors, audit
from notifier.services.actors import Actor
from notifier.services.catalogue import Known
from notifier.services.views import NotFound
from notifier.services.wiring import Wiring
from notifier.store import budgets as rows
from notifier.store import catalogue

log = structlog.get_logger(__name__)

Lefts = dict[str, dict[str, int]]  # by office and limit


@dataclass(frozen=True, slots=True)
class BudgetView:
    """An office's limits, and what providers took of its messages and of those of all below it.

    `own` is its part of that. `left` has each limit that is set, `above` the same of each office
    above: they bound it too.
    """

    office: str
    budget: Budget
    spent: Spent
    own: Spent
    left: dict[str, int]
    above: dict[str, dict[str, int]]


def show(office_id: str, *, wiring: Wiring) -> BudgetView:
    """What the office may spend and spent. Raises `NotFound`."""
    with wiring.sessions.read() as session:
        known = _with(office_id, wiring.catalogue.current(session))
        return _view(session, office_id, known, wiring)


def give(office_id: str, budget: Budget, *, by: Actor | None, wiring: Wiring) -> BudgetView:
    """Give the office this budget. Raises `ScopeMissing` or `NotFound`."""
    if by is not None:
        actors.require_everywhere(by, Permission.GATEWAYS_WRITE)
    with wiring.sessions.begin() as session:
        return put(session, office_id, budget, by=by, wiring=wiring)


def put(
    session: Session, office_id: str, budget: Budget, *, by: Actor | None, wiring: Wiring
) -> BudgetView:
    """The same in a transaction of the caller's, who knows that they may."""
    catalogue.changing(session)
    before = _with(office_id, wiring.catalogue.fresh(session)).budgets.get(office_id, Budget())
    rows.put(session, office_id, budget)
    catalogue.changed(session)
    audit.record(
        session,
        ids=wiring.ids,
        at=wiring.sessions.now(session),
        actor=by.id if by else audit.COMMAND,
        action="budget.given",
        object_id=office_id,
        office=office_id,
        before=asdict(before),
        after=asdict(budget),
    )
    log.info("budget_given", office=office_id)
    return _view(session, office_id, wiring.catalogue.fresh(session), wiring)


def has_room(
    session: Session, known: Known, office_id: str, *, segments: int, dong: int, at: datetime
) -> bool:
    """Whether so much more keeps to the budgets of the office and of all above it."""
    limited = [one for one in known.lineage(office_id) if one in known.budgets]
    spent = _spent_below(session, known, limited, at=at)
    return all(
        budgets.within(known.budgets[one], spent[one].and_(segments, dong)) for one in limited
    )


def lefts(session: Session, known: Known, offices: Iterable[str], *, at: datetime) -> Lefts:
    """By office that has a budget, of these: what is left of each of its limits."""
    limited = {one: known.budgets[one] for one in offices if one in known.budgets}
    spent = _spent_below(session, known, limited, at=at)
    return {one: budgets.left(budget, spent[one]) for one, budget in limited.items()}


def _spent_below(
    session: Session, known: Known, offices: Iterable[str], *, at: datetime
) -> dict[str, Spent]:
    """By office: what it and those below it spent."""
    below = {one: known.below(one) for one in offices}
    if not below:
        return {}
    each = rows.spent(session, frozenset[str]().union(*below.values()), on=local(at).date())
    sums = dict.fromkeys(below, NOTHING)
    for above, theirs in below.items():
        for one in theirs & each.keys():
            sums[above] = sums[above].with_(each[one])
    return sums


def _with(office_id: str, known: Known) -> Known:
    if office_id not in known.office_ids:
        raise NotFound(f"no office {office_id}")
    return known


def _view(session: Session, office_id: str, known: Known, wiring: Wiring) -> BudgetView:
    now = wiring.sessions.now(session)
    budget = known.budgets.get(office_id, Budget())
    spent = _spent_below(session, known, [office_id], at=now)[office_id]
    own = rows.spent(session, [office_id], on=local(now).date()).get(office_id, NOTHING)
    above = [one for one in known.lineage(office_id) if one != office_id]
    left = budgets.left(budget, spent)
    return BudgetView(office_id, budget, spent, own, left, lefts(session, known, above, at=now))
