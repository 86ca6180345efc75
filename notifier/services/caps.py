"""Caps that the claim checks: what is beyond them is held, and a person is told."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from notifier.domain import states
from notifier.domain.ids import IdSource
from notifier.domain.states import Reason
from notifier.store import messages, pauses
from notifier.store.claims import Claimed

PER = timedelta(hours=1)


def within_phone_cap(
    session: Session,
    claimed: Sequence[Claimed],
    *,
    cap: int,
    token: str,
    now: datetime,
    ids: IdSource,
) -> list[Claimed]:
    """Those of a claim that keep to `cap` messages a phone and hour, counting what is on its
    way; the rest is held.
    """
    if not claimed:
        return []
    counts = Counter(
        messages.taken_since(session, {m.phone_hash for m in claimed}, now - PER, token=token)
    )
    within: list[Claimed] = []
    beyond: list[Claimed] = []
    for message in claimed:
        counts[message.phone_hash] += 1
        (within if counts[message.phone_hash] <= cap else beyond).append(message)
    if beyond:
        messages.move(session, [m.id for m in beyond], states.HOLD, at=now, reason=Reason.PHONE_CAP)
        pauses.raise_alert(
            session,
            ids.new("alt"),
            kind="phone_cap",
            subject=beyond[0].office_id,
            detail=beyond[0].id,
            now=now,
        )
    return within
