"""An SMS to a person of staff, handed over at once by the office's way: nobody's message.

Past the queue, the quiet hours and the caps of citizens' messages, but at the pace that the
provider wants; its outcome is told to whoever waits for it, and its receipts find nothing. How many
an hour is bounded by person and by phone. The office spends what it costs: a budget that is used up
keeps words on trial back, and never a code.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from math import ceil
from types import MappingProxyType

import structlog
from sqlalchemy.orm import Session

from gateways.base import (
    Accepted,
    Alphabet,
    Capabilities,
    Deferred,
    Fault,
    OutboundSms,
    OutcomeUnknown,
    Rejected,
    Templates,
)
from notifier.domain.breaker import HEALTHY
from notifier.domain.calendar import local
from notifier.domain.states import Outcome
from notifier.domain.text import TextAnalysis, analyse
from notifier.pacing import Pacing
from notifier.services import budgets
from notifier.services.calling import hand_over, heed
from notifier.services.gateways import Account, rates
from notifier.services.views import ServiceError
from notifier.services.wiring import Wiring
from notifier.store import breakers, own_phones
from notifier.store import budgets as spending
from notifier.store.own_phones import Purpose

log = structlog.get_logger(__name__)

PER_HOUR: Mapping[Purpose, int] = MappingProxyType({Purpose.CODE: 3, Purpose.TRIAL: 10})
_HOUR = timedelta(hours=1)
_TRIED_AT_MOST = 2  # somebody waits for the answer
_FURTHER_S = 2.0  # how much further ahead than a message's its slot may lie

NO_GATEWAY = "no_gateway"  # none in use can take it now
OVER_BUDGET = "budget"  # the office's, or that of one above, has no room for it
NOT_REGISTERED = "not_registered"  # the office's gateways take registered words alone


class TooManyTexts(ServiceError):
    """As many went out in the last hour as may; the next one in so many seconds."""

    def __init__(self, most: int, retry_after_s: int) -> None:
        super().__init__(f"{most} an hour; again in {retry_after_s} seconds")
        self.most = most
        self.retry_after_s = retry_after_s


@dataclass(frozen=True, slots=True)
class StaffSms:
    """What goes to whom; `reference` is what the provider knows it by."""

    reference: str
    office: str
    to: str = field(repr=False)
    text: str = field(repr=False)
    language: str
    purpose: Purpose

    # What `Accounts.way` asks of a message.
    @property
    def id(self) -> str:
        return self.reference

    @property
    def office_id(self) -> str:
        return self.office

    @property
    def encoding(self) -> str:
        return analyse(self.text).encoding


@dataclass(frozen=True, slots=True)
class Told:
    """What became of it: `unknown` may have arrived. `code` is the provider's, or why none had it.

    `refused`: the words were, or the number.
    """

    outcome: Outcome
    gateway: str | None
    code: str | None
    refused: Fault | None = None


def bound(
    session: Session,
    reference: str,
    purpose: Purpose,
    *,
    user_id: str,
    phone_hash: bytes,
    wiring: Wiring,
) -> None:
    """Count one more, before it is handed over. Raises `TooManyTexts`."""
    now, most = wiring.sessions.now(session), PER_HOUR[purpose]
    count, first = own_phones.sent_since(
        session, now - _HOUR, purpose, user_id=user_id, phone_hash=phone_hash
    )
    if count >= most and first is not None:
        raise TooManyTexts(most, max(1, ceil((first + _HOUR - now).total_seconds())))
    own_phones.note(
        session,
        reference,
        user_id=user_id,
        purpose=purpose,
        phone_hash=phone_hash,
        at=now,
        purge_after=now + _HOUR,
    )


def send(sms: StaffSms, *, wiring: Wiring) -> Told:
    """Hand it to the first gateway of the office's way that takes it; no transaction is open.

    What may have left is not sent a second time.
    """
    with wiring.sessions.read() as session:
        known = wiring.catalogue.current(session)
        now = wiring.sessions.now(session)
        usable = wiring.accounts.usable(session, now=now)
        failing = breakers.breakers(session)
        sender = known.office(sms.office).sender
        limits = wiring.accounts.limits(known)
        way = [
            name
            for name in wiring.accounts.way(known, sms)
            if name in usable and failing.get(name, HEALTHY).opened_at is None
        ]
        counted = analyse(sms.text)
        dong = wiring.accounts.most(way, counted.segments)
        has_room = sms.purpose is Purpose.CODE or budgets.has_room(
            session, known, sms.office, segments=counted.segments, dong=dong, at=now
        )
    if not has_room:
        return Told(Outcome.DEFERRED, None, OVER_BUDGET)
    wiring.pacing.adopt(rates(limits))
    outlook = wiring.pacing.look(way)
    told, tried = Told(Outcome.DEFERRED, None, NO_GATEWAY), 0
    for name in way:
        account = wiring.accounts[name]
        if why := _cannot(account.gateway.capabilities, counted):
            told = Told(Outcome.DEFERRED, None, why) if not tried else told
            continue
        units = limits[name].units(counted.segments)
        if outlook[name].waits_s > 0 or not _slot_comes(wiring.pacing, name, units):
            continue
        told, tried = _handed_over(account, sms, sender, wiring), tried + 1
        _count(told, sms, counted.segments, wiring)
        goes_on = told.outcome is Outcome.DEFERRED or told.refused not in {None, Fault.NUMBER}
        if not goes_on or tried == _TRIED_AT_MOST:
            break
    log.info(
        "staff_text_sent", attempt=sms.reference, gateway=told.gateway, outcome=told.outcome,
        code=told.code,
    )  # fmt: skip
    return told


def _cannot(able: Capabilities, counted: TextAnalysis) -> str | None:
    """Why the provider would not take these words, as far as it tells beforehand."""
    if able.templates is Templates.BY_ID:
        return NOT_REGISTERED
    if Alphabet(counted.encoding) not in able.alphabets:
        return "characters"
    if counted.segments > able.max_segments:
        return "too_long"
    return "characters" if able.refused_characters & set(counted.text) else None


def _slot_comes(pacing: Pacing, gateway: str, units: int) -> bool:
    """Wait for a slot of the gateway's; whether there is one, and a call may still begin then."""
    slots = pacing.reserve(gateway, [units], further_s=_FURTHER_S)
    for slot in slots:
        pacing.hold(slot)
    return bool(slots) and not pacing.waits_s(gateway)


def _count(told: Told, sms: StaffSms, segments: int, wiring: Wiring) -> None:
    """Add it to what the office spent; what may have left too, since nobody asks after it."""
    if told.gateway is None or told.outcome not in {Outcome.ACCEPTED, Outcome.UNKNOWN}:
        return
    cost = wiring.accounts.cost(told.gateway, segments)
    with wiring.sessions.begin() as session:
        on = local(wiring.sessions.now(session)).date()
        spending.spend(session, {sms.office: (segments, cost)}, on=on)


def _handed_over(account: Account, sms: StaffSms, sender: str, wiring: Wiring) -> Told:
    url = wiring.accounts.callback_url(account.name, sms.reference)
    result = hand_over(account, OutboundSms(sms.reference, sms.to, sender, sms.text, url))
    heed(wiring.pacing, account.name, result)
    match result:
        case Accepted():
            return Told(Outcome.ACCEPTED, account.name, None)
        case Rejected(code=code, fault=fault):
            return Told(Outcome.REJECTED, account.name, code, fault)
        case Deferred(code=code):
            return Told(Outcome.DEFERRED, account.name, code)
        case OutcomeUnknown(code=code):
            return Told(Outcome.UNKNOWN, account.name, code)
