"""What offices spend: each attempt that a provider took, once, however we learn of it.

An answer, a look-up and a receipt may each be the first to tell, and they may come together.
Whoever accepts an attempt holds its lock and counts it here before, so that the next one finds
it accepted.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from notifier.domain.calendar import local
from notifier.services.gateways import Accounts
from notifier.store import attempts, budgets


def count(session: Session, ids: Collection[str], *, accounts: Accounts, at: datetime) -> None:
    """Add these attempts, which are about to be accepted, to what their offices spent that day.

    At the gateway's price, or else at the usual one. A gateway that took it may be out of use by
    now.
    """
    spent: dict[str, tuple[int, int]] = {}
    for one in attempts.not_yet_accepted(session, ids):
        segments, dong = spent.get(one.office_id, (0, 0))
        cost = accounts.cost(one.gateway, one.segments)
        spent[one.office_id] = (segments + one.segments, dong + cost)
    budgets.spend(session, spent, on=local(at).date())
