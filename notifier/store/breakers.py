"""Breakers: what all workers know of the gateways that failed lately."""

from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from notifier.domain.breaker import HEALTHY, Breaker
from notifier.store.tables import GatewayBreaker
from notifier.store.upserts import insert_new


def breakers(session: Session) -> dict[str, Breaker]:
    """By gateway; one that never failed is not there."""
    return {row.gateway: _read(row) for row in session.scalars(select(GatewayBreaker))}


def lock(session: Session, gateways: Collection[str]) -> dict[str, Breaker]:
    """The breakers of these gateways, locked until the transaction's end."""
    names = sorted(gateways)
    session.connection().execute(
        insert_new(session, GatewayBreaker),
        [{"gateway": name, **_columns(HEALTHY)} for name in names],
    )
    rows = session.scalars(
        select(GatewayBreaker)
        .where(GatewayBreaker.gateway.in_(names))
        .order_by(GatewayBreaker.gateway)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {row.gateway: _read(row) for row in rows}


def put(session: Session, changed: Mapping[str, Breaker]) -> None:
    """Keep what these breakers are now."""
    for name, breaker in sorted(changed.items()):
        session.execute(
            update(GatewayBreaker)
            .where(GatewayBreaker.gateway == name)
            .values(**_columns(breaker))
            .execution_options(synchronize_session=False)
        )


def take_probe(session: Session, gateway: str, *, seen: Breaker, taken: Breaker) -> bool:
    """Hold the one probe of an open breaker, unless someone was first; whether we do."""
    held = session.scalars(
        update(GatewayBreaker)
        .where(
            GatewayBreaker.gateway == gateway,
            GatewayBreaker.opened_at == seen.opened_at,
            GatewayBreaker.probed_at == seen.probed_at,
        )
        .values(probed_at=taken.probed_at, probe_until=taken.probe_until)
        .returning(GatewayBreaker.gateway)
        .execution_options(synchronize_session=False)
    )
    return held.first() is not None


def _columns(breaker: Breaker) -> dict[str, object]:
    columns = asdict(breaker)
    wait: timedelta = columns.pop("wait")
    return {**columns, "wait_s": round(wait.total_seconds())}


def _read(row: GatewayBreaker) -> Breaker:
    return Breaker(
        failures=row.failures,
        failing_since=row.failing_since,
        opened_at=row.opened_at,
        reason=row.reason,
        probed_at=row.probed_at,
        probe_until=row.probe_until,
        wait=timedelta(seconds=row.wait_s),
        closed_at=row.closed_at,
    )
