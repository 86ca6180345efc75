"""Which values held messages lack, by the words that hold now."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from notifier.domain.states import Reason, State
from notifier.services import composing
from notifier.services.wiring import Wiring
from notifier.store import reading
from notifier.store.reading import MessageRow


def values_of(
    session: Session, rows: Sequence[MessageRow], wiring: Wiring
) -> dict[str, tuple[str, ...]]:
    """By message: the placeholders without a value, of those that are held for want of one.

    Nothing of a message whose event is no longer kept.
    """
    lack = [row for row in rows if row.state == State.HELD and row.reason == Reason.MISSING_VALUE]
    if not lack:
        return {}
    known = wiring.catalogue.current(session)
    bodies = reading.event_bodies(session, {row.event_id for row in lack})
    return {
        row.id: composing.draft_again(row, body, known, sealer=wiring.sealer).missing
        for row in lack
        if (body := bodies.get(row.event_id)) is not None
    }
