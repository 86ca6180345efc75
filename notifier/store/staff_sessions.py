"""Sessions of staff: kept here, so that they can be ended here."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from notifier.store.tables import StaffSession


@dataclass(frozen=True, slots=True)
class SessionRow:
    id: str
    user_id: str
    seen_at: datetime
    expires_at: datetime


def add(
    session: Session,
    *,
    session_id: str,
    user_id: str,
    token_hash: bytes,
    at: datetime,
    expires_at: datetime,
    kept_for: timedelta,
) -> None:
    session.add(
        StaffSession(
            id=session_id,
            user_id=user_id,
            token_hash=token_hash,
            created_at=at,
            seen_at=at,
            expires_at=expires_at,
            ended_at=None,
            purge_after=expires_at + kept_for,
        )
    )
    session.flush()


def open_by_hash(
    session: Session, token_hash: bytes, *, now: datetime, idle: timedelta
) -> SessionRow | None:
    """The session of this token, unless it ended, expired or stood idle too long."""
    row = session.execute(
        select(
            StaffSession.id, StaffSession.user_id, StaffSession.seen_at, StaffSession.expires_at
        ).where(
            StaffSession.token_hash == token_hash,
            StaffSession.ended_at.is_(None),
            StaffSession.expires_at > now,
            StaffSession.seen_at > now - idle,
        )
    ).first()
    return SessionRow(**row._mapping) if row else None


def seen(session: Session, session_id: str, *, at: datetime) -> None:
    session.execute(
        update(StaffSession)
        .where(StaffSession.id == session_id, StaffSession.ended_at.is_(None))
        .values(seen_at=at)
        .execution_options(synchronize_session=False)
    )


def expires_at(session: Session, session_id: str) -> datetime | None:
    """When the session ends at the latest; none where it has ended."""
    return session.scalar(
        select(StaffSession.expires_at).where(
            StaffSession.id == session_id, StaffSession.ended_at.is_(None)
        )
    )


def end(session: Session, session_id: str, *, at: datetime) -> None:
    session.execute(
        update(StaffSession)
        .where(StaffSession.id == session_id, StaffSession.ended_at.is_(None))
        .values(ended_at=at)
        .execution_options(synchronize_session=False)
    )


def end_all(session: Session, user_id: str, *, at: datetime) -> None:
    """End every session of the user."""
    session.execute(
        update(StaffSession)
        .where(StaffSession.user_id == user_id, StaffSession.ended_at.is_(None))
        .values(ended_at=at)
        .execution_options(synchronize_session=False)
    )
