"""Gateways that are not used for now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from notifier.store.tables import GatewayPause
from notifier.store.upserts import insert_new


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
