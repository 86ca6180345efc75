"""Alerts about messages that are held for a cap or an office that is not live.

They follow from the rows: raised while something is held so, closed once nothing is. So none
is forgotten, whoever held or let go, and in whichever order that was committed.
"""

from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from notifier.domain.alerts import AlertKind
from notifier.domain.ids import IdSource
from notifier.store import alerts, held

log = structlog.get_logger(__name__)


def tell(session: Session, *, now: datetime, ids: IdSource) -> None:
    """Raise the alerts that are missing and close those whose cause is over."""
    for one in held.untold(session):
        new = alerts.raise_alert(
            session,
            ids.new("alt"),
            kind=AlertKind(one.kind),
            subject=one.subject,
            detail=one.message_id,
            now=now,
        )
        if new:
            log.warning("messages_held", reason=one.kind, subject=one.subject)
    if held.any_told(session):
        held.close_what_is_over(session, now=now)
