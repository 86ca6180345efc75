"""What is left on gateways' accounts, as their providers last told."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from gateways.base import Balance
from notifier.store.tables import GatewayBalance
from notifier.store.upserts import insert_new


def claim(session: Session, gateways: Sequence[str], *, at: datetime, until: datetime) -> list[str]:
    """Those of the gateways that are due to be asked; nobody else asks them before `until`."""
    rows = [{"gateway": name, "ask_at": at} for name in gateways]
    session.connection().execute(insert_new(session, GatewayBalance), rows)
    due = session.scalars(
        update(GatewayBalance)
        .where(GatewayBalance.gateway.in_(gateways), GatewayBalance.ask_at <= at)
        .values(ask_at=until)
        .returning(GatewayBalance.gateway)
        .execution_options(synchronize_session=False)
    )
    return list(due)


def keep(session: Session, gateway: str, balance: Balance, *, at: datetime) -> None:
    """Write down what a provider told."""
    session.connection().execute(
        insert_new(session, GatewayBalance), [{"gateway": gateway, "ask_at": at}]
    )
    session.execute(
        update(GatewayBalance)
        .where(GatewayBalance.gateway == gateway)
        .values(amount=str(balance.amount), currency=balance.currency, told_at=at)
        .execution_options(synchronize_session=False)
    )


def told(session: Session) -> dict[str, Balance]:
    """By gateway: the last that its provider told."""
    rows = session.execute(
        select(GatewayBalance.gateway, GatewayBalance.amount, GatewayBalance.currency)
    )
    return {
        row.gateway: Balance(Decimal(row.amount), row.currency)
        for row in rows
        if row.amount is not None
    }
