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


@dataclass(frozen=True, slots=True)
class Unannounced:
    """An alert, or its end, that nobody was put down for yet."""

    id: str
    kind: AlertKind
    subject: str
    has_begun: bool  # that it was raised is to be told
    has_ended: bool  # that it closed is to be told


def unannounced(session: Session, limit: int) -> list[Unannounced]:
    """Alerts that began or ended and were not announced, oldest first."""
    begun = select(Alert.id).where(Alert.announced_at.is_(None)).order_by(Alert.id).limit(limit)
    ended = (
        select(Alert.id)
        .where(Alert.closed_at.is_not(None), Alert.end_announced_at.is_(None))
        .order_by(Alert.id)
        .limit(limit)
    )
    ids = {*session.scalars(begun), *session.scalars(ended)}
    if not ids:
        return []
    # Locked: of two sweeps at once the second finds that the first announced them.
    rows = session.execute(
        select(
            Alert.id,
            Alert.kind,
            Alert.subject,
            Alert.announced_at,
            Alert.closed_at,
            Alert.end_announced_at,
        )
        .where(Alert.id.in_(ids))
        .order_by(Alert.id)
        .with_for_update()
    )
    return [
        Unannounced(
            id=one.id,
            kind=AlertKind(one.kind),
            subject=one.subject,
            has_begun=one.announced_at is None,
            has_ended=one.closed_at is not None and one.end_announced_at is None,
        )
        for one in rows
        if one.announced_at is None or (one.closed_at and one.end_announced_at is None)
    ]


def announced(session: Session, told: Collection[Unannounced], *, at: datetime) -> None:
    """Note that everybody who is to be told of these is put down."""
    begun = [one.id for one in told if one.has_begun]
    ended = [one.id for one in told if one.has_ended]
    for ids, column in ((begun, Alert.announced_at), (ended, Alert.end_announced_at)):
        session.execute(
            update(Alert)
            .where(Alert.id.in_(ids))
            .values({column: at})
            .execution_options(synchronize_session=False)
        )


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
