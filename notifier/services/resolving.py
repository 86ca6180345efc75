"""Unknown attempts: the same request again where the gateway deduplicates, a look-up where it
can be asked, else what `on_unknown` says. Never another gateway by itself.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy.orm import Session

from config.gateways import OnUnknown
from gateways.base import (
    Absent,
    Accepted,
    AttemptRef,
    Deferred,
    Found,
    OutboundSms,
    OutcomeUnknown,
    RegisteredTemplate,
    Rejected,
)
from notifier.domain import calendar, routing
from notifier.domain.clock import Clock
from notifier.domain.ids import IdSource
from notifier.domain.retention import Keeping
from notifier.domain.timing import LEASE, backoff
from notifier.services import operators
from notifier.services import receipts as receipt_service
from notifier.services.calling import hand_over, open_phone, open_text
from notifier.services.catalogue import Catalogue, Known
from notifier.services.fitting import Fits, Fitter, Wording
from notifier.services.gateways import Account, Accounts
from notifier.services.jumps import JumpWatch
from notifier.services.pool import CallPool, Ended
from notifier.services.recording import Finished, Recorder
from notifier.services.traffic import Places, Traffic
from notifier.store import attempts, messages
from notifier.store.attempts import Askable, Doubtful
from notifier.store.engine import Sessions
from notifier.store.sealing import SealBroken, Sealer

log = structlog.get_logger(__name__)

_ASKED_FOR = timedelta(hours=24)
_NO_PLACE = timedelta(seconds=10)
_GOES_ELSEWHERE_AFTER = timedelta(minutes=15)  # of asking in vain, where `on_unknown` says so


@dataclass(frozen=True, slots=True)
class Resolved(Ended):
    """What asking about an unknown attempt told."""

    attempt: Doubtful
    answer: Found | Absent | Accepted | Rejected | Deferred | OutcomeUnknown
    ms: int
    sent: bool = False  # the same request again; else it was only a look-up
    is_probe: bool = False  # of a gateway whose breaker is open


@dataclass(slots=True)
class Resolver:
    """Asks about unknown attempts, in the sender's pool."""

    sessions: Sessions
    sealer: Sealer
    clock: Clock
    ids: IdSource
    accounts: Accounts
    recorder: Recorder
    jumps: JumpWatch
    catalogue: Catalogue
    fitter: Fitter
    keeping: Keeping
    spread: Callable[[], float]
    traffic: Traffic
    _in_flight: Counter[str] = field(default_factory=Counter)

    def start_due(self, pool: CallPool) -> int:
        """Start asking about as many as the gateways have places for; how many that were."""
        if not pool.free:
            return 0
        with self.sessions.read() as session:
            self.jumps.look(partial(self.sessions.now, session))
            now = self.sessions.now(session)
            open_places = self.traffic.questions(session, pool, self._in_flight, now=now)
            askable = self._askable(
                open_places.free, self.catalogue.current(session), now, pool.free
            )
            if not attempts.any_askable(session, now=now, askable=askable):
                return 0
        with self.sessions.begin() as session:
            now = self.sessions.now(session)
            claimed = attempts.claim_doubtful(session, now=now, until=now + LEASE, askable=askable)
            known = self.catalogue.current(session)
            given_up = [one for one in claimed if self._nobody_can_tell(one, known, now)]
            doubtful = self._allowed(session, [one for one in claimed if one not in given_up], now)
            doubtful = [one for one in doubtful if self._may_begin(session, one, open_places, now)]
            taken = {
                one.id: attempts.provider_ids_of_phone(session, one.phone_hash, one.gateway)
                for one in doubtful
                if self._asks(one)
            }
            again = [one for one in doubtful if not self._asks(one)]
            fits = self.fitter.look(session, again)
            templates = {one.id: self._template(one, fits) for one in again}
        for one in given_up:
            self._give_up(one)
        for one in doubtful:
            is_probe = one.gateway in open_places.probes
            ask = partial(
                self._ask,
                one,
                self.accounts[one.gateway],
                taken.get(one.id, frozenset()),
                templates.get(one.id),
                is_probe,
            )
            self._in_flight[one.gateway] += 1
            pool.submit(one.gateway, ask)
        return len(doubtful)

    def _askable(self, free: Mapping[str, int], known: Known, now: datetime, limit: int) -> Askable:
        able = [name for name, account in self.accounts.by_name.items() if account.resolves]
        return Askable(
            rooms={name: min(limit, free[name]) for name in able},
            able=able,
            too_old=now - _ASKED_FOR,
            limit=limit,
            impatient_since=now - _GOES_ELSEWHERE_AFTER,
            impatient=self.accounts.impatient(known),
        )

    def _may_begin(self, session: Session, one: Doubtful, places: Places, now: datetime) -> bool:
        """Whether its gateway has a place, and nobody else probes it; else it is asked later."""
        if places.free[one.gateway] <= 0:
            attempts.ask_again(session, one.id, now + _NO_PLACE)
            return False
        if one.gateway not in places.probes:
            return True
        if self.traffic.breakers.take_probe(session, one.gateway, at=now):
            return True
        attempts.ask_again(session, one.id, now + timedelta(seconds=1))
        return False

    def _allowed(
        self, session: Session, doubtful: Sequence[Doubtful], now: datetime
    ) -> list[Doubtful]:
        """Those that may be asked about now: the same request again may be what sends it, so in
        quiet hours it waits as the message itself would.
        """
        closed = self.catalogue.closed(session, now)
        allowed = []
        for one in doubtful:
            if one.office_id in closed and not self._asks(one):
                attempts.ask_again(session, one.id, closed[one.office_id])
            else:
                allowed.append(one)
        return allowed

    def _asks(self, one: Doubtful) -> bool:
        account = self.accounts.get(one.gateway)
        return account is not None and not account.gateway.capabilities.deduplicates

    def _nobody_can_tell(self, one: Doubtful, known: Known, now: datetime) -> bool:
        """Whether there is nobody to ask, or it was asked in vain for long enough."""
        account = self.accounts.get(one.gateway)
        if account is None or not account.resolves or now > one.started_at + _ASKED_FOR:
            return True
        if self.accounts.on_unknown(known, one.office_id, one.gateway) is OnUnknown.WAIT:
            return False
        since = now - _GOES_ELSEWHERE_AFTER
        hours = known.sending_hours(one.office_id)
        asked_since_then = hours is None or calendar.next_opening(since, hours) <= since
        return one.started_at < since and asked_since_then

    def _template(self, one: Doubtful, fits: Fits) -> RegisteredTemplate | None:
        """The template that the attempt went out with, where its provider wants one."""
        if self.accounts.get(one.gateway) is None:
            return None
        wording = fits.wording(one, one.gateway)
        return wording.template if isinstance(wording, Wording) else None

    def _ask(
        self,
        one: Doubtful,
        account: Account,
        taken: frozenset[str],
        template: RegisteredTemplate | None,
        is_probe: bool,
    ) -> Resolved:
        """One question, on a thread of the pool. Never raises."""
        began = self.clock.monotonic()
        answer: Found | Absent | Accepted | Rejected | Deferred | OutcomeUnknown
        try:
            phone = open_phone(self.sealer, one.message_id, one.phone_cipher)
            text = open_text(self.sealer, one.message_id, one.text_cipher)
        except SealBroken as problem:
            log.error("seal_broken", message=one.message_id, why=str(problem))
            return Resolved(one, Deferred("seal_broken"), 0)
        hands_over = account.gateway.capabilities.deduplicates
        if hands_over and not self.traffic.await_turn(one.gateway, one.segments):
            return Resolved(one, Deferred("no_slot"), 0)
        if hands_over:
            began = self.clock.monotonic()
            url = self.accounts.callback_url(one.gateway, one.id)
            sms = OutboundSms(one.id, phone, one.sender, text, url, template)
            answer = hand_over(account, sms)
        else:
            ref = AttemptRef(one.id, phone, one.sender, text, one.started_at, None, taken)
            try:
                answer = account.gateway.look_up(ref)
            except Deferred as cannot_tell:
                answer = cannot_tell
            except Exception as problem:  # noqa: BLE001 - the edge of a pool task
                log.error("look_up_broke", gateway=one.gateway, error=type(problem).__name__)
                answer = Deferred("look_up_broke")
        return Resolved(
            one,
            answer,
            round((self.clock.monotonic() - began) * 1000),
            sent=hands_over,
            is_probe=is_probe,
        )

    def record(self, resolved: Sequence[Resolved]) -> None:
        """Close what is known by now; ask again about the rest."""
        finished: list[Finished] = []
        for one in resolved:
            match one.answer:
                case Found(provider_id=provider_id):
                    finished.append(_finished(one, Accepted(provider_id)))
                case Accepted() | Rejected():
                    finished.append(_finished(one, one.answer))
                case Absent():
                    self._absent(one, finished)
                case Deferred() | OutcomeUnknown():
                    self._ask_again(one, one.answer)
        if finished:
            self.recorder.record(finished)
        reports = [
            one.answer.receipt
            for one in resolved
            if isinstance(one.answer, Found) and one.answer.receipt is not None
        ]
        if reports:
            receipt_service.record(
                [reports],
                sessions=self.sessions,
                ids=self.ids,
                keeping=self.keeping,
                accounts=self.accounts,
            )
        self._in_flight.subtract(one.attempt.gateway for one in resolved)

    def _absent(self, one: Resolved, finished: list[Finished]) -> None:
        with self.sessions.begin() as session:
            now = self.sessions.now(session)
            if now < one.attempt.absent_counts_at:
                attempts.ask_again(session, one.attempt.id, one.attempt.absent_counts_at)
                return
            if not self.jumps.trusts:
                # The time that "absent" has to settle may not have passed at all.
                attempts.ask_again(session, one.attempt.id, now + LEASE)
                return
        # Surely not sent, so it goes again at once.
        finished.append(_finished(one, Deferred("absent", retry_after_s=0)))

    def _ask_again(self, one: Resolved, answer: Deferred | OutcomeUnknown) -> None:
        with self.sessions.begin() as session:
            now = self.sessions.now(session)
            wait = backoff(one.attempt.resolve_tries, self.spread())
            if isinstance(answer, Deferred) and answer.retry_after_s is not None:
                wait = max(wait, timedelta(seconds=answer.retry_after_s))
            attempts.ask_again(session, one.attempt.id, now + wait)
        log.info("still_unknown", attempt=one.attempt.id, code=answer.code, ms=one.ms)

    def _give_up(self, one: Doubtful) -> None:
        """Nobody can tell: wait for a receipt and then for a person, or send elsewhere."""
        with self.sessions.begin() as session:
            now = self.sessions.now(session)
            known = self.catalogue.current(session)
            elsewhere = self._may_go_elsewhere(session, one, known)
            if elsewhere and now < one.absent_counts_at:
                attempts.ask_again(session, one.id, one.absent_counts_at)
                return
            attempts.ask_again(session, one.id, None)
            if elsewhere:
                messages.send_elsewhere(session, one.message_id, at=now)
        log.warning("unknown_for_good", attempt=one.id, elsewhere=elsewhere)

    def _may_go_elsewhere(self, session: Session, one: Doubtful, known: Known) -> bool:
        """Whether somebody wants it so, and its way has a gateway left."""
        if self.accounts.get(one.gateway) is None:
            return False
        if self.accounts.on_unknown(known, one.office_id, one.gateway) is OnUnknown.WAIT:
            return False
        history = attempts.histories(session, [one.message_id])[one.message_id]
        operator = operators.known_of(session, known, [one]).get(one.phone_hash)
        return bool(routing.left(self.accounts.way(known, one, operator), history))


def _finished(one: Resolved, result: Accepted | Rejected | Deferred) -> Finished:
    return Finished(
        attempt_id=one.attempt.id,
        message_id=one.attempt.message_id,
        event_id=one.attempt.event_id,
        gateway=one.attempt.gateway,
        token=None,
        tries=one.attempt.resolve_tries,
        segments=one.attempt.segments or 1,
        result=result,
        ms=one.ms,
        called=one.sent,  # a look-up hands nothing over
    )
