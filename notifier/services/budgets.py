"""What offices may spend and what they spent, shown and set."""

from dataclasses import asdict, dataclass

import structlog
from sqlalchemy.orm import Session

from notifier.domain import budgets
from notifier.domain.budgets import NOTHING, Budget, Spent
from notifier.domain.calendar import local
from notifier.domain.people import Permission
from notifier.services import actors, audit
from notifier.services.actors import Actor
from notifier.services.views import NotFound
from notifier.services.wiring import Wiring
from notifier.store import budgets as rows
from notifier.store import catalogue

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class BudgetView:
    """An office's limits and what providers took of its messages; `left` by limit that is set."""

    office: str
    budget: Budget
    spent: Spent
    left: dict[str, int]


def show(office_id: str, *, wiring: Wiring) -> BudgetView:
    """What the office may spend and spent. Raises `NotFound`."""
    with wiring.sessions.read() as session:
        return _view(session, office_id, _limits(session, office_id, wiring), wiring)


def give(office_id: str, budget: Budget, *, by: Actor | None, wiring: Wiring) -> BudgetView:
    """Give the office this budget. Raises `ScopeMissing` or `NotFound`."""
    if by is not None:
        actors.require_everywhere(by, Permission.GATEWAYS_WRITE)
    with wiring.sessions.begin() as session:
        before = _limits(session, office_id, wiring)
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
        view = _view(session, office_id, budget, wiring)
    log.info("budget_given", office=office_id)
    return view


def _limits(session: Session, office_id: str, wiring: Wiring) -> Budget:
    known = wiring.catalogue.current(session)
    if office_id not in known.office_ids:
        raise NotFound(f"no office {office_id}")
    return known.budgets.get(office_id, Budget())


def _view(session: Session, office_id: str, budget: Budget, wiring: Wiring) -> BudgetView:
    today = local(wiring.sessions.now(session)).date()
    spent = rows.spent(session, [office_id], on=today).get(office_id, NOTHING)
    return BudgetView(office_id, budget, spent, budgets.left(budget, spent))
