"""Gateways that are not used for now, and the alerts that say so."""

from datetime import datetime

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from notifier.store.receipts import insert_new
from notifier.store.tables import Alert, GatewayPause


def paused(session: Session, *, now: datetime) -> frozenset[str]:
    """The gateways that may not be used now."""
    rows = session.scalars(
        select(GatewayPause.gateway).where(
            or_(GatewayPause.resumes_at.is_(None), GatewayPause.resumes_at > now)
        )
    )
    return frozenset(rows)


def pause(session: Session, gateway: str, *, reason: str, now: datetime) -> None:
    """Use the gateway no more until `resume`."""
    session.connection().execute(
        insert_new(session, GatewayPause),
        [{"gateway": gateway, "reason": reason, "paused_at": now, "resumes_at": None}],
    )


def resume(session: Session, gateway: str) -> bool:
    """Use the gateway again; whether it was paused."""
    gone = session.scalars(
        delete(GatewayPause)
        .where(GatewayPause.gateway == gateway)
        .returning(GatewayPause.gateway)
        .execution_options(synchronize_session=False)
    )
    return gone.first() is not None


def raise_alert(
    session: Session, alert_id: str, *, kind: str, subject: str, detail: str, now: datetime
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
