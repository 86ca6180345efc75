"""What the claim checks once more of each message: what may not go is held, and the sweep tells."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from notifier.domain import states
from notifier.domain.states import Reason
from notifier.services.catalogue import Known
from notifier.services.gateways import Accounts
from notifier.services.purse import Purse, Room
from notifier.store import messages
from notifier.store.claims import Claimed

PER = timedelta(hours=1)
_SETTLES = timedelta(seconds=1)  # what is in others' hands


def going_out(
    session: Session, claimed: Sequence[Claimed], known: Known, *, now: datetime
) -> list[Claimed]:
    """Those of a claim whose office is live or whose phone is a test number; the rest is held."""
    held = {m.id for m in claimed if not known.goes_out(m.office_id, m.phone_hash)}
    messages.move(session, held, states.HOLD, at=now, reason=Reason.NOT_LIVE)
    return [m for m in claimed if m.id not in held]


def within_phone_cap(
    session: Session, claimed: Sequence[Claimed], *, cap: int, token: str, now: datetime
) -> list[Claimed]:
    """Those of a claim that keep to `cap` messages a phone and hour, counting what is on its
    way; the rest is held, but for what a person let go.
    """
    if not claimed:
        return []
    counts = Counter(
        messages.taken_since(session, {m.phone_hash for m in claimed}, now - PER, token=token)
    )
    within: list[Claimed] = []
    beyond: list[str] = []
    for message in claimed:
        counts[message.phone_hash] += 1
        if message.released_at or counts[message.phone_hash] <= cap:
            within.append(message)
        else:
            beyond.append(message.id)
    messages.move(session, beyond, states.HOLD, at=now, reason=Reason.PHONE_CAP)
    return within


def within_budget(
    session: Session,
    claimed: Sequence[Claimed],
    known: Known,
    *,
    accounts: Accounts,
    token: str,
    now: datetime,
) -> list[Claimed]:
    """Those of a claim that keep to what their office, and each above it, may spend.

    What is surely beyond is held, but for what a person let go; a day's unknown outcomes count as
    taken. What is beyond only if all that others are sending now is taken waits for that.
    """
    if known.budgets.keys().isdisjoint(
        one for office in {m.office_id for m in claimed} for one in known.lineage(office)
    ):
        return list(claimed)
    purse = Purse.read(session, claimed, known, accounts=accounts, token=token, now=now)
    within: list[Claimed] = []
    beyond: list[str] = []
    waits: list[str] = []
    for message in claimed:
        match purse.take(message):
            case Room.YES:
                within.append(message)
            case Room.MAYBE:
                waits.append(message.id)
            case Room.NO:
                beyond.append(message.id)
    messages.move(session, beyond, states.HOLD, at=now, reason=Reason.BUDGET)
    messages.requeue(session, dict.fromkeys(waits, now + _SETTLES), at=now, token=token)
    return within
