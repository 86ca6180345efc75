"""Who is told of an alert: put down once, in the sweep, in the transaction that notes it.

So nobody is forgotten, whatever dies; calling back is the senders' work
(`services/calling_back.py`).
"""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from notifier.domain.alerts import ABOUT_GATEWAYS, ABOUT_SOURCES, AlertKind
from notifier.domain.ids import IdSource
from notifier.domain.retention import Keeping
from notifier.services.catalogue import Known
from notifier.services.duty_desk import DutyDesk
from notifier.services.gateways import Accounts
from notifier.store import alerts, callbacks
from notifier.store.alerts import Unannounced

RAISED, CLOSED = "raised", "closed"
_AT_ONCE = 100


def announce(
    session: Session,
    known: Known,
    accounts: Accounts,
    *,
    now: datetime,
    ids: IdSource,
    keeping: Keeping,
    desk: DutyDesk,
) -> None:
    """Put down who is told of the alerts that began or ended since."""
    found = alerts.unannounced(session, _AT_ONCE)
    if not found:
        return
    called_back = callbacks.sources(session)
    rows = []
    for alert in found:
        touched = touches(alert.kind, alert.subject, known, accounts)
        if alert.has_begun and not alert.has_ended:
            desk.note(session, alert.id, touched, known, now)
        for source, offices in _sources(alert, touched, called_back, known):
            for tells, so in ((RAISED, alert.has_begun), (CLOSED, alert.has_ended)):
                if so:
                    rows.append(_row(alert, source, offices, tells, now, ids, keeping))
    callbacks.add(session, rows)
    alerts.announced(session, found, at=now)


def touches(kind: AlertKind, subject: str, known: Known, accounts: Accounts) -> frozenset[str]:
    """The offices whose messages the alert concerns."""
    if kind in ABOUT_GATEWAYS:
        return accounts.offices_at(known, subject)
    if kind in ABOUT_SOURCES:
        return known.offices_of(subject)
    if subject not in known.office_ids:
        return frozenset()
    return frozenset(known.below(subject)) if kind is AlertKind.BUDGET else frozenset({subject})


def _sources(
    alert: Unannounced, touched: frozenset[str], called_back: Collection[str], known: Known
) -> Iterator[tuple[str, list[str]]]:
    """The sources to be told, each with its offices.

    None is told of another source, nor by callback that its callbacks fail.
    """
    if alert.kind is AlertKind.CALLBACK_GIVEN_UP:
        return
    mine = {alert.subject} if alert.kind in ABOUT_SOURCES else called_back
    for source in sorted({*called_back} & {*mine}):
        if offices := touched & known.offices_of(source):
            yield source, sorted(offices)


def _row(
    alert: Unannounced,
    source: str,
    offices: list[str],
    tells: str,
    now: datetime,
    ids: IdSource,
    keeping: Keeping,
) -> dict[str, Any]:
    return {
        "id": ids.new("cbk"),
        "alert_id": alert.id,
        "source_id": source,
        "tells": tells,
        "offices": offices,
        "made_at": now,
        "due_at": now,
        "tries": 0,
        "code": None,
        "delivered_at": None,
        "given_up_at": None,
        "purge_after": now + keeping.rows,
    }
