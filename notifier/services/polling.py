"""Receipts that are asked for: of gateways that push none, or whose calls nobody signs.

Asking takes a quarter of the pool at the most, in the sender's own process. Twice is harmless:
a receipt is kept once, and the table of moves lets nothing leave a final state.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

import structlog

from gateways.base import Absent, AttemptRef, Deferred, Found, Receipt, Report
from notifier.domain.clock import Clock
from notifier.domain.ids import IdSource
from notifier.domain.retention import Keeping
from notifier.domain.timing import LEASE, POLL_FOR, poll_wait
from notifier.services import receipts as receipt_service
from notifier.services.calling import open_phone, open_text
from notifier.services.gateways import Account, Accounts
from notifier.services.pool import CallPool, Ended
from notifier.store import polls
from notifier.store.engine import Sessions
from notifier.store.polls import Awaited
from notifier.store.sealing import Sealer

log = structlog.get_logger(__name__)

_SHARE = 4  # of the pool: one in so many calls may be a question


@dataclass(frozen=True, slots=True)
class Polled(Ended):
    """What asking about an accepted attempt told."""

    attempt: Awaited
    answer: Found | Absent | Deferred

    @property
    def receipt(self) -> Receipt | None:
        """What the provider says of it, under our reference: it may know no id of ours."""
        told = self.answer.receipt if isinstance(self.answer, Found) else None
        return replace(told, reference=self.attempt.id) if told else None


@dataclass(slots=True)
class Poller:
    """Asks what became of accepted attempts, in the sender's pool."""

    sessions: Sessions
    sealer: Sealer
    clock: Clock
    ids: IdSource
    accounts: Accounts
    keeping: Keeping
    _in_flight: int = 0
    _waits_until: dict[str, float] = field(default_factory=dict)  # monotonic, by gateway

    def start_due(self, pool: CallPool) -> int:
        """Start asking about as many as may be; how many that were."""
        gateways = self._may_be_asked()
        room = min(pool.free, max(1, pool.size // _SHARE) - self._in_flight)
        if not gateways or room <= 0:
            return 0
        with self.sessions.read() as session:
            if not polls.any_due(session, gateways, self.sessions.now(session)):
                return 0
        with self.sessions.begin() as session:
            now = self.sessions.now(session)
            awaited = polls.claim(
                session, gateways=gateways, now=now, until=now + LEASE, limit=room
            )
        for one in awaited:
            self._in_flight += 1
            pool.submit(one.gateway, partial(self._ask, one, self.accounts[one.gateway]))
        return len(awaited)

    def _may_be_asked(self) -> list[str]:
        now = self.clock.monotonic()
        return [name for name in self.accounts.polled if self._waits_until.get(name, 0.0) <= now]

    def _ask(self, one: Awaited, account: Account) -> Polled:
        """One question, on a thread of the pool. Never raises."""
        try:
            return Polled(one, account.gateway.look_up(self._question(one)))
        except Deferred as cannot_tell:
            return Polled(one, cannot_tell)
        except Exception as problem:  # noqa: BLE001 - the edge of a pool task
            log.error("look_up_broke", gateway=one.gateway, error=type(problem).__name__)
            return Polled(one, Deferred("look_up_broke"))

    def _question(self, one: Awaited) -> AttemptRef:
        phone, text = "", ""
        if one.phone_cipher is not None and one.text_cipher is not None:
            phone = open_phone(self.sealer, one.message_id, one.phone_cipher)
            text = open_text(self.sealer, one.message_id, one.text_cipher)
        return AttemptRef(one.id, phone, one.sender, text, one.started_at, one.provider_id)

    def record(self, polled: Sequence[Polled]) -> None:
        """Keep what was told, and say when to ask again about the rest."""
        # First what was told: a death after this asks again, and the receipt is kept once.
        if receipts := [one.receipt for one in polled if one.receipt is not None]:
            receipt_service.record(
                [receipts],
                sessions=self.sessions,
                ids=self.ids,
                keeping=self.keeping,
                accounts=self.accounts,
            )
        with self.sessions.begin() as session:
            now = self.sessions.now(session)
            for one in polled:
                if isinstance(one.answer, Found) and one.attempt.provider_id is None:
                    polls.name(session, one.attempt.id, one.answer.provider_id)
            polls.asked(
                session,
                [{"attempt_id": one.attempt.id, "next": self._next(one, now)} for one in polled],
            )
        self._in_flight -= len(polled)

    def _next(self, one: Polled, now: datetime) -> datetime | None:
        wait = poll_wait(one.attempt.polls + 1)
        if isinstance(one.answer, Deferred) and one.answer.retry_after_s is not None:
            waits_s = one.answer.retry_after_s
            self._waits_until[one.attempt.gateway] = self.clock.monotonic() + waits_s
            wait = max(wait, timedelta(seconds=waits_s))
        final = one.receipt is not None and one.receipt.report is not Report.SENT
        if final or now + wait > one.attempt.started_at + POLL_FOR:
            return None
        return now + wait
