"""Gateways that are not used for now, and the alerts that say so."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from notifier.store.tables import Alert, GatewayPause
from notifier.store.upserts import insert_new

GATEWAY_PAUSED = "gateway_paused"  # the kind of alert that a pause raises


@dataclass(frozen=True, slots=True)
class Pause:
    """Why a gateway is not used, and since when."""

    reason: str
    paused_at: datetime


def pauses(session: Session, *, now: datetime) -> Mapping[str, Pause]:
    """By gateway: the pauses that hold now."""
    rows = session.execute(
        select(GatewayPause.gateway, GatewayPause.reason, GatewayPause.paused_at).where(
            or_(GatewayPause.resumes_at.is_(None), GatewayPause.resumes_at > now)
        )
    )
    return {gateway: Pause(reason, paused_at) for gateway, reason, paused_at in rows}


def paused(session: Session, *, now: datetime) -> frozenset[str]:
    """The gateways that may not be used now."""
    return frozenset(pauses(session, now=now))


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


def close_alert(session: Session, *, kind: str, subject: str, now: datetime) -> None:
    """Close the open alert of this kind and subject, if there is one."""
    session.execute(
        update(Alert)
        .where(Alert.kind == kind, Alert.subject == subject, Alert.closed_at.is_(None))
        .values(closed_at=now)
        .execution_options(synchronize_session=False)
    )
