"""Offices' own routes."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from notifier.domain.routing import Route, Step
from notifier.store.tables import OfficeRoute


@dataclass(frozen=True, slots=True)
class RouteRow:
    """An office's route, and what it wants done where nobody can tell; empty: as gateways say."""

    route: Route
    on_unknown: str | None


def read(session: Session) -> Mapping[str, RouteRow]:
    """By office: the routes of those that have one of their own."""
    return {
        row.office_id: RouteRow(
            Route(tuple(_step(one) for one in row.steps), row.cheapest_first), row.on_unknown
        )
        for row in session.scalars(select(OfficeRoute))
    }


def put(session: Session, office_id: str, row: RouteRow) -> None:
    """Give the office this route."""
    kept = session.get(OfficeRoute, office_id) or OfficeRoute(office_id=office_id)
    kept.steps = [step.as_json() for step in row.route.steps]
    kept.cheapest_first = row.route.cheapest_first
    kept.on_unknown = row.on_unknown
    session.add(kept)
    session.flush()


def clear(session: Session, office_id: str) -> bool:
    """Let the office have its parent's; whether it had one of its own."""
    gone = session.scalars(
        delete(OfficeRoute)
        .where(OfficeRoute.office_id == office_id)
        .returning(OfficeRoute.office_id)
        .execution_options(synchronize_session=False)
    )
    return gone.first() is not None


def _step(told: Mapping[str, object]) -> Step:
    shares, languages, encodings = told["gateways"], told["languages"], told["encodings"]
    operators = told.get("operators")  # steps of an older release have none
    if not (isinstance(shares, dict) and isinstance(languages, list)):
        raise TypeError("not a step")
    return Step(
        MappingProxyType(shares),
        frozenset(languages),
        frozenset(encodings if isinstance(encodings, list) else ()),
        frozenset(operators if isinstance(operators, list) else ()),
    )
