"""Sending: claim groups of due messages, open their attempts, call, record; until none is left.

One thread talks to the database; the pool's threads talk to gateways. Every step ends in a
commit, and the process may die between any two: the sweep finds a lease that ran out.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy.orm import Session

from gateways.base import (
    Accepted,
    Deferred,
    OutboundSms,
    OutcomeUnknown,
    Rejected,
)
from notifier.domain import states
from notifier.domain.breaker import Heard
from notifier.domain.clock import Clock
from notifier.domain.ids import IdSource
from notifier.domain.restraint import Restraint
from notifier.domain.states import Reason
from notifier.domain.timing import LEASE
from notifier.queue import Queue
from notifier.services import caps
from notifier.services.balances import BalanceKeeper, BalanceTold
from notifier.services.breakers import heard
from notifier.services.calling import hand_over, heed, open_phone, open_text
from notifier.services.calling_back import Callbacks, CalledBack
from notifier.services.catalogue import Catalogue
from notifier.services.gateways import Accounts
from notifier.services.planning import Plan, PlannedCall, Planner
from notifier.services.polling import Polled, Poller
from notifier.services.pool import CallPool
from notifier.services.recording import Finished, Recorder, Result
from notifier.services.resolving import Resolved, Resolver
from notifier.services.traffic import Traffic
from notifier.store import attempts, claims, messages
from notifier.store.claims import Claimed, Turn
from notifier.store.engine import Sessions
from notifier.store.sealing import SealBroken, Sealer

log = structlog.get_logger(__name__)

_LISTEN_S = 0.05  # how long to wait for a call to end before looking for work again
_IDLE_CLAIM_S = 0.05  # how soon to look again after a claim that found less than it could take

Probe = Callable[[str], None]


def no_probe(_point: str) -> None:
    """The probe of a process that is not being drilled."""


@dataclass(frozen=True, slots=True)
class _Call:
    """A claimed message with an opened attempt."""

    planned: PlannedCall
    attempt_id: str
    token: str

    @property
    def message(self) -> Claimed:
        return self.planned.message

    @property
    def gateway(self) -> str:
        return self.planned.gateway


@dataclass(slots=True)
class Sender:
    """Sends what is due. Outlives a job: the pool keeps its connections."""

    sessions: Sessions
    sealer: Sealer
    queue: Queue
    clock: Clock
    ids: IdSource
    accounts: Accounts
    pool: CallPool
    recorder: Recorder
    resolver: Resolver
    poller: Poller
    balances: BalanceKeeper
    callbacks: Callbacks
    catalogue: Catalogue
    planner: Planner
    restraint: Restraint
    traffic: Traffic
    probe: Probe = no_probe
    _turn: Turn = field(default_factory=Turn)
    _took_some: bool = False  # whether the last claim found anything
    _passed_over: frozenset[str] = frozenset()  # offices whose gateways were full: not next time
    _heard: list[tuple[str, Heard]] = field(default_factory=list)  # not yet counted
    _finished: list[Finished] = field(default_factory=list)  # not yet written down
    _resolved: list[Resolved] = field(default_factory=list)
    _polled: list[Polled] = field(default_factory=list)
    _told: list[BalanceTold] = field(default_factory=list)
    _called_back: list[CalledBack] = field(default_factory=list)

    def run(self, *, slice_s: float, stopping: Callable[[], bool]) -> None:
        """Send until nothing is due and in flight, the slice is over, or we are to stop.

        Calls to gateways that began are always waited for and recorded: at most a call's deadline.
        Callbacks are left to the next run at the slice's end: a slow source holds up no sending.
        Raises `StoreUnavailable`; what ended meanwhile is kept, and recorded by the next run.
        """
        ends = self.clock.monotonic() + slice_s
        self._record()
        # Before the first claim: what is committed from here on rings again.
        self.queue.silence()
        look_at = self.clock.monotonic()
        while True:
            is_last = stopping()
            winding_up = is_last or self.clock.monotonic() >= ends
            if not winding_up and self.clock.monotonic() >= look_at:
                room = self.pool.free
                started = self.resolver.start_due(self.pool) + self._send_due(self.pool.free)
                started += self.poller.start_due(self.pool)
                self.balances.start_due(self.pool)
                self.callbacks.start_due(self.pool)
                if started < room:
                    look_at = self.clock.monotonic() + _IDLE_CLAIM_S
            if not self.pool.in_flight:
                if not winding_up and self._took_some:
                    look_at = self.clock.monotonic()  # all of it was put off or held: what else?
                    continue
                if not self.pool.in_flight_beside or (winding_up and not is_last):
                    if winding_up:
                        self.queue.ring_send()  # the next slice, or another worker, goes on
                    return
            if self._listen():
                # What just ended may let the next message of its case go: look before leaving.
                soon = _IDLE_CLAIM_S / 5 if self.pool.in_flight else 0
                look_at = min(look_at, self.clock.monotonic() + soon)

    def _listen(self) -> bool:
        """Wait a moment for calls to end, and record those that did; whether any did."""
        ended = self.pool.drain(_LISTEN_S)
        for one in ended:
            match one:
                case Finished():
                    if one.called:
                        self._hear(one.gateway, one.result, one.ms, one.is_probe)
                    self._finished.append(one)
                case Resolved():
                    self._hear_resolved(one)
                    self._resolved.append(one)
                case Polled():
                    self._polled.append(one)
                case BalanceTold():
                    self._told.append(one)
                case CalledBack():
                    self._called_back.append(one)
        self._record()
        return bool(ended)

    def _record(self) -> None:
        """Write down what ended. What the database cannot take now is kept for the next run."""
        if self._finished:
            self.probe("before_record")
            self.recorder.record(self._finished)
            self._finished = []
            self.probe("after_record")
        if self._resolved:
            self.resolver.record(self._resolved)
            self._resolved = []
        if self._polled:
            self.poller.record(self._polled)
            self._polled = []
        if self._told:
            self.balances.record(self._told)
            self._told = []
        if self._called_back:
            self.callbacks.record(self._called_back)
            self._called_back = []
        if self._heard:
            self.traffic.breakers.hear(self._heard)
            self._heard = []

    def _hear(self, gateway: str, result: Result, ms: int, is_probe: bool) -> None:
        """Note what the end of a call tells of its gateway."""
        self._heard.append((gateway, heard(result, ms=ms, is_probe=is_probe)))

    def _hear_resolved(self, one: Resolved) -> None:
        heed(self.traffic.pacing, one.attempt.gateway, one.answer, sent=one.sent)
        match one.answer:
            case Accepted() | Rejected() | Deferred() | OutcomeUnknown() if one.sent:
                self._hear(one.attempt.gateway, one.answer, one.ms, one.is_probe)
            case _:
                pass  # a look-up that is answered tells nothing of sending

    def _send_due(self, room: int) -> int:
        """Claim, open and start up to `room` messages; how many were started."""
        self._took_some = False
        if room <= 0:
            return 0
        self.traffic.look()
        with self.sessions.read() as session:
            now = self.sessions.now(session)
            if not claims.any_due(session, now):
                return 0
            places = self.traffic.places(session, self.pool, now=now)
        room = min(room, places.free.total())
        if not room:
            return 0
        # Taken before the claim, so that our lease ends before the one in the database.
        lease_ends = self.clock.monotonic() + LEASE.total_seconds()
        token = self.ids.new("clm")
        self.probe("before_claim")
        claimed = self._claim(token, room, +places.free)
        if not claimed:
            self._passed_over = frozenset()
            return 0
        self.probe("after_claim")
        plan = self.planner.plan(claimed, places)
        # Else what waits for a full gateway, if it goes first, fills claim after claim.
        self._passed_over = frozenset(message.office_id for message in plan.busy)
        opened = self._open(plan, token)
        self.probe("after_open")
        for call in opened:
            self.pool.submit(call.gateway, partial(self._call, call, lease_ends))
        return len(opened)

    def _claim(self, token: str, room: int, free: Collection[str] | None = None) -> list[Claimed]:
        """Messages of the offices that may send now, through one of the `free` gateways."""
        with self.sessions.begin() as session:
            now = self.sessions.now(session)
            closed = self.catalogue.closed(session, now)
            claims.put_off(session, closed, now=now)
            stuck = (
                self.accounts.stuck(self.catalogue.current(session), free)
                if free is not None
                else []
            )
            claimed = claims.claim(
                session,
                now=now,
                token=token,
                lease=LEASE,
                limit=room,
                but_of={*closed, *stuck, *self._passed_over},
                turn=self._turn,
            )
            self._took_some = bool(claimed or self._passed_over)
            if self.restraint.only_live:
                known = self.catalogue.current(session)
                claimed = caps.going_out(session, claimed, known, now=now)
            if self.catalogue.current(session).budgets:
                claimed = caps.within_budget(
                    session,
                    claimed,
                    self.catalogue.current(session),
                    accounts=self.accounts,
                    token=token,
                    now=now,
                )
            if self.restraint.phone_cap is None:
                return claimed
            return caps.within_phone_cap(
                session, claimed, cap=self.restraint.phone_cap, token=token, now=now
            )

    def _open(self, plan: Plan, token: str) -> list[_Call]:
        """Open the attempts of what is planned, where the claim still holds."""
        with self.sessions.begin() as session:
            now = self.sessions.now(session)
            for message_id, reason in plan.held.items():
                messages.move(
                    session,
                    [message_id],
                    states.HOLD,
                    at=now,
                    reason=reason,
                    where=[messages.under(token)],
                )
            later = now + timedelta(seconds=1)
            back = dict.fromkeys((message.id for message in plan.busy), later)
            back |= {message.id: message.send_at for message in plan.early}
            soonest = {one: max(until, later) for one, until in plan.stuck.items()}
            messages.requeue(session, soonest, at=now, token=token, why=Reason.NO_GATEWAY)
            # In one order: two workers may put off the same kinds at once.
            for kind, until in sorted(plan.kinds.items(), key=lambda one: str(one[0])):
                claims.put_off_kind(session, *kind, until=max(until, later), now=now)
            calls = []
            for planned in plan.calls:
                if planned.is_probe and not self._take_probe(session, planned, now):
                    back[planned.message.id] = planned.message.send_at
                else:
                    calls.append(_Call(planned, self.ids.attempt(), token))
            messages.requeue(session, back, at=now, token=token)
            kept = claims.keep_for_call(session, [call.message.id for call in calls], token)
            calls = [call for call in calls if call.message.id in kept]
            rewordings = [call.planned.rewording for call in calls if call.planned.rewording]
            messages.reword(session, rewordings)
            attempts.add(session, [_opened(call, now) for call in calls])
        return calls

    def _take_probe(self, session: Session, planned: PlannedCall, now: datetime) -> bool:
        return self.traffic.breakers.take_probe(session, planned.gateway, at=now)

    def _call(self, call: _Call, lease_ends: float) -> Finished:
        """One call, on a thread of the pool, when its slot has come. Never raises."""
        account = self.accounts[call.gateway]
        if call.planned.slot is not None:
            self.traffic.pacing.hold(call.planned.slot)
        asked_to_wait_s = self.traffic.pacing.waits_s(call.gateway)
        began = self.clock.monotonic()
        called = False
        if asked_to_wait_s > 0:
            result: Result = Deferred("asked_to_wait", retry_after_s=asked_to_wait_s)
        elif began + account.settings.call_deadline_s > lease_ends:
            result = Deferred("lease_too_short", retry_after_s=0)
        elif (sms := self._sms(call)) is None:
            result = Deferred("seal_broken")
        else:
            called = True
            self.probe("before_call")
            result = hand_over(account, sms)
            heed(self.traffic.pacing, call.gateway, result)
            self.probe("after_call")
        return Finished(
            attempt_id=call.attempt_id,
            message_id=call.message.id,
            event_id=call.message.event_id,
            gateway=call.gateway,
            token=call.token,
            tries=call.message.tries + 1,
            segments=call.message.segments or 1,
            result=result,
            ms=round((self.clock.monotonic() - began) * 1000),
            called=called,
            awaited_since=call.message.awaited_since,
            is_probe=call.planned.is_probe,
            alone=call.planned.alone,
        )

    def _sms(self, call: _Call) -> OutboundSms | None:
        """The SMS to hand over; none if this process lacks its key: another may have it."""
        message = call.message
        try:
            phone = open_phone(self.sealer, message.id, message.phone_cipher)
            text = open_text(self.sealer, message.id, message.text_cipher)
        except SealBroken as problem:
            log.error("seal_broken", message=message.id, why=str(problem))
            return None
        return OutboundSms(
            reference=call.attempt_id,
            to=phone,
            sender=message.sender,
            text=text,
            callback_url=self.accounts.callback_url(call.gateway, call.attempt_id),
            template=call.planned.template,
        )


def _opened(call: _Call, now: datetime) -> dict[str, object]:
    return {
        "id": call.attempt_id,
        "message_id": call.message.id,
        "gateway": call.gateway,
        "claim_token": call.token,
        "started_at": now,
        "resolve_tries": 0,
    }
