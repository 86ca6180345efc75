"""Which keys of the encryption ring rows may be sealed under: names, never keys."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from notifier.store.tables import EncryptionKey
from notifier.store.upserts import insert_new


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A key that some process' ring has held."""

    name: str
    fingerprint: bytes = field(repr=False)
    used_at: datetime  # when a process that seals with it last began
    emptied_at: datetime | None  # since when no row needs it

    @property
    def is_needed(self) -> bool:
        """Whether rows may name it."""
        return self.emptied_at is None


def known(session: Session) -> list[KnownKey]:
    """Every key, by name."""
    rows = session.execute(
        select(
            EncryptionKey.name,
            EncryptionKey.fingerprint,
            EncryptionKey.used_at,
            EncryptionKey.emptied_at,
        ).order_by(EncryptionKey.name)
    )
    return [KnownKey(*row) for row in rows]


def add(session: Session, fingerprints: Mapping[str, bytes], *, at: datetime) -> None:
    """Know these keys; rows may name them. Those that are known already stay as they are."""
    rows = [
        {"name": name, "fingerprint": fingerprint, "used_at": at}
        for name, fingerprint in fingerprints.items()
    ]
    session.connection().execute(insert_new(session, EncryptionKey), rows)


def use(session: Session, name: str, fingerprint: bytes, *, at: datetime) -> None:
    """Note that a process begins to seal with a known key: rows will name it."""
    _change(session, [name], fingerprint=fingerprint, used_at=at, emptied_at=None)


def replace(session: Session, name: str, fingerprint: bytes) -> None:
    """Let the name of a key that no row needs mean another key from now on."""
    _change(session, [name], fingerprint=fingerprint)


def empty(
    session: Session, names: Collection[str], *, unused_since: datetime, at: datetime
) -> None:
    """Note that no row needs these, unless a process began to seal with one since then."""
    session.execute(
        update(EncryptionKey)
        .where(EncryptionKey.name.in_(names), EncryptionKey.used_at < unused_since)
        .values(emptied_at=at)
        .execution_options(synchronize_session=False)
    )


def _change(session: Session, names: Collection[str], **values: object) -> None:
    session.execute(
        update(EncryptionKey)
        .where(EncryptionKey.name.in_(names))
        .values(**values)
        .execution_options(synchronize_session=False)
    )
