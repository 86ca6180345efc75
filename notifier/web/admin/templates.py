"""The words of an office: every situation at a glance."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, Response, request, url_for

from notifier.domain.events import EventType, Language
from notifier.domain.people import Permission
from notifier.services import office_tree, templates
from notifier.services.office_tree import OfficeView
from notifier.services.template_views import SituationView
from notifier.services.views import NotFound
from notifier.services.wiring import Wiring
from notifier.web.admin.doors import Doors

_READ = Permission.TEMPLATES_READ
PENDING = "pending"
FILTERS = ("own", "inherited", "silent", "missing", PENDING)
# Where one looks for a situation, in the order in which a case meets them.
_GROUPS: tuple[tuple[str, tuple[EventType, ...]], ...] = (
    ("filing", (EventType.SUBMITTED, EventType.RECEIVED, EventType.REFUSED)),
    ("owed", (EventType.SUPPLEMENT_REQUIRED, EventType.FEE_DUE, EventType.PAYMENT_CONFIRMED)),
    (
        "work",
        (
            EventType.IN_PROGRESS,
            EventType.PAUSED,
            EventType.RESUMED,
            EventType.EXTENDED,
            EventType.OVERDUE,
            EventType.WITHDRAWN,
            EventType.STOPPED,
        ),
    ),
    ("result", (EventType.RESULT_READY, EventType.RESULT_POSTED, EventType.RETURNED)),
)


@dataclass(frozen=True, slots=True)
class Cell:
    """A situation: how it stands, whose words it has, and what is in the making."""

    event_type: str
    channel: str
    href: str
    standing: str
    said_by: str | None  # whose the words or the silence are, where not its own
    pending: str | None
    used: int


@dataclass(frozen=True, slots=True)
class Line:
    """An event type with its cells, one for each channel, or none where filtered out."""

    event_type: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Event types that one looks for together, each with the first of its cells that sends."""

    name: str
    links: tuple[tuple[str, str], ...]  # event type, address


@dataclass(frozen=True, slots=True)
class Choice:
    """A filter: how many cells it leaves."""

    name: str
    count: int


@dataclass(frozen=True, slots=True)
class ChoicePage:
    """The offices, where nobody said yet whose words they want to see."""

    offices: tuple[OfficeView, ...]


@dataclass(frozen=True, slots=True)
class SituationsPage:
    office: OfficeView
    offices: tuple[OfficeView, ...]
    shown: str
    choices: tuple[Choice, ...]
    groups: tuple[Group, ...]  # none where filtered
    lines: tuple[Line, ...]


def blueprint(doors: Doors, wiring: Wiring) -> Blueprint:
    """The list; what one does with one template is in `editor`."""
    routes = Blueprint("templates", __name__, url_prefix="/templates")

    @routes.get("")
    def situations() -> Response:
        staff = doors.staff(_READ)
        offices = office_tree.visible(staff, _READ, wiring=wiring)
        office = chosen(offices, request.args.get("office"), doors.last_office())
        if office is None:
            return doors.page("choose.html", page=ChoicePage(offices))
        listed = templates.list_situations(staff, office.id, wiring=wiring).situations
        names = office_tree.names(wiring=wiring)
        cells = [_cell(one, names) for one in listed]
        shown = request.args.get("show", "")
        shown = shown if shown in FILTERS else ""
        page = SituationsPage(
            office=office,
            offices=offices,
            shown=shown,
            choices=(
                Choice("", len(cells)),
                *(Choice(name, sum(_is(cell, name) for cell in cells)) for name in FILTERS),
            ),
            groups=() if shown else _groups(cells),
            lines=_lines([cell for cell in cells if not shown or _is(cell, shown)]),
        )
        return doors.remember_office(doors.page("situations.html", page=page), office.id)

    return routes


def chosen(
    offices: tuple[OfficeView, ...], wanted: str | None, last: str | None
) -> OfficeView | None:
    """The office asked for, else the only one, else the last one; none: it has to be chosen.

    Raises `NotFound` for another than these.
    """
    by_id = {office.id: office for office in offices}
    if wanted:
        if wanted not in by_id:
            raise NotFound("there is no such office")
        return by_id[wanted]
    return offices[0] if len(offices) == 1 else by_id.get(last or "")


def _cell(one: SituationView, names: Mapping[str, str]) -> Cell:
    words = next((of.words for of in one.languages if of.language == Language.VI), None)
    by = one.sends_said_by if one.standing == "silent" else words.said_by if words else None
    pending = next((of.pending.status for of in one.languages if of.pending), None)
    return Cell(
        event_type=one.event_type,
        channel=one.channel,
        href=url_for(
            "admin.editor.show",
            office=one.office,
            event_type=one.event_type,
            channel=one.channel,
            language=Language.VI,
        ),
        standing=one.standing,
        said_by=None if by in {None, one.office} else names.get(by, by) if by else None,
        pending=pending,
        used=one.used,
    )


def _is(cell: Cell, name: str) -> bool:
    return cell.pending is not None if name == PENDING else cell.standing == name


def _groups(cells: list[Cell]) -> tuple[Group, ...]:
    """The shortest way to a situation's words."""
    at: dict[str, str] = {}
    for cell in sorted(cells, key=lambda one: one.standing == "silent"):
        at.setdefault(cell.event_type, cell.href)
    return tuple(
        Group(name, tuple((one.value, at[one]) for one in of if one in at)) for name, of in _GROUPS
    )


def _lines(cells: list[Cell]) -> tuple[Line, ...]:
    by_type: dict[str, list[Cell]] = {}
    for cell in cells:
        by_type.setdefault(cell.event_type, []).append(cell)
    return tuple(Line(event_type, tuple(of)) for event_type, of in by_type.items())
