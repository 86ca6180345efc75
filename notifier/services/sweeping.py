"""The sweep: finds what a death, an outage or a lost ring left lying, and moves it again.

Every step is idempotent and bounded; twice is harmless, and so is a sweep cut short.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session

from notifier.domain import states
from notifier.domain.clock import Clock
from notifier.domain.ids import IdSource
from notifier.domain.retention import Keeping
from notifier.domain.states import Outcome
from notifier.domain.timing import CALL_DEADLINE, LEASE, UPKEEP_SLICE
from notifier.queue import Queue
from notifier.services import alerts, announcing, holds
from notifier.services import receipts as receipt_service
from notifier.services.catalogue import Catalogue
from notifier.services.duty_desk import DutyDesk
from notifier.services.gateways import Accounts
from notifier.services.jumps import JumpWatch
from notifier.store import attempts, callbacks, claims, messages, polls
from notifier.store.attempts import Orphan
from notifier.store.engine import Sessions

log = structlog.get_logger(__name__)

_AT_ONCE = 500
_NO_TIME = timedelta(0)


@dataclass(slots=True)
class Sweeper:
    """Sweeps. Outlives a job: it remembers the clock between two sweeps."""

    sessions: Sessions
    queue: Queue
    clock: Clock
    accounts: Accounts
    catalogue: Catalogue
    jumps: JumpWatch
    ids: IdSource
    keeping: Keeping
    desk: DutyDesk

    def sweep(self) -> None:
        """One sweep, of at most a second; what is left waits for the next."""
        ends = self.clock.monotonic() + UPKEEP_SLICE.total_seconds()
        if self.jumps.look(self._wall):
            self._free_leases(ends)
        with self.sessions.begin() as session:
            now = self.sessions.now(session)
            messages.suppress_superseded(session, at=now)
            claims.suppress_unwanted(session, at=now)
            messages.expire(session, now=now)
            # Put off by a clock that was wrong, or by hours that were changed since.
            open_now = self.catalogue.current(session).openings_after_this(now)
            claims.bring_forward(session, open_now, now=now)
            holds.tell(session, now=now, ids=self.ids)
            alerts.follow_gateways(session, self.accounts, now=now, ids=self.ids)
            announcing.announce(
                session,
                self.catalogue.current(session),
                self.accounts,
                now=now,
                ids=self.ids,
                keeping=self.keeping,
                desk=self.desk,
            )
            self.desk.write(session, self.catalogue.current(session), now=now)
        if self.clock.monotonic() < ends:
            receipt_service.match_late(
                sessions=self.sessions,
                accounts=self.accounts,
                keeping=self.keeping,
                limit=_AT_ONCE,
            )
        with self.sessions.read() as session:
            now = self.sessions.now(session)
            due = (
                claims.any_due(session, now)
                or attempts.any_doubtful_due(session, now)
                or polls.any_due(session, self.accounts.polled, now)
                or callbacks.any_due(session, now)
            )
        if due:
            self.queue.ring_send_again()

    def _wall(self) -> datetime:
        with self.sessions.read() as session:
            return self.sessions.now(session)

    def _free_leases(self, ends: float) -> None:
        """Back to `queued` without an attempt; with an open one, that one is unknown."""
        while self.clock.monotonic() < ends:
            with self.sessions.begin() as session:
                now = self.sessions.now(session)
                freed = claims.free_unattempted(session, now=now, lease=LEASE)
                orphans = attempts.orphans(session, now=now, lease=LEASE, limit=_AT_ONCE)
                for orphan in orphans:
                    self._doubt(session, orphan, now)
            if freed or orphans:
                log.warning("leases_out", queued=len(freed), unknown=len(orphans))
            if len(orphans) < _AT_ONCE:
                return

    def _doubt(self, session: Session, orphan: Orphan, now: datetime) -> None:
        account = self.accounts.get(orphan.gateway)
        settle, look = (account.settle, account.look) if account else (_NO_TIME, _NO_TIME)
        # No call begins whose deadline would end after the lease, so a request left before this.
        last_begin = min(now, orphan.lease_until) - CALL_DEADLINE
        closing = {
            "attempt_id": orphan.id,
            "at": now,
            "code": "lease_out",
            "fault": None,
            "provider": None,
            "resolve": now,
            "absent": last_begin + settle,
        }
        attempts.close(session, [closing], Outcome.UNKNOWN)
        messages.move(
            session,
            [orphan.message_id],
            states.LOSE_SIGHT,
            at=now,
            blocks_until=max(now, last_begin + settle) + look,
        )
