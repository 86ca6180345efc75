"""Calls sources back with what is put down for them, beside the sender's calls to gateways.

A try is committed before its call, so that one whose worker died is made again; so a source may
hear the same twice, under the same id. Nothing is called in a transaction.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from http import HTTPStatus

import structlog
from sqlalchemy.orm import Session

from gateways.base import Deferred, OutcomeUnknown
from gateways.http import HttpCaller, HttpRequest
from notifier.domain import callbacks as rules
from notifier.domain.alerts import ABOUT_HELD, AlertKind
from notifier.domain.callbacks import GIVE_UP_AFTER
from notifier.domain.clock import Clock
from notifier.domain.ids import IdSource
from notifier.domain.timing import LEASE
from notifier.services.callbacks import open_secret
from notifier.services.pool import CallPool, Ended
from notifier.store import alerts
from notifier.store import callbacks as rows
from notifier.store.callbacks import Due
from notifier.store.engine import Sessions
from notifier.store.sealing import SealBroken, Sealer

log = structlog.get_logger(__name__)

AT_ONCE = 4  # calls of one worker, and of all workers one at a time to a source
DEADLINE_S = 5.0  # of a call, in total
_IDLE_S = 1.0  # how soon to look again when nothing was due


@dataclass(frozen=True, slots=True)
class CalledBack(Ended):
    """A try that ended; `code` says how, and nothing of the answer."""

    due: Due
    code: str
    delivered: bool


@dataclass(slots=True)
class Callbacks:
    """Calls back what is due, a few at a time."""

    sessions: Sessions
    sealer: Sealer
    clock: Clock
    ids: IdSource
    caller: HttpCaller
    _in_flight: set[str] = field(default_factory=set)  # sources
    _looks_at: float = field(default=float("-inf"))  # monotonic

    def start_due(self, pool: CallPool) -> int:
        """Start the calls that are due, in the pool's places beside; how many."""
        room = AT_ONCE - len(self._in_flight)
        if room <= 0 or self.clock.monotonic() < self._looks_at:
            return 0
        with self.sessions.read() as session:
            if not rows.any_due(session, self.sessions.now(session)):
                self._looks_at = self.clock.monotonic() + _IDLE_S
                return 0
        with self.sessions.begin() as session:
            now = self.sessions.now(session)
            taken = rows.claim(
                session, now=now, until=now + LEASE, limit=room, but_of=self._in_flight
            )
            at_s = int(now.timestamp())
        for due in taken:
            self._in_flight.add(due.source_id)
            pool.submit_beside(partial(self._call, due, at_s))
        return len(taken)

    def _call(self, due: Due, at_s: int) -> CalledBack:
        """One call, on a thread of the pool. Never raises."""
        try:
            reply = self.caller.call(self._request(due, at_s), deadline_s=DEADLINE_S)
        except SealBroken as problem:
            log.error("seal_broken", source=due.source_id, why=str(problem))
            return CalledBack(due, "seal_broken", delivered=False)
        except (Deferred, OutcomeUnknown) as problem:
            return CalledBack(due, problem.code, delivered=False)
        except Exception as problem:  # noqa: BLE001 - the edge of a pool task
            log.error("callback_broke", source=due.source_id, error=type(problem).__name__)
            return CalledBack(due, "broke", delivered=False)
        taken = HTTPStatus.OK <= reply.status < HTTPStatus.MULTIPLE_CHOICES
        return CalledBack(due, f"http_{reply.status}", delivered=taken)

    def _request(self, due: Due, at_s: int) -> HttpRequest:
        body = json.dumps(told(due), ensure_ascii=False).encode()
        secret = open_secret(self.sealer, due.source_id, due.secret_cipher)
        return HttpRequest(
            "POST",
            due.url,
            {
                "Content-Type": "application/json",
                "User-Agent": "BaoTin/1",
                "webhook-id": due.id,
                "webhook-timestamp": str(at_s),
                "webhook-signature": rules.sign(secret, delivery=due.id, at_s=at_s, body=body),
            },
            body,
            only_status=True,
        )

    def record(self, ended: Sequence[CalledBack]) -> None:
        """Note what was delivered, and when the rest is tried again, if ever."""
        with self.sessions.begin() as session:
            now = self.sessions.now(session)
            # All workers lock the alerts in the same order.
            for one in sorted(ended, key=lambda one: one.due.source_id):
                self._note(session, one, now)
        for one in ended:
            self._in_flight.discard(one.due.source_id)
            say = log.info if one.delivered else log.warning
            said = "callback_delivered" if one.delivered else "callback_failed"
            say(said, callback=one.due.id, source=one.due.source_id, code=one.code)

    def _note(self, session: Session, one: CalledBack, now: datetime) -> None:
        due, kind = one.due, AlertKind.CALLBACK_GIVEN_UP
        again_at = now + rules.wait(due.tries)
        if one.delivered:
            if rows.tried(session, due.id, due_at=None, code=one.code, delivered_at=now):
                alerts.close_alert(session, kind=kind, subject=due.source_id, now=now)
        elif again_at <= due.made_at + GIVE_UP_AFTER:
            rows.tried(session, due.id, due_at=again_at, code=one.code)
        # One that was taken away meanwhile is not given up.
        elif rows.tried(session, due.id, due_at=None, code=one.code, given_up_at=now):
            alerts.raise_alert(
                session,
                self.ids.new("alt"),
                kind=kind,
                subject=due.source_id,
                detail=one.code,
                now=now,
            )


def told(due: Due) -> dict[str, object]:
    """What a source reads. No person stands in it: an alert is of offices, sources and gateways.

    Of a message that is held it learns the id where it is its own.
    """
    ended = due.closed_at if due.tells == "closed" else None
    of_another = due.kind in ABOUT_HELD and due.message_of != due.source_id
    return {
        "id": due.id,
        "type": f"vn.baotin.alert.{due.tells}",
        "alert": {
            "id": due.alert_id,
            "kind": due.kind,
            "subject": due.subject,
            "detail": "" if of_another else due.detail,
            "offices": list(due.offices),
            "raised_at": due.raised_at.isoformat(),
            "closed_at": ended.isoformat() if ended else None,
        },
    }
