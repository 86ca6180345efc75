"""What citizens say and want."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from notifier.store.tables.base import Base


class Inbound(Base):
    __tablename__ = "inbound"

    id: Mapped[str] = mapped_column(primary_key=True)
    gateway: Mapped[str]
    provider_id: Mapped[str]
    phone_cipher: Mapped[bytes | None]
    phone_hash: Mapped[bytes | None]
    text_cipher: Mapped[bytes | None]
    to: Mapped[str]
    received_at: Mapped[datetime]
    purged_at: Mapped[datetime | None]  # when its personal columns were emptied

    __table_args__ = (UniqueConstraint("gateway", "provider_id"),)


class PhoneOperator(Base):
    """The operator that a provider last told of a phone."""

    __tablename__ = "phone_operators"

    phone_hash: Mapped[bytes] = mapped_column(primary_key=True)
    operator: Mapped[str]
    told_by: Mapped[str]  # the gateway
    told_at: Mapped[datetime]


class OptOut(Base):
    """A phone that wants no messages: all of them, or only requests to rate."""

    __tablename__ = "opt_outs"

    phone_hash: Mapped[bytes] = mapped_column(primary_key=True)
    covers_all: Mapped[bool]
    created_at: Mapped[datetime]
