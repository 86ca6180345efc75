"""What needs a person, each with its action; several at once after a look at what will happen."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, Response, request, url_for

from notifier.domain.alerts import ABOUT_HELD, AlertKind
from notifier.domain.people import Permission
from notifier.domain.states import CANCEL, RELEASES, TELLABLE, State
from notifier.services import attention, mending, messages, office_tree, pauses, words_waiting
from notifier.services.actors import Staff
from notifier.services.attention import AlertView, Attention
from notifier.services.messages import RESENDABLE
from notifier.services.office_tree import OfficeView
from notifier.services.views import (
    MessageView,
    NotFound,
    NotInThisState,
    ResentAlready,
    ScopeMissing,
    StillHeld,
)
from notifier.services.wiring import Wiring
from notifier.services.words_waiting import WordsWaiting
from notifier.web.admin.doors import Doors
from notifier.web.admin.messages import READ, WRITE

_MOST = 100
_POSSIBLE: dict[str, frozenset[State]] = {
    "release": frozenset({State.HELD}),
    "resend": RESENDABLE,
    "told": TELLABLE,
    "cancel": CANCEL.allowed_from,
}


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
        ids = list(dict.fromkeys(request.form.getlist("message")))[:_MOST]
        if what not in _POSSIBLE or not ids:
            return doors.go("attention.show", done="none")
        chosen = _chosen(staff, ids, wiring)
        if request.form.get("sure") == "yes":
            seen = set(request.form.getlist("seen"))
            return doors.page("bulk.html", page=_do(staff, what, chosen, seen, wiring))
        can = [one for one in chosen if _can(one, what)]
        if what == "release":
            can = [one for one in can if not messages.would_stay(staff, one.id, wiring=wiring)]
        cannot = tuple(one for one in chosen if one not in can)
        stand = tuple(map(_as_seen, can))
        shown = BulkPage(what, tuple(can), cannot, is_done=False, seen=stand)
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


def _chosen(staff: Staff, ids: list[str], wiring: Wiring) -> list[MessageView]:
    found = []
    for message_id in ids:
        try:
            found.append(messages.show(staff, message_id, wiring=wiring))
        except NotFound:
            continue
    return found


def _as_seen(message: MessageView) -> str:
    """How the message stands, as the form after the look carries it."""
    return f"{message.id} {message.state} {message.reason or ''}".rstrip()


def _can(message: MessageView, what: str) -> bool:
    if what == "release" and message.reason not in RELEASES:
        return False
    done_at = {"told": message.told_at, "resend": message.resent_at}
    return State(message.state) in _POSSIBLE[what] and done_at.get(what) is None


def _do(
    staff: Staff, what: str, chosen: list[MessageView], seen: set[str], wiring: Wiring
) -> BulkPage:
    """Each in a transaction of its own: what moved on since the look is left alone, and named."""
    verbs: dict[str, Callable[..., MessageView]] = {
        "release": messages.release,
        "resend": messages.resend,
        "told": mending.mark_told,
        "cancel": messages.cancel,
    }
    done, left = [], []
    for message in chosen:
        if _as_seen(message) not in seen or not _can(message, what):
            left.append(message)
            continue
        try:
            done.append(verbs[what](staff, message.id, wiring=wiring))
        except (NotFound, NotInThisState, ResentAlready, ScopeMissing, StillHeld):
            left.append(message)
    return BulkPage(what, tuple(done), tuple(left), is_done=True)
