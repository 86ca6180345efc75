"""API keys and the sources they speak for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from notifier.store.tables import ApiKey, Source


@dataclass(frozen=True, slots=True)
class KeyRow:
    id: str
    source_id: str
    scopes: Sequence[str]
    last_used_at: datetime | None
    revoked_at: datetime | None


def by_hash(session: Session, secret_hash: bytes) -> KeyRow | None:
    """The key with this hash, revoked or not."""
    row = session.execute(
        select(
            ApiKey.id, ApiKey.source_id, ApiKey.scopes, ApiKey.last_used_at, ApiKey.revoked_at
        ).where(ApiKey.secret_hash == secret_hash)
    ).first()
    return KeyRow(**row._mapping) if row else None


def used(session: Session, key_id: str, *, at: datetime, unless_since: datetime) -> None:
    """Note the use, unless another request just did."""
    session.execute(
        update(ApiKey)
        .where(
            ApiKey.id == key_id,
            or_(ApiKey.last_used_at.is_(None), ApiKey.last_used_at <= unless_since),
        )
        .values(last_used_at=at)
        .execution_options(synchronize_session=False)
    )


def add(
    session: Session,
    *,
    key_id: str,
    source_id: str,
    secret_hash: bytes,
    scopes: Sequence[str],
    at: datetime,
) -> None:
    session.add(
        ApiKey(
            id=key_id,
            source_id=source_id,
            secret_hash=secret_hash,
            scopes=list(scopes),
            created_at=at,
            last_used_at=None,
            revoked_at=None,
            purge_after=None,
        )
    )


def revoke(session: Session, key_id: str, *, at: datetime) -> bool:
    """Whether there was such a key, not yet revoked."""
    gone = session.scalars(
        update(ApiKey)
        .where(ApiKey.id == key_id, ApiKey.revoked_at.is_(None))
        .values(revoked_at=at)
        .returning(ApiKey.id)
        .execution_options(synchronize_session=False)
    )
    return gone.first() is not None


def source_exists(session: Session, source_id: str) -> bool:
    return session.get(Source, source_id) is not None
