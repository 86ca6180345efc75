"""What all processes share about gateways."""

from datetime import datetime

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
