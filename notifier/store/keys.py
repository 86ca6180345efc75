"""API keys of the sources they speak for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, or_, select, update
from sqlalchemy.orm import Session

from notifier.store.tables import ApiKey, Source


@dataclass(frozen=True, slots=True)
class KeyRow:
    id: str
    source_id: str
    scopes: Sequence[str]
    name: str | None
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None
    expires_at: datetime | None
    replaced_by: str | None
    development: bool


@dataclass(frozen=True, slots=True)
class Presented:
    """The key that a caller showed, with what its source may do."""

    key: KeyRow
    intake_per_minute: int | None


_ROW = (
    ApiKey.id,
    ApiKey.source_id,
    ApiKey.scopes,
    ApiKey.name,
    ApiKey.created_at,
    ApiKey.last_used_at,
    ApiKey.revoked_at,
    ApiKey.expires_at,
    ApiKey.replaced_by,
    ApiKey.development,
)


# Built once: it runs for every request, and building costs as much as running it.
_PRESENTED = (
    select(*_ROW, Source.intake_per_minute)
    .join(Source, Source.id == ApiKey.source_id)
    .where(ApiKey.secret_hash == bindparam("secret_hash"))
)


def presented(session: Session, secret_hash: bytes) -> Presented | None:
    """The key with this hash, whether it is still valid or not."""
    row = session.connection().execute(_PRESENTED, {"secret_hash": secret_hash}).first()
    if row is None:
        return None
    columns = dict(row._mapping)
    limit: int | None = columns.pop("intake_per_minute")
    return Presented(KeyRow(**columns), limit)


def by_id(session: Session, key_id: str) -> KeyRow | None:
    row = session.execute(select(*_ROW).where(ApiKey.id == key_id)).first()
    return KeyRow(**row._mapping) if row else None


def current(session: Session, source_id: str, name: str) -> KeyRow | None:
    """The source's valid key of that name that no other has replaced."""
    row = session.execute(
        select(*_ROW).where(
            ApiKey.source_id == source_id,
            ApiKey.name == name,
            ApiKey.revoked_at.is_(None),
            ApiKey.replaced_by.is_(None),
        )
    ).first()
    return KeyRow(**row._mapping) if row else None


def of_source(session: Session, source_id: str | None) -> list[KeyRow]:
    """The keys of a source, or of all; the oldest first."""
    wanted = [ApiKey.source_id == source_id] if source_id is not None else []
    rows = session.execute(select(*_ROW).where(*wanted).order_by(ApiKey.source_id, ApiKey.id))
    return [KeyRow(**row._mapping) for row in rows]


def valid_development_keys(session: Session, now: datetime) -> list[str]:
    """The ids of keys that a demo made and that would still be taken there."""
    return list(
        session.scalars(
            select(ApiKey.id)
            .where(
                ApiKey.development,
                ApiKey.revoked_at.is_(None),
                or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > now),
            )
            .order_by(ApiKey.id)
        )
    )


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


def add(session: Session, **columns: Any) -> None:
    session.execute(insert(ApiKey).values(**columns))


def revoke(session: Session, key_id: str, *, at: datetime) -> bool:
    """Whether there was such a key, not yet revoked."""
    return _change(session, key_id, revoked_at=at)


def replace(session: Session, key_id: str, *, by: str, until: datetime) -> bool:
    """Let a key be valid until then, for its successor; whether it was not revoked."""
    return _change(session, key_id, replaced_by=by, expires_at=until)


def _change(session: Session, key_id: str, **values: Any) -> bool:
    changed = session.scalars(
        update(ApiKey)
        .where(ApiKey.id == key_id, ApiKey.revoked_at.is_(None))
        .values(**values)
        .returning(ApiKey.id)
        .execution_options(synchronize_session=False)
    )
    return changed.first() is not None
