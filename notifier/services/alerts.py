"""Alerts about gateways: they follow from pauses and breakers, whoever wrote those down.

Raised where it happens, and here once more by every sweep, so that none is missing and none
outlives its cause, or the use of its gateway.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from notifier.domain.alerts import AlertKind
from notifier.domain.ids import IdSource
from notifier.services.gateways import Accounts
from notifier.services.pauses import BY_PERSON
from notifier.store import alerts, breakers, pauses


def follow_gateways(session: Session, accounts: Accounts, *, now: datetime, ids: IdSource) -> None:
    """Raise what is missing about the gateways in use, and close what is over."""
    true = {
        (AlertKind.GATEWAY_PAUSED, name): pause.reason
        for name, pause in pauses.pauses(session, now=now).items()
        if pause.reason != BY_PERSON  # whoever paused it knows
    } | {
        (AlertKind.GATEWAY_FAILING, name): breaker.reason
        for name, breaker in breakers.breakers(session).items()
        if breaker.is_open
    }
    true = {about: why for about, why in true.items() if accounts.get(about[1]) is not None}
    told = alerts.about_gateways(session)
    for (kind, name), why in true.items():
        if (kind, name) not in told:
            alerts.raise_alert(
                session, ids.new("alt"), kind=kind, subject=name, detail=why, now=now
            )
    for kind, name in told - true.keys():
        alerts.close_alert(session, kind=kind, subject=name, now=now)
