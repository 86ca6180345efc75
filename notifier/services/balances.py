"""What is left on the accounts: asked of their providers now and then, kept for the metrics.

The sender asks, in its own pool: an account that sends nothing loses nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

import structlog

from gateways.base import Balance, Deferred, Rejected, TellsBalance
from notifier.domain.clock import Clock
from notifier.services.gateways import Accounts
from notifier.services.pool import CallPool, Ended
from notifier.store import balances
from notifier.store.engine import Sessions

log = structlog.get_logger(__name__)

ASKED_EVERY = timedelta(minutes=10)
_LOOKS_EVERY_S = 30.0  # whether another worker asked meanwhile


@dataclass(frozen=True, slots=True)
class BalanceTold(Ended):
    """What a provider said of its account; nothing where it would not."""

    gateway: str
    balance: Balance | None


@dataclass(slots=True)
class BalanceKeeper:
    """Asks each provider that tells a balance, one worker for all."""

    sessions: Sessions
    clock: Clock
    accounts: Accounts
    _looks_at: float = field(default=float("-inf"))  # monotonic

    def start_due(self, pool: CallPool) -> int:
        """Ask whoever was not asked for long; how many that are."""
        telling = {
            name: one.gateway
            for name, one in self.accounts.by_name.items()
            if isinstance(one.gateway, TellsBalance)
        }
        now = self.clock.monotonic()
        if not telling or now < self._looks_at or pool.free < len(telling):
            return 0
        self._looks_at = now + _LOOKS_EVERY_S
        with self.sessions.begin() as session:
            at = self.sessions.now(session)
            due = balances.claim(session, sorted(telling), at=at, until=at + ASKED_EVERY)
        for name in due:
            pool.submit(name, partial(_ask, name, telling[name]))
        return len(due)

    def record(self, told: Sequence[BalanceTold]) -> None:
        """Keep what was told; an old figure stays where nothing was."""
        with self.sessions.begin() as session:
            at = self.sessions.now(session)
            for one in told:
                if one.balance is not None:
                    balances.keep(session, one.gateway, one.balance, at=at)


def _ask(name: str, gateway: TellsBalance) -> BalanceTold:
    """One question, on a thread of the pool. Never raises."""
    try:
        return BalanceTold(name, gateway.balance())
    except (Deferred, Rejected) as problem:
        log.info("balance_not_told", gateway=name, code=problem.code)
    except Exception as problem:  # noqa: BLE001 - the edge of a pool task
        log.error("balance_broke", gateway=name, error=type(problem).__name__)
    return BalanceTold(name, None)
