"""The encryption ring against what rows are sealed under.

The table of keys knows every name that rows may hold, so that a ring without one of them is
refused before a process works with it, and an old key is given up only when no row needs it.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from config.settings import Settings, SettingsError
from notifier.domain.clock import Clock
from notifier.store import encryption_keys as rows
from notifier.store.encryption_keys import KnownKey
from notifier.store.engine import Sessions, StoreUnavailable, connect, database_url
from notifier.store.sealing import Sealer

SETTING = "BAOTIN_ENCRYPTION_KEYS"


@dataclass(frozen=True, slots=True)
class RingKey:
    """A key of the ring, or one that it lacks, and whether rows may need it."""

    name: str
    seals: bool
    in_ring: bool
    needed: bool


def adopt(*, sessions: Sessions, sealer: Sealer) -> None:
    """Begin to work with this ring. Raises `SettingsError` if it cannot open every row.

    A database that is away, or not migrated yet, cannot tell: the upkeep adopts the ring later.
    """
    with suppress(StoreUnavailable, SQLAlchemyError):
        with sessions.read() as session:
            known = rows.known(session)
        for problem in problems(known, sealer):
            raise SettingsError(problem)
        with sessions.begin() as session:
            now = sessions.now(session)
            rows.add(session, sealer.fingerprints, at=now)
            for key in known:
                if not key.is_needed and key.name in sealer.fingerprints:
                    rows.replace(session, key.name, sealer.fingerprints[key.name])
            current = sealer.seals_with
            rows.use(session, current, sealer.fingerprints[current], at=now)


def adopt_with(settings: Settings, clock: Clock) -> None:
    """`adopt` for a process that is not wired yet. Raises `SettingsError`."""
    engine = connect(database_url(settings))
    try:
        adopt(sessions=Sessions(engine, clock), sealer=Sealer(settings.encryption_keys))
    finally:
        engine.dispose()


def needs(name: str, *, sessions: Sessions) -> bool:
    """Whether rows may need the key of that name."""
    with sessions.read() as session:
        return any(key.is_needed and key.name == name for key in rows.known(session))


def ring(*, sessions: Sessions, sealer: Sealer) -> list[RingKey]:
    """Every key that the ring has or that rows need; the ring's first, in its order."""
    with sessions.read() as session:
        return of_ring(rows.known(session), sealer)


def problems(known: list[KnownKey], sealer: Sealer) -> Iterator[str]:
    """What keeps this ring from opening every row."""
    for key in known:
        if not key.is_needed:
            continue
        held = sealer.fingerprints.get(key.name)
        if held is None:
            yield (
                f"{SETTING} lacks the key {key.name}, which rows still need:"
                " put it back behind the first, then `baotin secrets reseal`"
            )
        elif held != key.fingerprint:
            yield (
                f"{SETTING}: {key.name} is not the key of that name that rows are sealed with:"
                " put that one back, and give a new key a new name"
            )


def of_ring(known: list[KnownKey], sealer: Sealer) -> list[RingKey]:
    """Every key that the ring has or that rows need; the ring's first, in its order."""
    needed = {key.name: key.is_needed for key in known}
    ring = [
        RingKey(name, name == sealer.seals_with, in_ring=True, needed=needed.get(name, True))
        for name in sealer.fingerprints
    ]
    lacking = [
        RingKey(key.name, False, in_ring=False, needed=True)
        for key in known
        if key.is_needed and key.name not in sealer.fingerprints
    ]
    return ring + lacking
