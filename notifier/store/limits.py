"""What gateway accounts may be given each second, where a person said it."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from notifier.store.tables import GatewayLimit


@dataclass(frozen=True, slots=True)
class LimitRow:
    """So many units each second; 0: as many as there are."""

    per_second: float
    rate_unit: str


def read(session: Session) -> Mapping[str, LimitRow]:
    """By gateway."""
    return {
        row.gateway: LimitRow(row.per_second, row.rate_unit)
        for row in session.scalars(select(GatewayLimit))
    }


def put(session: Session, gateway: str, limit: LimitRow) -> None:
    """Keep the account to this."""
    row = session.get(GatewayLimit, gateway) or GatewayLimit(gateway=gateway)
    row.per_second, row.rate_unit = limit.per_second, limit.rate_unit
    session.add(row)
    session.flush()


def clear(session: Session, gateway: str) -> None:
    """Let its settings say it again."""
    session.execute(
        delete(GatewayLimit)
        .where(GatewayLimit.gateway == gateway)
        .execution_options(synchronize_session=False)
    )
