"""Offices: whether citizens get their messages, where their words may lead, their way and money."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from flask import Blueprint, Response, request

from notifier.domain.people import Permission
from notifier.services import budgets, going_live, links, office_tree, routes
from notifier.services.actors import Staff
from notifier.services.budgets import BudgetView
from notifier.services.going_live import LiveView
from notifier.services.links import LinksView
from notifier.services.office_tree import OfficeView
from notifier.services.routes import RouteView
from notifier.services.views import BadFields, NotFound
from notifier.services.wiring import Wiring
from notifier.web.admin.doors import Doors

_SEES, _WRITES = Permission.TEMPLATES_READ, Permission.OFFICES_WRITE
_LIVE = {"yes": True, "no": False, "inherit": None}


@dataclass(frozen=True, slots=True)
class OfficesPage:
    offices: tuple[OfficeView, ...]
    live: frozenset[str]


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit of a budget; `name` without its period says what is counted."""

    name: str
    is_money: bool
    limit: int | None
    spent: int
    left: int | None


@dataclass(frozen=True, slots=True)
class OfficePage:
    office: str
    name: str
    href: str
    names: Mapping[str, str]
    live: LiveView
    links: LinksView
    route: RouteView
    limits: tuple[Limit, ...]
    may_write: bool
    given: Mapping[str, str] = field(repr=False)  # what was not taken
    problems: Mapping[str, str] = field(default_factory=dict)


def blueprint(doors: Doors, wiring: Wiring) -> Blueprint:
    """The list, and one office with what its administrator changes."""
    pages = Blueprint("offices", __name__, url_prefix="/offices")

    def one(staff: Staff, office: str, bad: BadFields | None = None) -> Response:
        problems = {item.path: item.code for item in bad.problems} if bad else {}
        shown = _page(staff, office, problems, wiring)
        return doors.page("office.html", 422 if problems else 200, page=shown)

    @pages.get("")
    def list_offices() -> Response:
        offices = office_tree.visible(doors.staff(_SEES), _SEES, wiring=wiring)
        page = OfficesPage(offices, going_live.live_offices(wiring=wiring))
        return doors.page("offices.html", page=page)

    @pages.get("/<office>")
    def show(office: str) -> Response:
        return one(doors.staff(_SEES), office)

    @pages.post("/<office>/live")
    def say_live(office: str) -> Response:
        staff, said = doors.staff(_WRITES), request.form.get("live", "")
        if said in _LIVE:
            going_live.say_live(office, _LIVE[said], by=staff, wiring=wiring)
        return doors.go("offices.show", office=office, done="live")

    @pages.post("/<office>/test-numbers")
    def add_number(office: str) -> Response:
        staff = doors.staff(_WRITES)
        try:
            going_live.add_number(office, request.form.get("phone", ""), by=staff, wiring=wiring)
        except BadFields as bad:
            return one(staff, office, bad)
        return doors.go("offices.show", office=office, done="number")

    @pages.post("/<office>/test-numbers/<number_id>/remove")
    def remove_number(office: str, number_id: str) -> Response:
        staff = doors.staff(_WRITES)
        going_live.remove_number(office, number_id=number_id, by=staff, wiring=wiring)
        return doors.go("offices.show", office=office, done="no_number")

    @pages.post("/<office>/links")
    def allow_link(office: str) -> Response:
        staff = doors.staff(_WRITES)
        try:
            links.allow(staff, office, request.form.get("host", ""), wiring=wiring)
        except BadFields as bad:
            return one(staff, office, bad)
        return doors.go("offices.show", office=office, done="link")

    @pages.post("/<office>/links/take-back")
    def take_link_back(office: str) -> Response:
        staff = doors.staff(_WRITES)
        links.take_back(staff, office, request.form.get("host", ""), wiring=wiring)
        return doors.go("offices.show", office=office, done="no_link")

    return pages


def _page(staff: Staff, office: str, problems: Mapping[str, str], wiring: Wiring) -> OfficePage:
    shown = links.show(staff, office, wiring=wiring)  # first: it says who may look
    names = office_tree.names(wiring=wiring)
    if office not in names:
        raise NotFound("there is no such office")
    return OfficePage(
        office=office,
        name=names[office],
        href=f"/admin/offices/{quote(office, safe='')}",
        names=names,
        live=going_live.show(office, by=staff, wiring=wiring),
        links=shown,
        route=routes.show(office, wiring=wiring),
        limits=_limits(budgets.show(office, wiring=wiring)),
        may_write=office_tree.may(staff, _WRITES, office, wiring=wiring),
        given=request.form.to_dict() if problems else {},
        problems=problems,
    )


def _limits(view: BudgetView) -> tuple[Limit, ...]:
    spent = {
        "daily_segments": view.spent.day_segments,
        "monthly_segments": view.spent.month_segments,
        "daily_dong": view.spent.day_dong,
        "monthly_dong": view.spent.month_dong,
    }
    return tuple(
        Limit(name, name.endswith("dong"), getattr(view.budget, name), used, view.left.get(name))
        for name, used in spent.items()
    )
