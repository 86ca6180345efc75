"""Access tokens that all processes share: what an adapter asks for, whoever keeps them.

Some providers give a token for a while, some with a refresh token that works once: then two
processes that renew at the same time lock each other out. So an adapter only knows how to renew,
and `Tokens` says when, by whom, and keeps the whole pair.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from gateways.base import Deferred
from notifier.domain.clock import Clock

MARGIN = timedelta(seconds=60)  # a token that ends sooner is not used any more


@dataclass(frozen=True, slots=True)
class Token:
    """What the provider gave, the pair as one."""

    access: str = field(repr=False)
    expires_at: datetime
    refresh: str = field(default="", repr=False)

    def good(self, now: datetime, refused: "Token | None") -> bool:
        """Whether it may be used: not about to end, and not the one that was refused."""
        return self.expires_at - MARGIN > now and (refused is None or self.access != refused.access)


Renew = Callable[[Token | None, float], Token]
"""Asks the provider for a token, given the last one, if any, within so many seconds.

Raises `Rejected` for a fault of the account, else `Deferred`: nothing was sent yet.
"""


class Tokens(Protocol):
    """Keeps tokens, by gateway. Thread-safe."""

    def get(
        self, gateway: str, renew: Renew, *, within_s: float, refused: Token | None = None
    ) -> Token:
        """A token to use now; never `refused`, the one that the provider did not take.

        Raises what `renew` raises, and `Deferred` when there is none in time.
        """
        ...


class OwnTokens:
    """Tokens of one process: for a command, or where nothing is shared."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._guard = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}
        self._kept: dict[str, Token] = {}

    def get(
        self, gateway: str, renew: Renew, *, within_s: float, refused: Token | None = None
    ) -> Token:
        with self._guard:
            lock = self._locks.setdefault(gateway, threading.Lock())
        ends = self._clock.monotonic() + within_s
        if not lock.acquire(timeout=within_s):
            raise Deferred("token_busy")
        try:
            kept = self._kept.get(gateway)
            if kept is not None and kept.good(self._clock.now(), refused):
                return kept
            fresh = renew(kept, ends - self._clock.monotonic())
            self._kept[gateway] = fresh
            return fresh
        finally:
            lock.release()
