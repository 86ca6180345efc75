"""Access tokens of gateways: read, leased for renewal, replaced whole."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from notifier.store.tables import GatewayToken
from notifier.store.upserts import insert_new


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A sealed token and how often it was renewed; neither before the first time."""

    token_cipher: bytes | None = field(repr=False)
    version: int


def read(session: Session, gateway: str) -> TokenRow | None:
    row = session.execute(
        select(GatewayToken.token_cipher, GatewayToken.version).where(
            GatewayToken.gateway == gateway
        )
    ).first()
    return TokenRow(**row._mapping) if row else None


def lease(session: Session, gateway: str, *, now: datetime, lease: timedelta) -> TokenRow | None:
    """Become the one who renews; the token as it stands, or none if somebody else renews now."""
    session.connection().execute(
        insert_new(session, GatewayToken),
        [{"gateway": gateway, "version": 0}],
    )
    row = session.execute(
        update(GatewayToken)
        .where(
            GatewayToken.gateway == gateway,
            or_(
                GatewayToken.lease_until.is_(None),
                GatewayToken.lease_until <= now,
                GatewayToken.lease_until > now + lease,  # the clock went back
            ),
        )
        .values(lease_until=now + lease)
        .returning(GatewayToken.token_cipher, GatewayToken.version)
        .execution_options(synchronize_session=False)
    ).first()
    return TokenRow(**row._mapping) if row else None


def replace(
    session: Session, gateway: str, token_cipher: bytes, *, after_version: int, at: datetime
) -> bool:
    """Put the renewed token in the place of the one it was renewed from; whether it still stood.

    The version decides, not the lease: one who was late may hold the only pair that works.
    """
    replaced = session.scalars(
        update(GatewayToken)
        .where(GatewayToken.gateway == gateway, GatewayToken.version == after_version)
        .values(
            token_cipher=token_cipher,
            version=after_version + 1,
            renewed_at=at,
            lease_until=None,
        )
        .returning(GatewayToken.gateway)
        .execution_options(synchronize_session=False)
    )
    return replaced.first() is not None


def release(session: Session, gateway: str, *, version: int) -> None:
    """Let another one renew: it did not work out."""
    session.execute(
        update(GatewayToken)
        .where(GatewayToken.gateway == gateway, GatewayToken.version == version)
        .values(lease_until=None)
        .execution_options(synchronize_session=False)
    )
