"""Routes, budgets and limits in one file: compared with what holds, and put in place whole or not.

What the file does not name stays as it is; nothing (`false`) of a name takes away what a person
said of it. The same file once more changes nothing.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any

import structlog
from sqlalchemy.orm import Session

from notifier.domain import routing
from notifier.domain.budgets import Budget
from notifier.domain.routing import Route, RouteError
from notifier.services import budgets, limits, routes
from notifier.services.catalogue import Known
from notifier.services.routes import NewRoute
from notifier.services.views import BadFields, FieldProblem
from notifier.services.wiring import Wiring
from notifier.store import catalogue
from notifier.store.limits import LimitRow
from notifier.store.routes import RouteRow

log = structlog.get_logger(__name__)

_Put = Callable[[Session], object]
_Told = Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class RoutingFile:
    """What a file says: routes and budgets by office, limits by gateway; none: taken away."""

    routes: Mapping[str, NewRoute | None] = field(default_factory=dict)
    budgets: Mapping[str, Budget | None] = field(default_factory=dict)
    limits: Mapping[str, LimitRow | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """What a person said of `path` (`routes.lai-thieu`) before and says now; none: nothing."""

    path: str
    before: _Told
    after: _Told


@dataclass(frozen=True, slots=True)
class Imported:
    """What the file changed, or would change on a dry run, and how much of it held already."""

    dry_run: bool
    changed: tuple[Change, ...]
    unchanged: int


@dataclass(frozen=True, slots=True)
class _Wanted:
    change: Change
    put: _Put


def import_file(file: RoutingFile, *, dry_run: bool, wiring: Wiring) -> Imported:
    """Put it all in place, each change with its trace. Raises `BadFields`, and changes nothing."""
    with wiring.sessions.begin() as session:
        catalogue.changing(session)
        known = wiring.catalogue.fresh(session)
        if problems := list(_problems(file, known, wiring)):
            raise BadFields(*problems)
        wanted = list(_wanted(file, known, wiring))
        changed = [one for one in wanted if one.change.before != one.change.after]
        for one in () if dry_run else changed:
            one.put(session)
    if changed and not dry_run:
        log.info("routing_file_imported", changed=len(changed))
        wiring.queue.ring_send()
    return Imported(
        dry_run, tuple(one.change for one in changed), unchanged=len(wanted) - len(changed)
    )


def _problems(file: RoutingFile, known: Known, wiring: Wiring) -> Iterator[FieldProblem]:
    """All that the database and the gateways in use have against it."""
    for kind, offices in (("routes", file.routes), ("budgets", file.budgets)):
        for office in offices:
            if office not in known.office_ids:
                told = "No such office: `baotin offices list` names them."
                yield FieldProblem(f"{kind}.{office}", "invalid", told)
    in_use = wiring.accounts.route
    for office, route in file.routes.items():
        for number, step in enumerate(route.steps if route else ()):
            try:
                routing.read_steps([step], known=in_use)
            except RouteError as problem:
                path = problem.path.replace("steps.0", f"steps.{number}", 1)
                yield FieldProblem(f"routes.{office}.{path}", "invalid", str(problem))
    for gateway in file.limits:
        if gateway not in in_use:
            told = f"No such gateway is in use; those are {', '.join(in_use)}."
            yield FieldProblem(f"limits.{gateway}", "invalid", told)


def _wanted(file: RoutingFile, known: Known, wiring: Wiring) -> Iterator[_Wanted]:
    for office, new in file.routes.items():
        row = _row(new, wiring) if new else None
        own = known.routes.get(office)
        yield _Wanted(
            Change(f"routes.{office}", _of_route(own), _of_route(row)),
            partial(routes.put, office_id=office, row=row, by=None, wiring=wiring),
        )
    for office, budget in file.budgets.items():
        before, after = known.budgets.get(office), budget
        yield _Wanted(
            Change(f"budgets.{office}", _of_budget(before), _of_budget(after)),
            partial(
                budgets.put, office_id=office, budget=after or Budget(), by=None, wiring=wiring
            ),
        )
    for gateway, limit in file.limits.items():
        said = known.limits.get(gateway)
        yield _Wanted(
            Change(f"limits.{gateway}", _of_limit(said), _of_limit(limit)),
            partial(limits.put, gateway=gateway, limit=limit, by=None, wiring=wiring),
        )


def _row(new: NewRoute, wiring: Wiring) -> RouteRow:
    steps = routing.read_steps(new.steps, known=wiring.accounts.route)
    return RouteRow(Route(steps, new.cheapest_first), new.on_unknown)


def _of_route(row: RouteRow | None) -> _Told:
    if row is None:
        return None
    return {
        "steps": [step.as_json() for step in row.route.steps],
        "cheapest_first": row.route.cheapest_first,
        "on_unknown": row.on_unknown,
    }


def _of_budget(budget: Budget | None) -> _Told:
    said = {name: limit for name, limit in asdict(budget or Budget()).items() if limit is not None}
    return said or None


def _of_limit(limit: LimitRow | None) -> _Told:
    return asdict(limit) if limit else None
