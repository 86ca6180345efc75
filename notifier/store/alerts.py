"""Alerts: at most one of a kind and subject is open."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from notifier.domain.alerts import ABOUT_GATEWAYS, AlertKind
from notifier.store.tables import Alert
from notifier.store.upserts import insert_new


@dataclass(frozen=True, slots=True)
class AlertRow:
    kind: str
    subject: str
    detail: str
    raised_at: datetime


def open_alerts(session: Session) -> list[AlertRow]:
    """What is amiss now, newest first."""
    rows = session.execute(
        select(Alert.kind, Alert.subject, Alert.detail, Alert.raised_at)
        .where(Alert.closed_at.is_(None))
        .order_by(Alert.raised_at.desc())
    )
    return [AlertRow(*row) for row in rows]


def about_gateways(session: Session) -> set[tuple[AlertKind, str]]:
    """The open alerts about gateways, by kind and gateway."""
    rows = session.execute(
        select(Alert.kind, Alert.subject).where(
            Alert.closed_at.is_(None), Alert.kind.in_(ABOUT_GATEWAYS)
        )
    )
    return {(AlertKind(kind), gateway) for kind, gateway in rows}


def raise_alert(
    session: Session, alert_id: str, *, kind: AlertKind, subject: str, detail: str, now: datetime
) -> bool:
    """Open an alert, unless one of this kind and subject is open; whether it is new."""
    new = session.connection().execute(
        insert_new(session, Alert).returning(Alert.id),
        [
            {
                "id": alert_id,
                "kind": kind,
                "subject": subject,
                "detail": detail,
                "raised_at": now,
                "closed_at": None,
            }
        ],
    )
    return new.first() is not None


def close_alert(session: Session, *, kind: AlertKind, subject: str, now: datetime) -> None:
    """Close the open alert of this kind and subject, if there is one."""
    close_alerts(session, kind, [subject], now=now)


def close_alerts(
    session: Session, kind: AlertKind, subjects: Collection[str], *, now: datetime
) -> None:
    """Close the open alerts of this kind about these subjects."""
    session.execute(
        update(Alert)
        .where(Alert.kind == kind, Alert.subject.in_(subjects), Alert.closed_at.is_(None))
        .values(closed_at=now)
        .execution_options(synchronize_session=False)
    )
