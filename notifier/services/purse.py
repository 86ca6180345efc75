"""Whether a claim's messages keep to the budgets of their offices.

An office's budget bounds what it and all below it spend together; a message must keep to that of
its office and to that of each office above.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from sqlalchemy.orm import Session

from notifier.domain import budgets
from notifier.domain.budgets import NOTHING, Budget, Spent
from notifier.domain.calendar import local
from notifier.services import operators
from notifier.services.catalogue import Known
from notifier.services.gateways import Accounts
from notifier.store import budgets as rows
from notifier.store.budgets import Pending
from notifier.store.claims import Claimed

_UNKNOWN_COUNTS_FOR = timedelta(days=1)  # as long as it may be found out


class Room(Enum):
    """Whether a budget has room for a message."""

    YES = auto()
    MAYBE = auto()  # if not all that is being sent now is taken
    NO = auto()


@dataclass(slots=True)
class _Limited:
    """An office with a budget: what it and those below it spent, and what may follow."""

    budget: Budget
    spent: Spent = NOTHING
    sending: Spent = NOTHING

    def room(self, more: Spent) -> Room:
        then = self.spent.with_(more)
        if not budgets.within(self.budget, then):
            return Room.NO
        return Room.YES if budgets.within(self.budget, then.with_(self.sending)) else Room.MAYBE


@dataclass(frozen=True, slots=True)
class Purse:
    """What is left to a claim; what it takes is counted."""

    known: Known
    accounts: Accounts
    limited: dict[str, _Limited]
    operator_of: dict[bytes, str]

    @classmethod
    def read(
        cls,
        session: Session,
        claimed: Sequence[Claimed],
        known: Known,
        *,
        accounts: Accounts,
        token: str,
        now: datetime,
    ) -> "Purse":
        """All budgets that bound these messages. Claims do this one after the other."""
        limited = {
            above: _Limited(known.budgets[above])
            for office in {m.office_id for m in claimed}
            for above in known.lineage(office)
            if above in known.budgets
        }
        purse = cls(known, accounts, limited, operators.known_of(session, known, claimed))
        taken, pending = rows.spent_and_pending(
            session,
            frozenset[str]().union(*map(known.below, limited)),
            on=local(now).date(),
            token=token,
            since=now - _UNKNOWN_COUNTS_FOR,
        )
        for office, spent in taken.items():
            for one in purse._bounding(office):
                one.spent = one.spent.with_(spent)
        for may in pending:
            where = [may.gateway] if may.gateway else accounts.route
            more = NOTHING.and_(may.segments, accounts.most(where, may.segments))
            for one in purse._bounding(may.office_id):
                if may.kind is Pending.UNKNOWN:
                    one.spent = one.spent.with_(more)
                else:
                    one.sending = one.sending.with_(more)
        return purse

    def take(self, message: Claimed) -> Room:
        """Whether there is room for it, at the dearest gateway of its way; then it is counted.

        What a person let go is always taken.
        """
        segments = message.segments or 1
        way = self.accounts.way(self.known, message, self.operator_of.get(message.phone_hash))
        more = NOTHING.and_(segments, self.accounts.most(way, segments))
        bounding = self._bounding(message.office_id)
        rooms = {one.room(more) for one in bounding}
        if not message.released_at:
            if Room.NO in rooms:
                return Room.NO
            if Room.MAYBE in rooms:
                return Room.MAYBE
        for one in bounding:
            one.spent = one.spent.with_(more)
        return Room.YES

    def _bounding(self, office_id: str) -> list[_Limited]:
        return [self.limited[one] for one in self.known.lineage(office_id) if one in self.limited]
