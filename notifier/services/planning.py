"""Which gateway takes each claimed message, in which words, and when its call may begin.

Nothing is written here: what is planned is opened by the sender in one transaction, and slots are
asked for between two transactions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog

from gateways.base import RegisteredTemplate
from notifier.domain import routing
from notifier.domain.events import ALERT
from notifier.domain.routing import NO_HISTORY, History, NoRoute
from notifier.domain.states import Reason
from notifier.domain.text import analyse
from notifier.pacing import Slot
from notifier.services import operators
from notifier.services.calling import seal_text
from notifier.services.catalogue import Catalogue
from notifier.services.fitting import Fits, Fitter, Reworded, Wording
from notifier.services.gateways import Accounts
from notifier.services.traffic import Places, Traffic
from notifier.store import attempts
from notifier.store.claims import NO_GATEWAY_FOR, Claimed
from notifier.store.engine import Sessions
from notifier.store.sealing import Sealer

log = structlog.get_logger(__name__)

Kind = tuple[str, str, str | None]  # office, language, encoding: what decides a message's way


@dataclass(frozen=True, slots=True)
class PlannedCall:
    """A claimed message and how it goes out."""

    message: Claimed
    gateway: str
    is_probe: bool
    template: RegisteredTemplate | None
    rewording: Mapping[str, object] | None  # the row of `messages.reword`, where words change
    alone: bool  # no other gateway is on its way
    slot: Slot | None = None  # none where the gateway has no rate


@dataclass(slots=True)
class Plan:
    """What becomes of a claim."""

    calls: list[PlannedCall] = field(default_factory=list)
    held: dict[str, Reason] = field(default_factory=dict)  # by message: a person is needed
    busy: list[Claimed] = field(default_factory=list)  # those that can are full for a moment
    stuck: dict[str, datetime] = field(default_factory=dict)  # all are shut: when one may open
    kinds: dict[Kind, datetime] = field(default_factory=dict)  # and so for every message like it
    early: list[Claimed] = field(default_factory=list)  # no slot is left for it: due as before


@dataclass(frozen=True, slots=True)
class Planner:
    """Plans claims."""

    sessions: Sessions
    sealer: Sealer
    accounts: Accounts
    fitter: Fitter
    traffic: Traffic
    catalogue: Catalogue

    def plan(self, claimed: Sequence[Claimed], places: Places) -> Plan:
        """What becomes of these messages, in their order; takes the places that they need."""
        tried = [message.id for message in claimed if message.tries]
        with self.sessions.read() as session:
            histories = attempts.histories(session, tried) if tried else {}
            fits = self.fitter.look(session, claimed)
            known = self.catalogue.current(session)
            operator_of = operators.known_of(session, known, claimed)
        plan = Plan()
        for message in claimed:
            history = histories.get(message.id, NO_HISTORY)
            way = self.accounts.way(known, message, operator_of.get(message.phone_hash))
            gateway, fit = self._choose(message, places, way, history, fits)
            match gateway:
                case NoRoute.REFUSED:
                    why = fit if isinstance(fit, Reason) else Reason.CONTENT_REFUSED
                    plan.held[message.id] = why
                case NoRoute.BUSY:
                    by_phone = known.asks_operators(message.office_id)
                    self._put_back(plan, message, routing.left(way, history), places, by_phone)
                case name:
                    wording = fit if isinstance(fit, Wording) else Wording()
                    plan.calls.append(self._call(message, name, wording, places, len(way) == 1))
        self._reserve(plan)
        return plan

    def _put_back(
        self, plan: Plan, message: Claimed, left: Sequence[str], places: Places, by_phone: bool
    ) -> None:
        """It waits a moment for a place, or until one of its gateways may open again.

        So does every message like it, but where ways differ `by_phone`.
        """
        if any(name not in places.shut for name in left):
            plan.busy.append(message)
            return
        until = min((places.shut[name] for name in left), default=places.now + NO_GATEWAY_FOR)
        plan.stuck[message.id] = until = min(until, places.now + NO_GATEWAY_FOR)
        if not message.tries and not by_phone:
            plan.kinds[message.office_id, message.language, message.encoding] = until

    def _choose(
        self,
        message: Claimed,
        places: Places,
        way: Sequence[str],
        history: History,
        fits: Fits,
    ) -> tuple[str | NoRoute, Wording | Reason | None]:
        """The gateway, and how the words go to it; or none, with why the first could not."""
        free = [name for name, left in places.free.items() if left > 0]
        if message.event_type == ALERT:  # no probe of a gateway that it may tell of
            free = [name for name in free if name not in places.probes] or free
        why: Reason | None = None
        tried = history
        while True:
            gateway = routing.choose(way, free=free, history=tried)
            if isinstance(gateway, NoRoute):
                return gateway, None if history.refused_by else why
            wording = fits.wording(message, gateway)
            if isinstance(wording, Wording):
                return gateway, wording
            log.info("does_not_fit", message=message.id, gateway=gateway, reason=wording)
            why = why or wording
            tried = replace(tried, refused_by=tried.refused_by | {gateway})

    def _call(
        self, message: Claimed, gateway: str, wording: Wording, places: Places, alone: bool
    ) -> PlannedCall:
        places.free[gateway] -= 1
        said, rewording = message, None
        if wording.reworded is not None:
            said, rewording = self._reworded(message, wording.reworded)
        is_probe = gateway in places.probes
        return PlannedCall(said, gateway, is_probe, wording.template, rewording, alone)

    def _reworded(self, message: Claimed, said: Reworded) -> tuple[Claimed, Mapping[str, object]]:
        """The message in the words that go out; noted so that everybody reads the same."""
        cipher, counted = seal_text(self.sealer, message.id, said.text), analyse(said.text)
        rewording = {
            "message_id": message.id,
            "version": said.version_id,
            "cipher": cipher,
            "counted_as": counted.encoding,
            "parts": counted.segments,
        }
        now_said = replace(
            message,
            text_cipher=cipher,
            template_version_id=said.version_id,
            segments=counted.segments,
        )
        return now_said, rewording

    def _reserve(self, plan: Plan) -> None:
        """Ask for the slots of gateways that have a rate."""
        paced: dict[str, list[PlannedCall]] = {}
        for call in plan.calls:
            if self.traffic.pacing.is_paced(call.gateway):
                paced.setdefault(call.gateway, []).append(call)
        if not paced:
            return
        slots: dict[str, Slot | None] = {}
        for gateway, calls in paced.items():
            units = [self.traffic.units(gateway, call.message.segments) for call in calls]
            granted = self.traffic.pacing.reserve(gateway, units)
            for n, call in enumerate(calls):
                slots[call.message.id] = granted[n] if n < len(granted) else None
        calls, plan.calls = plan.calls, []
        for call in calls:
            if call.message.id not in slots:
                plan.calls.append(call)
            elif (slot := slots[call.message.id]) is not None:
                plan.calls.append(replace(call, slot=slot))
            else:
                plan.early.append(call.message)
