"""A case: what its sources told, and what became of each message, in one timeline."""

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, request

from notifier.services import cases, office_tree
from notifier.services.cases import CaseView, EventView
from notifier.services.views import MessageView
from notifier.services.wiring import Wiring
from notifier.web.admin.doors import Doors
from notifier.web.admin.messages import READ, Moment, history_of


@dataclass(frozen=True, slots=True)
class Entry:
    """An event, or a message, or a moment in a message's life."""

    at: datetime
    event: EventView | None = None
    message: MessageView | None = None
    moment: Moment | None = None


@dataclass(frozen=True, slots=True)
class CasePage:
    case: CaseView
    office_name: str
    entries: tuple[Entry, ...]


def blueprint(doors: Doors, wiring: Wiring) -> Blueprint:
    """One page; the code stands in the query, since it may hold anything."""
    routes = Blueprint("cases", __name__, url_prefix="/cases")

    @routes.get("")
    def show() -> Response:
        staff = doors.staff(READ)
        office, code = request.args.get("office", ""), request.args.get("code", "")
        case = cases.show(staff, office, code, wiring=wiring)
        name = office_tree.names(wiring=wiring).get(office, office)
        return doors.page("case.html", page=CasePage(case, name, _entries(case)))

    return routes


def _entries(case: CaseView) -> tuple[Entry, ...]:
    entries = [Entry(one.received_at, event=one) for one in case.events]
    for message in case.messages:
        entries.append(Entry(message.created_at, message=message))
        entries += [
            Entry(moment.at, message=message, moment=moment)
            for moment in history_of(message)
            if moment.kind in {"attempt", "receipt"}
        ]
    return tuple(sorted(entries, key=lambda one: (one.at, one.event is None)))
