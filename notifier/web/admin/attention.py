"""What needs a person, each with its action; several at once after a look at what will happen."""

from dataclasses import dataclass

from flask import Blueprint, Response, request, url_for

from notifier.domain.alerts import ABOUT_HELD, AlertKind
from notifier.domain.people import Permission
from notifier.services import attention, handling, messages, office_tree, pauses, words_waiting
from notifier.services.attention import AlertView, Attention
from notifier.services.handling import Deed, Stand
from notifier.services.office_tree import OfficeView
from notifier.services.views import MessageView
from notifier.services.wiring import Wiring
from notifier.services.words_waiting import WordsWaiting
from notifier.web.admin.doors import Doors
from notifier.web.admin.messages import READ, WRITE


@dataclass(frozen=True, slots=True)
class AlertLine:
    """An alert, and the list of the messages that it tells of."""

    alert: AlertView
    href: str | None


@dataclass(frozen=True, slots=True)
class AttentionPage:
    found: Attention
    alerts: tuple[AlertLine, ...]
    offices: tuple[OfficeView, ...]
    office: str
    reason: str
    may_write: bool
    may_resume: bool
    names: dict[str, str]
    words: WordsWaiting


@dataclass(frozen=True, slots=True)
class BulkPage:
    """What will happen to the chosen messages, or what did."""

    what: str
    will: tuple[MessageView, ...]
    will_not: tuple[MessageView, ...]
    is_done: bool
    seen: tuple[str, ...] = ()  # how each stands that it will be done with


def blueprint(doors: Doors, wiring: Wiring) -> Blueprint:
    """The list, doing several at once, and taking a gateway back into use."""
    routes = Blueprint("attention", __name__, url_prefix="/attention")

    @routes.get("")
    def show() -> Response:
        staff = doors.staff(READ)
        office, reason = request.args.get("office", ""), request.args.get("reason", "")
        found = attention.look(
            staff,
            office=office or None,
            reason=reason or None,
            cursor=request.args.get("cursor") or None,
            wiring=wiring,
        )
        page = AttentionPage(
            found=found,
            alerts=tuple(AlertLine(one, _held_by(one)) for one in found.alerts),
            offices=office_tree.visible(staff, READ, wiring=wiring),
            office=office,
            reason=reason,
            may_write=staff.has(WRITE),
            may_resume=staff.everywhere(Permission.GATEWAYS_WRITE),
            names=dict(office_tree.names(wiring=wiring)),
            words=words_waiting.look(staff, wiring=wiring),
        )
        return doors.page("attention.html", page=page)

    @routes.post("/bulk")
    def bulk() -> Response:
        """First what will happen; with `sure`, it happens to what still stands as it was seen."""
        staff, what = doors.staff(WRITE), request.form.get("what", "")
        ids = request.form.getlist("message")[: handling.MOST]
        if what not in set(Deed) or not ids:
            return doors.go("attention.show", done="none")
        deed, some = Deed(what), messages.show_some(staff, ids, wiring=wiring)
        if request.form.get("sure") == "yes":
            seen = {_read(one) for one in request.form.getlist("seen")}
            done = handling.do(staff, deed, some, seen=seen, wiring=wiring)
            return doors.page("bulk.html", page=BulkPage(deed, done.done, done.left, is_done=True))
        told = handling.look(staff, deed, some, wiring=wiring)
        stand = tuple(map(_written, told.done))
        shown = BulkPage(deed, told.done, told.left, is_done=False, seen=stand)
        return doors.page("bulk.html", page=shown)

    @routes.post("/gateways/<name>/resume")
    def resume(name: str) -> Response:
        pauses.resume(name, by=doors.staff(Permission.GATEWAYS_WRITE), wiring=wiring)
        return doors.go("attention.show", done="resumed")

    return routes


def _held_by(alert: AlertView) -> str | None:
    """Where the messages stand that the alert tells of; nothing where it tells of none."""
    if alert.kind in ABOUT_HELD:
        return url_for("admin.attention.show", office=alert.subject, reason=alert.kind)
    if alert.kind == AlertKind.SOURCE_CAP:
        return url_for("admin.attention.show", reason=alert.kind)
    return None


def _written(message: MessageView) -> str:
    """How the message stands, as the form after the look carries it."""
    return f"{message.id} {message.state} {message.reason or ''}".rstrip()


def _read(written: str) -> Stand:
    message_id, _, rest = written.partition(" ")
    state, _, reason = rest.partition(" ")
    return Stand(message_id, state, reason or None)
