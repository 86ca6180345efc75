"""How many calls each gateway may begin now: by its breaker, its waits and its share of the pool.

While several gateways are in use, one holds at most half the pool, a quarter once it fails: one
that hangs starves no other. Questions about unknown outcomes hold at most a quarter.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from notifier.domain import breaker
from notifier.pacing import Outlook, Pacing
from notifier.services.breakers import Breakers
from notifier.services.catalogue import Catalogue
from notifier.services.gateways import Accounts, Limit, rates
from notifier.services.pool import CallPool
from notifier.store.claims import NO_GATEWAY_FOR

_PROBED = timedelta(seconds=5)  # a good probe makes what waits due at once
_SHARE = 2  # of the pool: one in so many
_SHARE_OF_FAILING = 4
_SHARE_OF_QUESTIONS = 4
_TURN_S = 1.0  # how much further ahead than a message's the slot of a question may lie


@dataclass(frozen=True, slots=True)
class Places:
    """How many calls may begin, by gateway; the one place of a `probes` is its probe.

    `shut`: what takes nothing for now, paused, failing or asked to be let be, and when it is
    looked at again.
    """

    now: datetime
    free: Counter[str]
    probes: frozenset[str]
    shut: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(slots=True)
class Traffic:
    """What one worker knows of the gateways' state."""

    accounts: Accounts
    breakers: Breakers
    pacing: Pacing
    catalogue: Catalogue
    _limits: Mapping[str, Limit] = field(default_factory=dict)
    _outlook: Mapping[str, Outlook] = field(default_factory=dict)

    def look(self) -> None:
        """Learn what all workers know of rates and waits. Never in a transaction: it asks Redis."""
        if not self._limits:
            with self.breakers.sessions.read() as session:
                self._adopt(self.accounts.limits(self.catalogue.current(session)))
        self._outlook = self.pacing.look(self.accounts.route)

    def places(self, session: Session, pool: CallPool, *, now: datetime) -> Places:
        """For messages."""
        self.breakers.read(session)
        self._adopt(self.accounts.limits(self.catalogue.current(session)))
        usable = self.accounts.usable(session, now=now)
        free: Counter[str] = Counter()
        probes = set()
        shut = {name: now + NO_GATEWAY_FOR for name in self.accounts.route if name not in usable}
        for name in usable:
            state = self.breakers.of(name)
            if waits_s := self._waits_s(name):
                shut[name] = now + timedelta(seconds=waits_s)
                continue
            if state.is_open:
                longest = self._longest(name, usable, breaker.LONGEST_WAIT)
                if breaker.may_probe(state, at=now, longest=longest):
                    free[name] = 1
                    probes.add(name)
                else:
                    shut[name] = max(breaker.next_probe(state, longest=longest), now + _PROBED)
                continue
            share = breaker.places(state, at=now, share=self._share(name, pool))
            free[name] = max(0, share - pool.in_flight_at(name))
            if (units := self._units(name)) is not None:
                free[name] = min(free[name], units)
        return Places(now, free, frozenset(probes), shut)

    def questions(
        self, session: Session, pool: CallPool, in_flight: Mapping[str, int], *, now: datetime
    ) -> Places:
        """For asking about unknown outcomes, of which so many are `in_flight`.

        Where the same request again is the question, it is also the probe that costs nothing.
        """
        self.breakers.read(session)
        self._adopt(self.accounts.limits(self.catalogue.current(session)))
        usable = self.accounts.usable(session, now=now)
        share = max(1, pool.size // _SHARE_OF_QUESTIONS)
        free: Counter[str] = Counter()
        probes = set()
        for name, account in self.accounts.by_name.items():
            state = self.breakers.of(name)
            if self._waits_s(name):
                continue
            mine = share
            if account.gateway.capabilities.deduplicates:
                mine = breaker.places(state, at=now, share=share)
                longest = self._longest(name, usable, breaker.LONGEST_FREE_WAIT)
                if breaker.may_probe(state, at=now, longest=longest):
                    free[name] = 1
                    probes.add(name)
                    continue
            room = max(0, mine - in_flight.get(name, 0))
            units = self._units(name) if account.gateway.capabilities.deduplicates else None
            free[name] = room if units is None else min(room, units)
        return Places(now, free, frozenset(probes))

    def await_turn(self, name: str, segments: int | None) -> bool:
        """Wait for the slot of one call that hands over, on its thread; whether it may begin."""
        if self.pacing.is_paced(name):
            slots = self.pacing.reserve(name, [self.units(name, segments)], further_s=_TURN_S)
            if not slots:
                return False
            self.pacing.hold(slots[0])
        return self.pacing.waits_s(name) <= 0

    def units(self, name: str, segments: int | None) -> int:
        """What a message of so many segments takes of the gateway's rate."""
        return self._limits[name].units(segments)

    def _adopt(self, limits: Mapping[str, Limit]) -> None:
        """Keep to these from now on; what has a slot keeps it."""
        if limits != self._limits:
            self._limits = limits
            self.pacing.adopt(rates(limits))

    def _units(self, name: str) -> int | None:
        return self._outlook[name].units if name in self._outlook else None

    def _waits_s(self, name: str) -> float:
        return self._outlook[name].waits_s if name in self._outlook else 0.0

    def _share(self, name: str, pool: CallPool) -> int:
        if len(self.accounts.route) == 1:
            return pool.size
        fails = self.breakers.of(name).failures > 0
        return max(1, pool.size // (_SHARE_OF_FAILING if fails else _SHARE))

    def _longest(self, name: str, usable: frozenset[str], elsewhere: timedelta) -> timedelta:
        others = map(self.breakers.of, usable - {name})
        return breaker.left_alone(others, elsewhere=elsewhere)
