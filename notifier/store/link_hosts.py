"""The hosts that offices' words may lead to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from notifier.store.tables import LinkHost
from notifier.store.upserts import insert_new


@dataclass(frozen=True, slots=True)
class HostRow:
    host: str
    office_id: str
    added_at: datetime


def by_office(session: Session) -> dict[str, frozenset[str]]:
    """The hosts of every office that has some of its own."""
    found: dict[str, set[str]] = {}
    for office_id, host in session.execute(select(LinkHost.office_id, LinkHost.host)):
        found.setdefault(office_id, set()).add(host)
    return {office_id: frozenset(hosts) for office_id, hosts in found.items()}


def of_offices(session: Session, offices: Iterable[str]) -> list[HostRow]:
    """The hosts of these offices, by name."""
    rows = session.execute(
        select(LinkHost.host, LinkHost.office_id, LinkHost.added_at)
        .where(LinkHost.office_id.in_(list(offices)))
        .order_by(LinkHost.host, LinkHost.office_id)
    )
    return [HostRow(**row._mapping) for row in rows]


def add(session: Session, office_id: str, host: str, *, at: datetime) -> bool:
    """Add a host; whether it is new to the office."""
    row = {"office_id": office_id, "host": host, "added_at": at, "purge_after": None}
    new = session.connection().execute(
        insert_new(session, LinkHost).returning(LinkHost.host), [row]
    )
    return new.first() is not None


def remove(session: Session, office_id: str, host: str) -> bool:
    """Remove the office's own host; whether it was there."""
    gone = session.scalars(
        delete(LinkHost)
        .where(LinkHost.office_id == office_id, LinkHost.host == host)
        .returning(LinkHost.host)
        .execution_options(synchronize_session=False)
    )
    return gone.first() is not None
