"""Access tokens that all processes share, renewed by exactly one of them.

A row holds the sealed pair. Who finds it about to end takes the row's lease, asks the provider
outside any transaction, and puts the new pair in the old one's place in one statement; the others
wait for it. A pair that the database cannot take now is used here and kept until it can.
"""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from gateways.base import Deferred
from gateways.tokens import Renew, Token
from notifier.domain.clock import Clock
from notifier.domain.timing import LEASE
from notifier.store import tokens as rows
from notifier.store.engine import Sessions, StoreUnavailable
from notifier.store.sealing import Sealer
from notifier.store.tokens import TokenRow

log = structlog.get_logger(__name__)

_LOOK_EVERY_S = 0.05


@dataclass(slots=True)
class _Kept:
    """What this process knows of one gateway's token; its lock lets one thread ask at a time."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    token: Token | None = None
    unsaved_after: int | None = None  # the version it was renewed from, until it is stored


class SharedTokens:
    """Tokens in the database. One for a process; thread-safe."""

    def __init__(self, *, sessions: Sessions, sealer: Sealer, clock: Clock) -> None:
        self._sessions = sessions
        self._sealer = sealer
        self._clock = clock
        self._guard = threading.Lock()
        self._kept: dict[str, _Kept] = {}

    def get(
        self, gateway: str, renew: Renew, *, within_s: float, refused: Token | None = None
    ) -> Token:
        with self._guard:
            kept = self._kept.setdefault(gateway, _Kept())
        ends = time.monotonic() + within_s
        token = kept.token
        if kept.unsaved_after is None and token and token.good(self._clock.now(), refused):
            return token
        if not kept.lock.acquire(timeout=max(0.0, within_s)):
            raise Deferred("token_busy")
        try:
            return self._find(gateway, kept, renew, ends, refused)
        except StoreUnavailable:
            raise Deferred("token_unavailable") from None
        finally:
            kept.lock.release()

    def _find(
        self, gateway: str, kept: _Kept, renew: Renew, ends: float, refused: Token | None
    ) -> Token:
        self._save_late(gateway, kept)
        while True:
            if kept.token is not None and kept.token.good(self._clock.now(), refused):
                return kept.token
            with self._sessions.read() as session:
                kept.token = self._open(gateway, rows.read(session, gateway))
            if kept.token is not None and kept.token.good(self._clock.now(), refused):
                return kept.token
            with self._lease(gateway) as row:
                if row is not None:
                    return self._renew(gateway, kept, row, renew, ends, refused)
            if time.monotonic() + _LOOK_EVERY_S >= ends:
                raise Deferred("token_busy")
            time.sleep(_LOOK_EVERY_S)

    def _renew(
        self,
        gateway: str,
        kept: _Kept,
        row: TokenRow,
        renew: Renew,
        ends: float,
        refused: Token | None,
    ) -> Token:
        last = self._open(gateway, row)
        if last is not None and last.good(self._clock.now(), refused):
            kept.token = last  # somebody renewed it between our look and our lease
            return last
        fresh = renew(last, max(0.0, ends - time.monotonic()))
        kept.token, kept.unsaved_after = fresh, row.version
        self._save_late(gateway, kept)
        log.info("token_renewed", gateway=gateway, expires_at=fresh.expires_at.isoformat())
        return fresh

    @contextmanager
    def _lease(self, gateway: str) -> Iterator[TokenRow | None]:
        """The row while we are the one who renews it; let go however that ends."""
        with self._sessions.begin() as session:
            row = rows.lease(session, gateway, now=self._sessions.now(session), lease=LEASE)
        try:
            yield row
        finally:
            if row is not None:
                with suppress(StoreUnavailable), self._sessions.begin() as session:
                    rows.release(session, gateway, version=row.version)

    def _save_late(self, gateway: str, kept: _Kept) -> None:
        """Store what is not stored yet. Where that fails it is used and tried again."""
        if kept.token is None or kept.unsaved_after is None:
            return
        cipher = self._seal(gateway, kept.token)
        with suppress(StoreUnavailable), self._sessions.begin() as session:
            now = self._sessions.now(session)
            if not rows.replace(session, gateway, cipher, after_version=kept.unsaved_after, at=now):
                log.warning("token_overtaken", gateway=gateway)
                kept.token = None  # another pair is there: it is the newer one
            kept.unsaved_after = None

    def _seal(self, gateway: str, token: Token) -> bytes:
        pair = {
            "access": token.access,
            "refresh": token.refresh,
            "expires_at": token.expires_at.isoformat(),
        }
        return self._sealer.seal(
            json.dumps(pair), table="gateway_tokens", column="token", row=gateway
        )

    def _open(self, gateway: str, row: TokenRow | None) -> Token | None:
        if row is None or row.token_cipher is None:
            return None
        pair = json.loads(
            self._sealer.open(row.token_cipher, table="gateway_tokens", column="token", row=gateway)
        )
        return Token(pair["access"], datetime.fromisoformat(pair["expires_at"]), pair["refresh"])
