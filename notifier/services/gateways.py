"""The gateways in use: their adapters, their settings, and which of them may be used now."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol
from urllib.parse import urlencode

from sqlalchemy.orm import Session

from config.gateways import GatewaySettings, OnUnknown, RateUnit
from gateways.base import Gateway
from notifier.domain import routing
from notifier.domain.timing import ONE_LOOK
from notifier.services.catalogue import Known
from notifier.store import pauses
from notifier.store.attempts import Impatient
from notifier.store.limits import LimitRow


class SaidBy(StrEnum):
    """Who says what an account may be given."""

    PERSON = "person"
    SETTINGS = "settings"  # the gateways file, or variables
    ADAPTER = "adapter"  # it knows its provider, or that nothing is known of a limit


@dataclass(frozen=True, slots=True)
class Limit:
    """Units each second; none: as many as the pool holds."""

    per_second: float | None
    rate_unit: RateUnit
    said_by: SaidBy

    def units(self, segments: int | None) -> int:
        """What a message of so many segments takes of it."""
        return segments or 1 if self.rate_unit is RateUnit.SEGMENTS else 1


def rates(limits: Mapping[str, Limit]) -> dict[str, float]:
    """Units a second by gateway, of those that have a limit."""
    told = {name: one.per_second for name, one in limits.items()}
    return {name: rate for name, rate in told.items() if rate is not None}


@dataclass(frozen=True, slots=True)
class Account:
    """A gateway in use."""

    settings: GatewaySettings
    gateway: Gateway

    @property
    def name(self) -> str:
        return self.settings.name

    @property
    def resolves(self) -> bool:
        """Whether an unknown outcome can be found out from the provider."""
        able = self.gateway.capabilities
        return able.deduplicates or able.can_look_up

    def limit(self, said: LimitRow | None) -> Limit:
        """What it may be given each second: as a person `said`, or its settings, or its adapter."""
        if said is not None:
            return Limit(said.per_second or None, RateUnit(said.rate_unit), SaidBy.PERSON)
        own, unit = self.settings.per_second, self.settings.rate_unit
        if own is not None:
            return Limit(own or None, unit, SaidBy.SETTINGS)
        return Limit(self.gateway.capabilities.messages_per_second, unit, SaidBy.ADAPTER)

    @property
    def settle(self) -> timedelta:
        """How long after an attempt a look-up's "absent" is believed."""
        return timedelta(seconds=self.settings.settle_s)

    @property
    def look(self) -> timedelta:
        """What finding an unknown out takes from then on, while its case waits."""
        return ONE_LOOK if self.resolves else timedelta(0)


class Routed(Protocol):
    """What of a message decides its way."""

    @property
    def id(self) -> str: ...
    @property
    def office_id(self) -> str: ...
    @property
    def language(self) -> str: ...
    @property
    def encoding(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Accounts:
    """All gateways in use, in the order in which they are tried."""

    by_name: Mapping[str, Account]
    route: Sequence[str]
    public_url: str
    webhook_secret: str = field(repr=False)
    old_webhook_secret: str = field(default="", repr=False)
    segment_cost: int = field(kw_only=True)  # in đồng, at a gateway whose price nobody said

    def __getitem__(self, name: str) -> Account:
        return self.by_name[name]

    def get(self, name: str) -> Account | None:
        return self.by_name.get(name)

    @property
    def polled(self) -> list[str]:
        """The gateways that must be asked what became of their messages."""
        return [name for name, one in self.by_name.items() if one.gateway.capabilities.polls]

    def limits(self, known: Known) -> dict[str, Limit]:
        """By gateway in use: what its account may be given."""
        return {name: one.limit(known.limits.get(name)) for name, one in self.by_name.items()}

    @property
    def prices(self) -> dict[str, float]:
        """By gateway, where somebody said it: what a segment costs, in đồng."""
        told = {name: one.settings.segment_price for name, one in self.by_name.items()}
        return {name: price for name, price in told.items() if price is not None}

    def cost(self, gateway: str, segments: int) -> int:
        """What so many segments cost there, in đồng."""
        return round(self.prices.get(gateway, self.segment_cost) * segments)

    def most(self, gateways: Collection[str], segments: int) -> int:
        """What so many segments cost at the dearest of these gateways, in đồng."""
        return max((self.cost(name, segments) for name in gateways), default=0)

    def way(self, known: Known, message: Routed, operator: str | None = None) -> list[str]:
        """The gateways that the message's office sends it through, the wanted one first.

        `operator`: its phone's, where a provider told it.
        """
        own = known.route(message.office_id)
        if own is None:
            return list(self.route)
        traits = routing.Traits(message.id, message.language, message.encoding, operator)
        return routing.way(own[0].route, traits, in_use=self.route, prices=self.prices)

    def stuck(self, known: Known, free: Collection[str]) -> list[str]:
        """The offices with a route none of whose gateways is among the `free`."""
        return [
            office
            for row, offices in known.routed
            if known.reach(row.route, self.route).isdisjoint(free)
            for office in offices
        ]

    def offices_at(self, known: Known, gateway: str) -> frozenset[str]:
        """The offices some of whose messages may go through the gateway."""
        elsewhere = {
            office
            for row, offices in known.routed
            if gateway not in known.reach(row.route, self.route)
            for office in offices
        }
        return known.office_ids - elsewhere

    def on_unknown(self, known: Known, office_id: str, gateway: str) -> OnUnknown:
        """What happens to a message of that office whose outcome at that gateway nobody knows."""
        own = known.route(office_id)
        said = own[0].on_unknown if own else None
        return OnUnknown(said) if said else self.by_name[gateway].settings.on_unknown

    def impatient(self, known: Known) -> Impatient:
        """Whose unknown messages go elsewhere when asking is in vain."""
        said = {
            office: row.on_unknown
            for row, offices in known.routed
            for office in offices
            if row.on_unknown
        }
        return Impatient(
            gateways=[
                name
                for name, one in self.by_name.items()
                if one.settings.on_unknown is OnUnknown.OTHER_GATEWAY
            ],
            offices=[one for one, wants in said.items() if wants == OnUnknown.OTHER_GATEWAY],
            but_of=[one for one, wants in said.items() if wants == OnUnknown.WAIT],
        )

    def secret_of(self, name: str) -> str:
        """The secret part of the addresses that this gateway calls."""
        return self.by_name[name].settings.webhook_secret or self.webhook_secret

    def secrets_of(self, name: str) -> list[str]:
        """Every secret that its addresses may hold: the one before too, while it is set."""
        old = self.by_name[name].settings.old_webhook_secret or self.old_webhook_secret
        return [secret for secret in (self.secret_of(name), old) if secret]

    def callback_url(self, name: str, attempt_id: str) -> str:
        """Where the gateway reports on this attempt; the id in it finds the attempt for sure."""
        query = urlencode({"attempt": attempt_id})
        return f"{self.public_url}/v1/gateways/{name}/receipts/{self.secret_of(name)}?{query}"

    def usable(self, session: Session, *, now: datetime) -> frozenset[str]:
        """The gateways that are not paused."""
        return frozenset(self.route) - pauses.paused(session, now=now)
