"""What the claim checks once more of each message: what may not go is held, and the sweep tells."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from notifier.domain import budgets, states
from notifier.domain.budgets import NOTHING
from notifier.domain.calendar import local
from notifier.domain.states import Reason
from notifier.services.catalogue import Known
from notifier.store import budgets as spending
from notifier.store import messages
from notifier.store.claims import Claimed

PER = timedelta(hours=1)


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
    session: Session, claimed: Sequence[Claimed], known: Known, *, segment_cost: int, now: datetime
) -> list[Claimed]:
    """Those of a claim that keep to what their office may spend, as far as providers took its
    messages by now; the rest is held, but for what a person let go.

    `segment_cost` in đồng: which gateway a message takes, and at what price, is not decided yet.
    """
    offices = {m.office_id for m in claimed} & known.budgets.keys()
    if not offices:
        return list(claimed)
    spent = spending.spent(session, offices, on=local(now).date())
    within: list[Claimed] = []
    beyond: list[str] = []
    for message in claimed:
        if message.office_id not in offices or message.released_at:
            within.append(message)
            continue
        segments = message.segments or 1
        then = spent.get(message.office_id, NOTHING).and_(segments, segments * segment_cost)
        if budgets.within(known.budgets[message.office_id], then):
            spent[message.office_id] = then
            within.append(message)
        else:
            beyond.append(message.id)
    messages.move(session, beyond, states.HOLD, at=now, reason=Reason.BUDGET)
    return within
