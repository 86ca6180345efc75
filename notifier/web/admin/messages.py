"""Finding messages, and one message with everything that is known of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask import Blueprint, Response, request
from werkzeug.datastructures import MultiDict

from notifier.domain import phones
from notifier.domain.calendar import start_of
from notifier.domain.people import PERMISSIONS, Permission, Role
from notifier.domain.states import RELEASES, TELLABLE, Reason, State
from notifier.services import cases, mending, messages, office_tree
from notifier.services.actors import Staff
from notifier.services.cases import CaseRef
from notifier.services.mending import Wanted
from notifier.services.messages import RESENDABLE
from notifier.services.office_tree import OfficeView
from notifier.services.views import MessageFilter, MessageView, NotFound
from notifier.services.views import MessagePage as FoundPage
from notifier.services.wiring import Wiring
from notifier.web.admin.days import read_day
from notifier.web.admin.doors import Doors

READ, WRITE = Permission.MESSAGES_READ, Permission.MESSAGES_WRITE
_PAGE = 50
_LONGEST = 64
_ID = "msg_"
# What lacks a value is corrected; the rest of what can be let go is released.
_RELEASABLE = frozenset(RELEASES) - {Reason.MISSING_VALUE}
# What stands over the words: they will be sent, or they were, or it came to nothing.
_TO_GO = frozenset({State.QUEUED, State.HELD, State.SENDING})
_GONE = frozenset({State.SENT, State.DELIVERED, State.UNDELIVERED, State.UNKNOWN})
_MENDERS = tuple(role for role in Role if WRITE in PERMISSIONS[role])


@dataclass(frozen=True, slots=True)
class Asked:
    """What was typed into the search."""

    case: str = ""
    phone: str = field(default="", repr=False)
    id: str = ""
    state: str = ""
    since: str = ""
    until: str = ""
    office: str = ""

    def __bool__(self) -> bool:
        return any((self.case, self.phone, self.state, self.since, self.until, self.office))


@dataclass(frozen=True, slots=True)
class SearchPage:
    asked: Asked
    problems: dict[str, str]
    offices: tuple[OfficeView, ...]
    states: tuple[str, ...]
    messages: tuple[MessageView, ...]
    cases: tuple[CaseRef, ...]  # that have the code, where no message does
    names: Mapping[str, str]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Moment:
    """A line of a message's history."""

    at: datetime
    kind: str  # made, attempt, receipt, stands
    gateway: str = ""
    what: str = ""
    code: str | None = None


@dataclass(frozen=True, slots=True)
class MessagePage:
    message: MessageView
    office_name: str
    history: tuple[Moment, ...]
    wanted: Wanted
    words: str  # sent, waits, not_sent
    waits_for: tuple[Role, ...]  # who may do what it needs, where whoever looks may not
    phone: str | None = field(repr=False)  # revealed, for this once
    may_reveal: bool
    may_resend: bool
    may_cancel: bool
    may_tell: bool
    may_correct: bool
    may_release: bool
    problems: dict[str, str]
    given: dict[str, str] = field(repr=False)
    unfit: frozenset[str] = frozenset()  # the placeholders whose given values cannot be sent


def blueprint(doors: Doors, wiring: Wiring) -> Blueprint:
    """The search and the message; what one does to it is in `mending`."""
    routes = Blueprint("messages", __name__, url_prefix="/messages")

    def found(staff: Staff, asked: Asked, cursor: str | None) -> Response:
        wanted, problems = _read(asked, cursor)
        page = (
            messages.list_messages(staff, wanted, wiring=wiring)
            if not problems
            else FoundPage((), None)
        )
        nothing = asked.case and not problems and not page.messages and cursor is None
        shown = SearchPage(
            asked=asked,
            problems=problems,
            offices=office_tree.visible(staff, READ, wiring=wiring),
            states=tuple(State),
            messages=page.messages,
            cases=(
                cases.find(staff, asked.case, office=asked.office or None, wiring=wiring)
                if nothing
                else ()
            ),
            names=office_tree.names(wiring=wiring) if nothing else {},
            next_cursor=page.next_cursor,
        )
        return doors.page("messages.html", 422 if problems else 200, page=shown)

    @routes.get("")
    def search() -> Response:
        return found(doors.staff(READ), _asked(request.args), request.args.get("cursor"))

    @routes.post("")
    def look_up() -> Response:
        """A phone stays out of addresses; whatever else is asked becomes one."""
        staff, asked = doors.staff(READ), _asked(request.form)
        if asked.id:
            try:
                messages.show(staff, asked.id, wiring=wiring)
            except NotFound:
                return found(staff, asked, None)
            return doors.go("messages.show", message_id=asked.id)
        if asked.phone:
            return found(staff, asked, request.form.get("cursor"))
        given = {
            name: getattr(asked, name) for name in ("case", "state", "since", "until", "office")
        }
        return doors.go("messages.search", **given)

    @routes.get("/<message_id>")
    def show(message_id: str) -> Response:
        return doors.page(
            "message.html", page=message_page(doors.staff(READ), message_id, wiring=wiring)
        )

    @routes.post("/<message_id>/reveal")
    def reveal(message_id: str) -> Response:
        staff = doors.staff(Permission.PHONES_REVEAL)
        phone = messages.reveal(staff, message_id, wiring=wiring)
        shown = message_page(staff, message_id, phone=phone, wiring=wiring)
        return doors.page("message.html", page=shown)

    return routes


def message_page(
    staff: Staff,
    message_id: str,
    *,
    phone: str | None = None,
    problems: dict[str, str] | None = None,
    given: dict[str, str] | None = None,
    wiring: Wiring,
) -> MessagePage:
    """The message as one sees it who looks. Raises `NotFound`."""
    message = messages.show(staff, message_id, wiring=wiring)
    writes = office_tree.may(staff, WRITE, message.office, wiring=wiring)
    reveals = office_tree.may(staff, Permission.PHONES_REVEAL, message.office, wiring=wiring)
    state = State(message.state)
    held = state == State.HELD
    waits = state in TELLABLE and message.told_at is None and message.resent_at is None
    return MessagePage(
        message=message,
        office_name=office_tree.names(wiring=wiring).get(message.office, message.office),
        history=history_of(message),
        wanted=mending.wanted(staff, message_id, wiring=wiring),
        words="waits" if state in _TO_GO else "sent" if state in _GONE else "not_sent",
        waits_for=_MENDERS if waits and not writes else (),
        phone=phone,
        may_reveal=reveals and phone is None and message.to != "***",
        may_resend=(
            writes
            and state in RESENDABLE
            and message.text is not None
            and message.resent_at is None
        ),
        may_cancel=writes and state in {State.HELD, State.QUEUED},
        may_tell=writes and state in TELLABLE and message.told_at is None,
        may_correct=writes and held and message.reason in {Reason.PHONE, Reason.MISSING_VALUE},
        may_release=writes and held and message.reason in _RELEASABLE,
        problems=problems or {},
        given=given or {},
    )


def _asked(form: MultiDict[str, str]) -> Asked:
    names = ("case", "phone", "id", "state", "since", "until", "office")
    return Asked(**{name: str(form.get(name, "")).strip()[:_LONGEST] for name in names})


def _read(asked: Asked, cursor: str | None) -> tuple[MessageFilter, dict[str, str]]:
    """What is looked for, or by field what is wrong with it."""
    problems: dict[str, str] = {}
    phone = phones.parse(asked.phone).e164 if asked.phone else None
    if asked.phone and phone is None:
        problems["phone"] = "search.bad_phone"
    days: dict[str, datetime | None] = {"since": None, "until": None}
    for name, typed in (("since", asked.since), ("until", asked.until)):
        day = read_day(typed)
        if typed and day is None:
            problems[name] = "search.bad_date"
        days[name] = start_of(day) if day else None
    if asked.id:
        problems["id"] = "search.bad_id"
    until = days["until"]
    wanted = MessageFilter(
        case=asked.case or None,
        state=asked.state if asked.state in set(State) else None,
        since=days["since"],
        until=until + timedelta(days=1) if until else None,
        limit=_PAGE,
        cursor=cursor if cursor and cursor.startswith(_ID) and len(cursor) <= _LONGEST else None,
        phone=phone,
        office=asked.office or None,
    )
    return wanted, problems


def history_of(message: MessageView) -> tuple[Moment, ...]:
    """Everything that happened to it, in order."""
    moments = [Moment(message.created_at, "made")]
    moments += [
        Moment(one.started_at, "attempt", one.gateway, one.outcome or "open", one.code)
        for one in message.attempts
    ]
    moments += [
        Moment(one.received_at, "receipt", one.gateway, one.report, one.code)
        for one in message.receipts
    ]
    moments.append(Moment(message.state_at, "stands", what=message.state))
    return tuple(sorted(moments, key=lambda one: (one.at, one.kind == "stands")))
