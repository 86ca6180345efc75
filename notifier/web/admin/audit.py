"""The audit log, for administrators."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, Response, request

from notifier.domain.people import Permission
from notifier.services import audit, office_tree
from notifier.services.audit import Entry, EntryFilter
from notifier.services.wiring import Wiring
from notifier.web.admin.doors import Doors
from notifier.web.admin.telling import Change, Teller, Thing
from notifier.web.admin.words import namer, speaker
from notifier.web.admin.words.people import ACTIONS

_PAGE = 50
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Line:
    entry: Entry
    thing: Thing
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class AuditPage:
    action: str
    object: str
    actions: tuple[str, ...]
    lines: tuple[Line, ...]
    names: Mapping[str, str]
    next_cursor: str | None


def blueprint(doors: Doors, wiring: Wiring) -> Blueprint:
    """One page; nothing writes to the log but the changes themselves."""
    routes = Blueprint("audit", __name__, url_prefix="/audit")

    @routes.get("")
    def show() -> Response:
        staff = doors.staff(Permission.AUDIT_READ)
        asked = {name: request.args.get(name, "")[:_LONGEST].strip() for name in _ASKED}
        wanted = EntryFilter(
            action=asked["action"] or None,
            object=asked["object"] or None,
            cursor=asked["cursor"] or None,
            limit=_PAGE,
        )
        found = audit.list_entries(staff, wanted, wiring=wiring)
        names = office_tree.names(wiring=wiring)
        language = doors.language()
        teller = Teller(speaker(language), namer(language), names)
        page = AuditPage(
            action=asked["action"],
            object=asked["object"],
            actions=ACTIONS,
            lines=tuple(
                Line(entry, teller.thing(entry), teller.changes(entry)) for entry in found.entries
            ),
            names=names,
            next_cursor=found.next_cursor,
        )
        return doors.page("audit.html", page=page)

    return routes


_ASKED = ("action", "object", "cursor")
