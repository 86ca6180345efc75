"""What a finished call does to its attempt and its message.

The whole of a call's consequences stands on this page:

    accepted             attempt accepted; message sent
    rejected, number     attempt rejected; message failed
    rejected, content    attempt rejected; message queued for the next route, else held
    rejected, channel    the same
    rejected, account    attempt rejected; the gateway pauses, an alert; message queued
    deferred             attempt deferred; message queued for later, or for elsewhere
    unknown              attempt unknown; message unknown, to be resolved
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from gateways.base import Accepted, Deferred, Fault, OutcomeUnknown, Rejected
from notifier.domain import states
from notifier.domain.alerts import AlertKind
from notifier.domain.ids import IdSource
from notifier.domain.retention import Keeping
from notifier.domain.states import Outcome, Reason
from notifier.domain.timing import backoff, poll_wait
from notifier.services import figures, operators, spending
from notifier.services import receipts as receipt_service
from notifier.services.gateways import Accounts
from notifier.services.operators import Telling
from notifier.services.pool import Ended
from notifier.store import alerts, attempts, messages, pauses
from notifier.store import figures as store_figures
from notifier.store.engine import Sessions
from notifier.store.figures import Place

log = structlog.get_logger(__name__)

Result = Accepted | Rejected | Deferred | OutcomeUnknown


@dataclass(frozen=True, slots=True)
class Finished(Ended):
    """A call that ended, or one that may no longer begin (`Deferred`)."""

    attempt_id: str
    message_id: str
    event_id: str
    gateway: str
    token: str | None  # the claim it ran under; none for a resolved unknown
    tries: int
    result: Result
    ms: int
    segments: int
    called: bool = True  # whether the call began at all
    awaited_since: datetime | None = None  # empty for a resolved unknown
    is_probe: bool = False  # of a gateway whose breaker is open
    alone: bool = False  # whether no other gateway is on the message's way


@dataclass(frozen=True, slots=True)
class Recorder:
    """Writes finished calls down, a group at a time."""

    sessions: Sessions
    accounts: Accounts
    ids: IdSource
    spread: Callable[[], float]  # random, 0 to 1
    keeping: Keeping
    share: int = 0  # which rows of the figures are ours to add to

    def record(self, finished: Sequence[Finished]) -> None:
        """Close the attempts and move the messages, then look for receipts that came first."""
        try:
            self._record(finished)
        except IntegrityError:
            # A provider id that another attempt already has: find out which of the group it is.
            for one in finished:
                self._record_alone(one)
        for one in finished:
            log.info(
                "attempt_closed",
                attempt=one.attempt_id,
                message=one.message_id,
                event_id=one.event_id,
                gateway=one.gateway,
                outcome=_outcome(one.result),
                code=getattr(one.result, "code", None),
                ms=one.ms,
            )
        accepted = [one.attempt_id for one in finished if isinstance(one.result, Accepted)]
        if accepted:
            receipt_service.look_for_early(
                accepted, sessions=self.sessions, accounts=self.accounts, keeping=self.keeping
            )

    def _record_alone(self, one: Finished) -> None:
        try:
            self._record([one])
        except IntegrityError:
            log.error("provider_id_taken", attempt=one.attempt_id, gateway=one.gateway)
            unknown = OutcomeUnknown("provider_id_taken")
            self._record([replace(one, result=unknown)])

    def _record(self, finished: Sequence[Finished]) -> None:
        with self.sessions.begin() as session:
            now = self.sessions.now(session)
            attempts.lock(session, [one.attempt_id for one in finished])
            group = sorted(finished, key=lambda one: one.attempt_id)
            self._accepted(session, [f for f in group if isinstance(f.result, Accepted)], now)
            self._unknown(session, [f for f in group if isinstance(f.result, OutcomeUnknown)], now)
            # By gateway: another worker may pause the same ones.
            for one in sorted(group, key=lambda one: one.gateway):
                if isinstance(one.result, Rejected):
                    self._rejected(session, one, one.result, now)
            self._deferred(session, [f for f in group if isinstance(f.result, Deferred)], now)
            counted = {**_counted(group, now), **_failovers(session, group)}
            operators.learn(session, _tellings(group, now), keeping=self.keeping)
            # Last: other workers may wait for these rows.
            store_figures.add(session, counted, share=self.share)

    def _accepted(self, session: Session, group: Sequence[Finished], now: datetime) -> None:
        if not group:
            return
        closings = [
            {**_closing(one, now), "poll": self._poll_at(one.gateway, now)} for one in group
        ]
        spending.count(session, [one.attempt_id for one in group], accounts=self.accounts, at=now)
        attempts.close(session, closings, Outcome.ACCEPTED)
        ids = [one.message_id for one in group]
        moved = messages.hand_over(session, ids, states.ACCEPT, at=now)
        retried = {one.message_id for one in group if one.tries > 1 or one.token is None}
        # Not moved: its receipt came first, or another attempt's answer while we were frozen.
        if doubtful := retried | (set(ids) - set(moved)):
            messages.flag_doubles(session, doubtful)

    def _poll_at(self, gateway: str, now: datetime) -> datetime | None:
        """When to ask what became of it, where the provider must be asked."""
        polls = self.accounts[gateway].gateway.capabilities.polls
        return now + poll_wait(0) if polls else None

    def _unknown(self, session: Session, group: Sequence[Finished], now: datetime) -> None:
        for gateway in {one.gateway for one in group}:
            mine = [one for one in group if one.gateway == gateway]
            account = self.accounts[gateway]
            closings = [
                {
                    **_closing(one, now),
                    "resolve": now + timedelta(seconds=1),
                    "absent": now + account.settle,
                }
                for one in mine
            ]
            attempts.close(session, closings, Outcome.UNKNOWN)
            for token in {one.token for one in mine}:
                held = [one.message_id for one in mine if one.token == token]
                guard = [messages.under(token)] if token else []
                messages.move(
                    session,
                    held,
                    states.LOSE_SIGHT,
                    at=now,
                    where=guard,
                    blocks_until=now + account.settle + account.look,
                )

    def _rejected(self, session: Session, one: Finished, why: Rejected, now: datetime) -> None:
        attempts.close(session, [_closing(one, now)], Outcome.REJECTED)
        if why.fault is Fault.NUMBER:
            guard = [messages.nothing_else_pending()]
            if one.token:
                guard.append(messages.under(one.token))
            messages.move(
                session,
                [one.message_id],
                states.FAIL,
                at=now,
                reason=Reason.NUMBER_REFUSED,
                where=guard,
            )
            return
        if why.fault is Fault.ACCOUNT:
            pauses.pause(session, one.gateway, reason=why.code, now=now)
            alerts.raise_alert(
                session,
                self.ids.new("alt"),
                kind=AlertKind.GATEWAY_PAUSED,
                subject=one.gateway,
                detail=why.code,
                now=now,
            )
        # Due at once: the next claim takes the next route, or holds it where there is none.
        messages.requeue(session, {one.message_id: now}, at=now, token=one.token)

    def _deferred(self, session: Session, group: Sequence[Finished], now: datetime) -> None:
        if not group:
            return
        attempts.close(session, [_closing(one, now) for one in group], Outcome.DEFERRED)
        for token in {one.token for one in group}:
            due = {one.message_id: now + self._wait(one) for one in group if one.token == token}
            messages.requeue(session, due, at=now, token=token)

    def _wait(self, one: Finished) -> timedelta:
        """Where there is another gateway it is tried at once, and this one is left alone."""
        if len(self.accounts.route) > 1 and not one.alone:
            if one.tries <= 1:
                return timedelta(0)
            if not (isinstance(one.result, Deferred) and one.result.only_this):
                return backoff(one.tries, self.spread())
        if isinstance(one.result, Deferred) and one.result.retry_after_s is not None:
            return timedelta(seconds=one.result.retry_after_s)
        return backoff(one.tries, self.spread())


def _tellings(group: Sequence[Finished], now: datetime) -> Iterator[Telling]:
    """What their answers told of the phones' operators."""
    for one in group:
        if isinstance(one.result, Accepted) and one.result.operator is not None:
            yield Telling(one.attempt_id, one.gateway, one.result.operator, now)


def _counted(group: Sequence[Finished], now: datetime) -> dict[Place, float]:
    """What the ends of these calls add to the figures."""
    return figures.tally(each for one in group for each in _counts(one, now))


def _failovers(session: Session, group: Sequence[Finished]) -> dict[Place, float]:
    """By gateway: attempts that came to nothing there and whose messages another one took now."""
    taken = {
        one.message_id: one.gateway
        for one in group
        if one.tries > 1 and isinstance(one.result, Accepted)
    }
    if not taken:
        return {}
    return figures.tally(
        ((figures.FAILOVERS, gateway, ""), 1)
        for message_id, gateway in attempts.came_to_nothing(session, taken)
        if gateway != taken[message_id]
    )


def _counts(one: Finished, now: datetime) -> Iterator[tuple[Place, float]]:
    if one.called:
        yield (figures.CALLS, one.gateway, _outcome(one.result)), 1
        yield from figures.CALL_SECONDS.count(one.gateway, one.ms / 1000)
    if isinstance(one.result, Accepted) and one.segments:
        yield (figures.SEGMENTS, one.gateway, ""), one.segments
    if isinstance(one.result, Accepted) and one.awaited_since is not None:
        waited_s = max(0.0, (now - one.awaited_since).total_seconds())
        yield from figures.HANDOVER_SECONDS.count(one.gateway, waited_s)


def _closing(one: Finished, at: datetime) -> dict[str, object]:
    result = one.result
    return {
        "attempt_id": one.attempt_id,
        "at": at,
        "code": None if isinstance(result, Accepted) else result.code,
        "fault": result.fault if isinstance(result, Rejected) else None,
        "provider": result.provider_id if isinstance(result, Accepted) else None,
        "resolve": None,
        "absent": None,
    }


def _outcome(result: Result) -> Outcome:
    match result:
        case Accepted():
            return Outcome.ACCEPTED
        case Rejected():
            return Outcome.REJECTED
        case Deferred():
            return Outcome.DEFERRED
        case OutcomeUnknown():
            return Outcome.UNKNOWN
