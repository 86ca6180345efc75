"""API keys: shown once, kept as a hash, revocable; each speaks for one source.

A key is `bt_` and 43 characters of 256 random bits, so a plain SHA-256 keeps it: there is
nothing to guess that a slow hash would slow down. One that a demo makes is `bt_demo_…`, and its
row says so: production takes none of them.
"""

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from notifier.services import audit
from notifier.services.views import Caller, NotAuthenticated, NotFound, ScopeMissing
from notifier.store import keys as rows
from notifier.store import sources
from notifier.store.keys import KeyRow

if TYPE_CHECKING:
    from notifier.services.wiring import Wiring

SCOPES = frozenset(
    {
        "events:write",
        "messages:read",
        "messages:write",
        "gateways:read",
        "gateways:write",
        "templates:read",
        "templates:write",  # drafts and submits; only people approve
    }
)
_USED_EVERY = timedelta(minutes=1)
_SECRET_BYTES = 32


class KeyState(StrEnum):
    VALID = "valid"
    EXPIRING = "expiring"  # valid beside its successor for a while
    EXPIRED = "expired"
    REVOKED = "revoked"


class KeyDiffers(Exception):
    """The source has a key of that name with other scopes."""


class KeyOver(Exception):
    """The key is revoked or expired, so nothing can take its place."""


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key just made; the token is never shown again."""

    id: str
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class KeyMade:
    """The key that there is now. Only if it was created just now is its token known."""

    id: str
    token: str | None = field(repr=False)
    created: bool
    old_expires_at: datetime | None = None  # of a rotation: until when the old one is valid


@dataclass(frozen=True, slots=True)
class KeyView:
    """A key as a list shows it."""

    id: str
    source: str
    name: str | None
    scopes: tuple[str, ...]
    state: KeyState
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None
    revoked_at: datetime | None
    replaced_by: str | None
    development: bool


def authenticate(token: str, *, wiring: "Wiring") -> Caller:
    """Who the token speaks for. Raises `NotAuthenticated`."""
    with wiring.sessions.read() as session:
        now = wiring.sessions.now(session)
        shown = rows.presented(session, hash_of(token))
    if shown is None or _state(shown.key, now) not in {KeyState.VALID, KeyState.EXPIRING}:
        raise NotAuthenticated("no such key")
    key = shown.key
    if key.development and not wiring.settings.is_demo:
        raise NotAuthenticated("a development key")
    if key.last_used_at is None or now - key.last_used_at >= _USED_EVERY:
        with wiring.sessions.begin() as session:
            rows.used(session, key.id, at=now, unless_since=now - _USED_EVERY)
    return Caller(key.id, key.source_id, frozenset(key.scopes), shown.intake_per_minute)


def require(caller: Caller, scope: str) -> None:
    """Raises `ScopeMissing` unless the key has the scope."""
    if scope not in caller.scopes:
        raise ScopeMissing(scope)


def create(source_id: str, scopes: Iterable[str], *, wiring: "Wiring") -> NewKey:
    """A new key for the source. Raises `NotFound` for an unknown source."""
    wanted = _checked(scopes)
    with wiring.sessions.begin() as session:
        _require_source(session, source_id)
        return _add(session, source_id, wanted, None, wiring)


def ensure(source_id: str, name: str, scopes: Iterable[str], *, wiring: "Wiring") -> KeyMade:
    """The source's current key of that name with these scopes: made, unless it is there.

    Raises `NotFound` for an unknown source, `ValueError` for an unknown scope, `KeyDiffers`.
    """
    wanted = _checked(scopes)
    with wiring.sessions.begin() as session:
        _require_source(session, source_id)
        held = rows.current(session, source_id, name)
        if held is not None and sorted(held.scopes) != wanted:
            raise KeyDiffers(
                f"{source_id} has a key {name} with other scopes: {', '.join(held.scopes)}"
            )
        if held is not None:
            return KeyMade(held.id, None, created=False)
        made = _add(session, source_id, wanted, name, wiring)
        _note(session, "key.created", made.id, wiring, source=source_id, scopes=wanted)
    return KeyMade(made.id, made.token, created=True)


def rotate(key_id: str, *, keep: timedelta, wiring: "Wiring") -> KeyMade:
    """A new key in the place of another, which stays valid for `keep`.

    One that was replaced already keeps its successor: nothing new is made, unless that one is
    revoked. Raises `NotFound` or `KeyOver`.
    """
    with wiring.sessions.begin() as session:
        now = wiring.sessions.now(session)
        old = _get(session, key_id)
        if _state(old, now) in {KeyState.REVOKED, KeyState.EXPIRED}:
            raise KeyOver(f"the key {key_id} is {_state(old, now)}")
        if old.replaced_by is not None:
            heir = _get(session, old.replaced_by)
            if heir.revoked_at is None:
                return KeyMade(heir.id, None, created=False, old_expires_at=old.expires_at)
        made_id, until = wiring.ids.new("key"), now + keep
        # First: there is one current key of a name.
        rows.replace(session, key_id, by=made_id, until=until)
        made = _add(session, old.source_id, old.scopes, old.name, wiring, key_id=made_id)
        _note(session, "key.rotated", key_id, wiring, by=made.id, until=until.isoformat())
    return KeyMade(made.id, made.token, created=True, old_expires_at=until)


def revoke(key_id: str, *, wiring: "Wiring") -> bool:
    """Refuse the key from now on; whether it was not revoked before. Raises `NotFound`."""
    with wiring.sessions.begin() as session:
        _get(session, key_id)
        revoked = rows.revoke(session, key_id, at=wiring.sessions.now(session))
        if revoked:
            _note(session, "key.revoked", key_id, wiring)
    return revoked


def list_keys(source_id: str | None = None, *, wiring: "Wiring") -> list[KeyView]:
    """The keys of a source, or of all. Raises `NotFound` for an unknown source."""
    with wiring.sessions.read() as session:
        now = wiring.sessions.now(session)
        if source_id is not None:
            _require_source(session, source_id)
        return [
            KeyView(
                id=key.id,
                source=key.source_id,
                name=key.name,
                scopes=tuple(key.scopes),
                state=_state(key, now),
                created_at=key.created_at,
                last_used_at=key.last_used_at,
                expires_at=key.expires_at,
                revoked_at=key.revoked_at,
                replaced_by=key.replaced_by,
                development=key.development,
            )
            for key in rows.of_source(session, source_id)
        ]


def hash_of(token: str) -> bytes:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).digest()


def _checked(scopes: Iterable[str]) -> list[str]:
    wanted = frozenset(scopes)
    if unknown := wanted - SCOPES:
        raise ValueError(f"unknown scope {min(unknown)}; there are {', '.join(sorted(SCOPES))}")
    return sorted(wanted)


def _require_source(session: Session, source_id: str) -> None:
    if not sources.exists(session, source_id):
        raise NotFound(f"there is no source {source_id} (`baotin sources list`)")


def _get(session: Session, key_id: str) -> KeyRow:
    key = rows.by_id(session, key_id)
    if key is None:
        raise NotFound(f"there is no key {key_id}")
    return key


def _state(key: KeyRow, now: datetime) -> KeyState:
    if key.revoked_at is not None:
        return KeyState.REVOKED
    if key.expires_at is None:
        return KeyState.VALID
    return KeyState.EXPIRING if now < key.expires_at else KeyState.EXPIRED


def _note(session: Session, action: str, key_id: str, wiring: "Wiring", **after: object) -> None:
    audit.record(
        session,
        ids=wiring.ids,
        at=wiring.sessions.now(session),
        actor=audit.COMMAND,
        action=action,
        object_id=key_id,
        after=after or None,
    )


def _add(
    session: Session,
    source_id: str,
    scopes: Iterable[str],
    name: str | None,
    wiring: "Wiring",
    *,
    key_id: str | None = None,
) -> NewKey:
    secret = base64.urlsafe_b64encode(wiring.random_bytes(_SECRET_BYTES)).rstrip(b"=").decode()
    demo = wiring.settings.is_demo
    made = NewKey(key_id or wiring.ids.new("key"), f"bt_{'demo_' if demo else ''}{secret}")
    rows.add(
        session,
        id=made.id,
        source_id=source_id,
        secret_hash=hash_of(made.token),
        scopes=list(scopes),
        created_at=wiring.sessions.now(session),
        name=name,
        development=demo,
    )
    return made
