"""What gateway accounts may be given each second: shown, and set for all workers at once."""

from dataclasses import dataclass

import structlog
from sqlalchemy.orm import Session

from config.gateways import RateUnit
from notifier.domain.people import Permission
from notifier.services import actors, audit
from notifier.services.actors import Actor
from notifier.services.catalogue import Known
from notifier.services.gateways import SaidBy
from notifier.services.views import NotFound
from notifier.services.wiring import Wiring
from notifier.store import catalogue
from notifier.store import limits as rows
from notifier.store.limits import LimitRow

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class LimitView:
    """What an account may be given each second, and who says so; none: no limit."""

    gateway: str
    per_second: float | None
    rate_unit: RateUnit
    said_by: SaidBy


def list_all(*, wiring: Wiring) -> list[LimitView]:
    """Of all gateways in use, in their order."""
    with wiring.sessions.read() as session:
        known = wiring.catalogue.current(session)
    return [view(name, known, wiring) for name in wiring.accounts.route]


def show(gateway: str, *, wiring: Wiring) -> LimitView:
    """Raises `NotFound` for a gateway not in use."""
    with wiring.sessions.read() as session:
        return view(gateway, wiring.catalogue.current(session), wiring)


def give(gateway: str, limit: LimitRow | None, *, by: Actor | None, wiring: Wiring) -> LimitView:
    """Keep the account to this, or let its settings say it again, in all workers from now on.

    `by` is nobody for a command. Raises `ScopeMissing`, or `NotFound` for a gateway not in use.
    """
    if by is not None:
        actors.require_everywhere(by, Permission.GATEWAYS_WRITE)
    with wiring.sessions.begin() as session:
        return put(session, gateway, limit, by=by, wiring=wiring)


def put(
    session: Session, gateway: str, limit: LimitRow | None, *, by: Actor | None, wiring: Wiring
) -> LimitView:
    """The same in a transaction of the caller's, who knows that they may."""
    catalogue.changing(session)
    before = view(gateway, wiring.catalogue.fresh(session), wiring)
    if limit is None:
        rows.clear(session, gateway)
    else:
        rows.put(session, gateway, limit)
    catalogue.changed(session)
    after = view(gateway, wiring.catalogue.fresh(session), wiring)
    audit.record(
        session,
        ids=wiring.ids,
        at=wiring.sessions.now(session),
        actor=by.id if by else audit.COMMAND,
        action="limit.given" if limit else "limit.taken_away",
        object_id=gateway,
        before=told(before),
        after=told(after),
    )
    log.info("limit_given", gateway=gateway, per_second=after.per_second)
    return after


def view(gateway: str, known: Known, wiring: Wiring) -> LimitView:
    """What holds in this catalogue. Raises `NotFound` for a gateway not in use."""
    account = wiring.accounts.get(gateway)
    if account is None:
        raise NotFound(f"no gateway {gateway} in use")
    limit = account.limit(known.limits.get(gateway))
    return LimitView(gateway, limit.per_second, limit.rate_unit, limit.said_by)


def told(limit: LimitView) -> dict[str, object]:
    """As the audit trail has it."""
    return {
        "per_second": limit.per_second,
        "rate_unit": limit.rate_unit.value,
        "said_by": limit.said_by.value,
    }
