"""What all processes share about gateways."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from notifier.store.tables.base import Base


class GatewayToken(Base):
    """A gateway's access token, the pair sealed as one; renewed by whoever holds the lease."""

    __tablename__ = "gateway_tokens"

    gateway: Mapped[str] = mapped_column(primary_key=True)
    token_cipher: Mapped[bytes | None]  # empty until it is first renewed
    version: Mapped[int]  # counts the renewals
    renewed_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]  # somebody is renewing it


class Registration(Base):
    """A template version as a provider registered it, for a network and an office."""

    __tablename__ = "registrations"

    id: Mapped[str] = mapped_column(primary_key=True)
    version_id: Mapped[str] = mapped_column(ForeignKey("template_versions.id"))
    gateway: Mapped[str]
    network: Mapped[str]
    office: Mapped[str]  # whose constants stand in the words; empty: whichever office says them
    status: Mapped[str]
    provider_id: Mapped[str]  # empty until the provider gave one, or where it gives none
    parameters: Mapped[list[dict[str, str | int | None]]] = mapped_column(JSON)  # in order
    remark: Mapped[str | None]  # what the provider said, a refusal above all
    status_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("version_id", "gateway", "network", "office"),
        Index("ix_registrations_gateway", "gateway", "status"),
    )


class OfficeRoute(Base):
    """An office's own route; an office without one has its parent's."""

    __tablename__ = "office_routes"

    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"), primary_key=True)
    steps: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # in order
    cheapest_first: Mapped[bool]
    on_unknown: Mapped[str | None]  # empty: as each gateway says


class GatewayLimit(Base):
    """What an account may be given each second, as a person said; else its settings say it."""

    __tablename__ = "gateway_limits"

    gateway: Mapped[str] = mapped_column(primary_key=True)
    per_second: Mapped[float]  # 0: no limit
    rate_unit: Mapped[str]


class GatewayBreaker(Base):
    """A gateway that failed lately; `opened_at` is set while it is left alone."""

    __tablename__ = "gateway_breakers"

    gateway: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int]  # in a row
    failing_since: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]
    reason: Mapped[str]
    probed_at: Mapped[datetime | None]
    probe_until: Mapped[datetime | None]  # somebody probes, at most until then
    wait_s: Mapped[int]
    closed_at: Mapped[datetime | None]


class GatewayBalance(Base):
    """What is left on a gateway's account, as its provider last told."""

    __tablename__ = "gateway_balances"

    gateway: Mapped[str] = mapped_column(primary_key=True)
    amount: Mapped[str | None]  # a decimal number
    currency: Mapped[str | None]
    told_at: Mapped[datetime | None]
    ask_at: Mapped[datetime]  # nobody asks before
