"""Sending: claim groups of due messages, open their attempts, call, record; until none is left.

One thread talks to the database; the pool's threads talk to gateways. Every step ends in a
commit, and the process may die between any two: the sweep finds a lease that ran out.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy.orm import Session

from gateways.base import (
    Accepted,
    Deferred,
    OutboundSms,
    OutcomeUnknown,
    RegisteredTemplate,
    Rejected,
)
from notifier.domain import routing, states
from notifier.domain.breaker import Heard
from notifier.domain.clock import Clock
from notifier.domain.ids import IdSource
from notifier.domain.restraint import Restraint
from notifier.domain.routing import NO_HISTORY, History, NoRoute
from notifier.domain.states import Reason
from notifier.domain.text import analyse
from notifier.domain.timing import LEASE
from notifier.queue import Queue
from notifier.services import caps
from notifier.services.breakers import heard
from notifier.services.calling import hand_over, open_phone, open_text, seal_text
from notifier.services.catalogue import Catalogue
from notifier.services.fitting import Fits, Fitter, Reworded, Wording
from notifier.services.gateways import Accounts
from notifier.services.polling import Polled, Poller
from notifier.services.pool import CallPool
from notifier.services.recording import Finished, Recorder, Result
from notifier.services.resolving import Resolved, Resolver
from notifier.services.traffic import Places, Traffic
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

    message: Claimed
    attempt_id: str
    gateway: str
    token: str
    is_probe: bool
    template: RegisteredTemplate | None = None


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
    catalogue: Catalogue
    fitter: Fitter
    restraint: Restraint
    traffic: Traffic
    probe: Probe = no_probe
    _turn: Turn = field(default_factory=Turn)
    _heard: list[tuple[str, Heard]] = field(default_factory=list)  # not yet counted
    _finished: list[Finished] = field(default_factory=list)  # not yet written down
    _resolved: list[Resolved] = field(default_factory=list)
    _polled: list[Polled] = field(default_factory=list)

    def run(self, *, slice_s: float, stopping: Callable[[], bool]) -> None:
        """Send until nothing is due and in flight, the slice is over, or we are to stop.

        Calls that began are always waited for and recorded: at most a call's deadline. Raises
        `StoreUnavailable`; what ended meanwhile is kept, and recorded by the next run.
        """
        ends = self.clock.monotonic() + slice_s
        self._record()
        # Before the first claim: what is committed from here on rings again.
        self.queue.silence()
        look_at = self.clock.monotonic()
        while True:
            winding_up = stopping() or self.clock.monotonic() >= ends
            if not winding_up and self.clock.monotonic() >= look_at:
                room = self.pool.free
                started = self.resolver.start_due(self.pool) + self._send_due(self.pool.free)
                started += self.poller.start_due(self.pool)
                if started < room:
                    look_at = self.clock.monotonic() + _IDLE_CLAIM_S
            if not self.pool.in_flight:
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
        if self._heard:
            self.traffic.breakers.hear(self._heard)
            self._heard = []

    def _hear(self, gateway: str, result: Result, ms: int, is_probe: bool) -> None:
        """Note what the end of a call tells of its gateway."""
        match result:
            case Deferred(retry_after_s=float() | int() as wait, only_this=False):
                self.traffic.asked_to_wait(gateway, wait)
        self._heard.append((gateway, heard(result, ms=ms, is_probe=is_probe)))

    def _hear_resolved(self, one: Resolved) -> None:
        match one.answer:
            case Deferred(retry_after_s=float() | int() as wait) if not one.sent:
                self.traffic.asked_to_wait(one.attempt.gateway, wait)
            case Accepted() | Rejected() | Deferred() | OutcomeUnknown() if one.sent:
                self._hear(one.attempt.gateway, one.answer, one.ms, one.is_probe)
            case _:
                pass  # a look-up that is answered tells nothing of sending

    def _send_due(self, room: int) -> int:
        """Claim, open and start up to `room` messages; how many were started."""
        with self.sessions.read() as session:
            now = self.sessions.now(session)
            if room <= 0 or not claims.any_due(session, now):
                return 0
            places = self.traffic.places(session, self.pool, now=now)
        room = min(room, places.free.total())
        if not room:
            return 0
        # Taken before the claim, so that our lease ends before the one in the database.
        lease_ends = self.clock.monotonic() + LEASE.total_seconds()
        token = self.ids.new("clm")
        self.probe("before_claim")
        claimed = self._claim(token, room)
        if not claimed:
            return 0
        self.probe("after_claim")
        opened = self._open(claimed, token, places)
        self.probe("after_open")
        for call in opened:
            self.pool.submit(call.gateway, partial(self._call, call, lease_ends))
        return len(opened)

    def _claim(self, token: str, room: int) -> list[Claimed]:
        with self.sessions.begin() as session:
            now = self.sessions.now(session)
            closed = self.catalogue.closed(session, now)
            claims.put_off(session, closed, now=now)
            claimed = claims.claim(
                session,
                now=now,
                token=token,
                lease=LEASE,
                limit=room,
                but_of=closed,
                turn=self._turn,
            )
            if self.restraint.only_live:
                known = self.catalogue.current(session)
                claimed = caps.going_out(session, claimed, known, now=now)
            if self.restraint.phone_cap is None:
                return claimed
            return caps.within_phone_cap(
                session, claimed, cap=self.restraint.phone_cap, token=token, now=now
            )

    def _open(self, claimed: Sequence[Claimed], token: str, places: Places) -> list[_Call]:
        """Name each message's gateway and open its attempt, where the claim still holds."""
        calls: list[_Call] = []
        rewordings: list[Mapping[str, object]] = []
        with self.sessions.begin() as session:
            now = self.sessions.now(session)
            tried = [message.id for message in claimed if message.tries]
            histories = attempts.histories(session, tried) if tried else {}
            fits = self.fitter.look(session, claimed)
            for message in claimed:
                history = histories.get(message.id, NO_HISTORY)
                gateway, fit = self._choose(session, message, places, history, fits, now)
                match gateway:
                    case NoRoute.REFUSED:
                        messages.move(
                            session,
                            [message.id],
                            states.HOLD,
                            at=now,
                            reason=fit if isinstance(fit, Reason) else Reason.CONTENT_REFUSED,
                            where=[messages.under(token)],
                        )
                    case NoRoute.BUSY:
                        later = now + timedelta(seconds=1)
                        messages.requeue(session, {message.id: later}, at=now, token=token)
                    case name:
                        said, template = message, None
                        if isinstance(fit, Wording):
                            template = fit.template
                            if fit.reworded is not None:
                                said = self._reword(message, fit.reworded, rewordings)
                        is_probe = name in places.probes
                        calls.append(
                            _Call(said, self.ids.attempt(), name, token, is_probe, template)
                        )
            kept = claims.keep_for_call(session, [call.message.id for call in calls], token)
            calls = [call for call in calls if call.message.id in kept]
            messages.reword(session, [one for one in rewordings if one["message_id"] in kept])
            attempts.add(session, [_opened(call, now) for call in calls])
        return calls

    def _choose(
        self,
        session: Session,
        message: Claimed,
        places: Places,
        history: History,
        fits: Fits,
        now: datetime,
    ) -> tuple[str | NoRoute, Wording | Reason | None]:
        """Take a place at a gateway, and say how the words go to it; or none, with why.

        Why is what keeps the words from the first gateway that cannot take them.
        """
        why: Reason | None = None
        tried = history
        while True:
            free = [name for name, left in places.free.items() if left > 0]
            gateway = routing.choose(self.accounts.route, free=free, history=tried)
            if isinstance(gateway, NoRoute):
                return gateway, None if history.refused_by else why
            wording = fits.wording(message, gateway)
            if isinstance(wording, Reason):
                log.info("does_not_fit", message=message.id, gateway=gateway, reason=wording)
                why = why or wording
                tried = replace(tried, refused_by=tried.refused_by | {gateway})
                continue
            places.free[gateway] -= 1
            breakers = self.traffic.breakers
            if gateway not in places.probes or breakers.take_probe(session, gateway, at=now):
                return gateway, wording

    def _reword(
        self, message: Claimed, said: Reworded, rewordings: list[Mapping[str, object]]
    ) -> Claimed:
        """The message in the words that go out; noted so that everybody reads the same."""
        cipher, counted = seal_text(self.sealer, message.id, said.text), analyse(said.text)
        rewordings.append(
            {
                "message_id": message.id,
                "version": said.version_id,
                "cipher": cipher,
                "counted_as": counted.encoding,
                "parts": counted.segments,
            }
        )
        return replace(message, text_cipher=cipher, template_version_id=said.version_id)

    def _call(self, call: _Call, lease_ends: float) -> Finished:
        """One call, on a thread of the pool. Never raises."""
        account = self.accounts[call.gateway]
        began = self.clock.monotonic()
        called = False
        if began + account.settings.call_deadline_s > lease_ends:
            result: Result = Deferred("lease_too_short", retry_after_s=0)
        elif (sms := self._sms(call)) is None:
            result = Deferred("seal_broken")
        else:
            called = True
            self.probe("before_call")
            result = hand_over(account, sms)
            self.probe("after_call")
        return Finished(
            attempt_id=call.attempt_id,
            message_id=call.message.id,
            event_id=call.message.event_id,
            gateway=call.gateway,
            token=call.token,
            tries=call.message.tries + 1,
            result=result,
            ms=round((self.clock.monotonic() - began) * 1000),
            called=called,
            is_probe=call.is_probe,
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
            template=call.template,
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
