"""API keys: shown once, kept as a hash, revocable; each speaks for one source.

A key is `bt_` and 43 characters of 256 random bits, so a plain SHA-256 keeps it: there is
nothing to guess that a slow hash would slow down.
"""

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from notifier.services.views import Caller, NotAuthenticated, NotFound, ScopeMissing
from notifier.store import keys as rows

if TYPE_CHECKING:
    from notifier.services.wiring import Wiring

SCOPES = frozenset(
    {"events:write", "messages:read", "messages:write", "gateways:read", "gateways:write"}
)
_USED_EVERY = timedelta(minutes=1)
_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key just made; the token is never shown again."""

    id: str
    token: str = field(repr=False)


def authenticate(token: str, *, wiring: "Wiring") -> Caller:
    """Who the token speaks for. Raises `NotAuthenticated`."""
    with wiring.sessions.read() as session:
        now = wiring.sessions.now(session)
        key = rows.by_hash(session, hash_of(token))
    if key is None or key.revoked_at is not None:
        raise NotAuthenticated("no such key")
    if key.last_used_at is None or now - key.last_used_at >= _USED_EVERY:
        with wiring.sessions.begin() as session:
            rows.used(session, key.id, at=now, unless_since=now - _USED_EVERY)
    return Caller(key.id, key.source_id, frozenset(key.scopes))


def require(caller: Caller, scope: str) -> None:
    """Raises `ScopeMissing` unless the key has the scope."""
    if scope not in caller.scopes:
        raise ScopeMissing(scope)


def create(source_id: str, scopes: Iterable[str], *, wiring: "Wiring") -> NewKey:
    """A new key for the source. Raises `NotFound` for an unknown source."""
    wanted = frozenset(scopes)
    if unknown := wanted - SCOPES:
        raise ValueError(f"unknown scope {min(unknown)}; there are {', '.join(sorted(SCOPES))}")
    secret = base64.urlsafe_b64encode(wiring.random_bytes(_SECRET_BYTES)).rstrip(b"=").decode()
    made = NewKey(wiring.ids.new("key"), f"bt_{secret}")
    with wiring.sessions.begin() as session:
        if not rows.source_exists(session, source_id):
            raise NotFound(f"no source {source_id}")
        rows.add(
            session,
            key_id=made.id,
            source_id=source_id,
            secret_hash=hash_of(made.token),
            scopes=sorted(wanted),
            at=wiring.sessions.now(session),
        )
    return made


def revoke(key_id: str, *, wiring: "Wiring") -> bool:
    """Refuse the key from now on; whether it was valid until now."""
    with wiring.sessions.begin() as session:
        return rows.revoke(session, key_id, at=wiring.sessions.now(session))


def hash_of(token: str) -> bytes:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).digest()
