"""One template: what is sent, new words for it with a live preview, and its versions."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from flask import Blueprint, Response, request, url_for

from notifier.domain.events import Channel, EventType, Language
from notifier.domain.people import Permission
from notifier.domain.templates import OF_PETITIONS
from notifier.domain.versions import PENDING, Piece, Status, TemplateKey, diff
from notifier.services import drafting, office_tree, templates, trying
from notifier.services.actors import Staff
from notifier.services.questions import ConfirmationNeeded
from notifier.services.template_views import StaleDraft, TemplateView, VersionView
from notifier.services.views import BadFields, NotFound
from notifier.services.wiring import Wiring
from notifier.web.admin import trials
from notifier.web.admin.asking import Asked, confirmed
from notifier.web.admin.doors import Doors
from notifier.web.admin.previews import PreviewPage, look
from notifier.web.admin.trials import Said, Trial

_DIGITS = 8  # of a version number
_WAITS = (Status.SUBMITTED, Status.APPROVED, Status.DRAFT)
ONE = "/<office>/<event_type>/<channel>/<language>"
READ, WRITE, APPROVE = (
    Permission.TEMPLATES_READ,
    Permission.TEMPLATES_WRITE,
    Permission.TEMPLATES_APPROVE,
)


@dataclass(frozen=True, slots=True)
class Written:
    """What is in the editor, and what is wrong with it."""

    text: str
    after: int  # the newest version that the writer has seen
    reason: str = ""
    problems: tuple[tuple[str, str, str], ...] = ()  # field, code, message
    meant: str = ""  # what was to be done with it: `submit`, `draft`, or `resume` after a login

    def problem(self, field: str) -> tuple[str, str, str] | None:
        return next((one for one in self.problems if one[0] == field), None)


@dataclass(frozen=True, slots=True)
class Pending:
    """A version that is not sent yet, beside the words that are, and what one may do with it."""

    version: VersionView
    pieces: tuple[Piece, ...]
    is_own: bool  # whoever looks took part in writing it


@dataclass(frozen=True, slots=True)
class EditorPage:
    key: TemplateKey
    href: str
    channels: tuple[tuple[str, str], ...]  # channel, address
    languages: tuple[tuple[str, str], ...]  # language, address
    office_name: str
    said_by: str | None  # whose words: an office's name, `shipped`; empty: nobody wrote any
    above: str | None  # whose words would be sent without the office's own, likewise
    switched_by: str
    template: TemplateView
    unfillable: frozenset[str]  # placeholders that no case has a value for
    may_write: bool
    may_approve: bool
    written: Written
    preview: PreviewPage
    pendings: tuple[Pending, ...]  # what waits for a person first
    theirs: VersionView | None  # what was written meanwhile, by another or in another window
    theirs_is_own: bool
    their_pieces: tuple[Piece, ...]
    asked: Asked | None  # to be confirmed before it is submitted
    trial: Trial | None
    own_phone: str  # as it was just given


def blueprint(doors: Doors, wiring: Wiring) -> Blueprint:
    """Looking, trying, saving and submitting; deciding is in `deciding`."""
    routes = Blueprint("editor", __name__, url_prefix="/templates")

    def page(
        staff: Staff,
        key: TemplateKey,
        status: int = 200,
        *,
        written: Written | None = None,
        theirs: VersionView | None = None,
        asked: Asked | None = None,
        said: Said | None = None,
    ) -> Response:
        template = templates.show(staff, key, wiring=wiring)
        trial = trials.offer(staff, key.office, said, wiring=wiring)
        shown = _page(staff, key, template, written, theirs, asked, trial, wiring)
        return doors.page("editor.html", status, page=shown)

    @routes.get(ONE)
    def show(**at: str) -> Response:
        return page(doors.staff(READ), key_of(**at))

    @routes.post(f"{ONE}/preview")
    def preview(**at: str) -> Response:
        staff, key = doors.staff(READ), key_of(**at)
        told = look(staff, key, request.form.get("text", ""), wiring=wiring)
        return doors.page("preview.html", preview=told, href=_href(key))

    @routes.post(f"{ONE}/try")
    def attempt(**at: str) -> Response:
        """The page with this text, kept nowhere: what a browser without scripts previews by."""
        staff, key = doors.staff(WRITE), key_of(**at)
        given = _given()
        text = request.form.get("fixed") or given.text
        return page(staff, key, written=replace(given, text=text))

    @routes.post(f"{ONE}/send-test")
    def send_test(**at: str) -> Response:
        """The page with this text, kept nowhere, once it was handed over."""
        staff, key, given = doors.staff(READ), key_of(**at), _given()
        said, status = trials.attempt(
            lambda: trying.try_text(staff, key, given.text, wiring=wiring)
        )
        return page(staff, key, status, written=given, said=said)

    @routes.post(f"{ONE}/own-phone")
    def own_phone(**at: str) -> Response:
        """The page with this text, kept nowhere, once a code is on its way to one's own phone."""
        staff, key, given = doors.staff(WRITE), key_of(**at), _given()
        said, status = trials.give_phone(
            staff, request.form.get("phone", ""), Language(doors.language()), wiring=wiring
        )
        return page(staff, key, status, written=given, said=said)

    @routes.post(f"{ONE}/own-phone/verify")
    def verify_phone(**at: str) -> Response:
        staff, key, given = doors.staff(WRITE), key_of(**at), _given()
        said, status = trials.verify_phone(staff, request.form.get("code", ""), wiring=wiring)
        return page(staff, key, status, written=given, said=said)

    @routes.post(f"{ONE}/save")
    def save(**at: str) -> Response:
        staff, key, given = doors.staff(WRITE), key_of(**at), _given()
        submits = given.meant == "submit"
        try:
            kept = drafting.save(
                staff,
                key,
                given.text,
                given.reason,
                after=given.after,
                sendable=submits,
                wiring=wiring,
            )
        except StaleDraft as stale:
            newest = stale.newest.number if stale.newest else 0
            return page(staff, key, 409, written=replace(given, after=newest), theirs=stale.newest)
        except BadFields as bad:
            return page(staff, key, 422, written=replace(given, problems=_problems(bad)))
        if submits:
            return submit(staff, key, kept.number)
        return doors.go("editor.show", **at, done="saved")

    @routes.post(f"{ONE}/versions/<int:number>/submit")
    def submit_version(number: int, **at: str) -> Response:
        return submit(doors.staff(WRITE), key_of(**at), number)

    def submit(staff: Staff, key: TemplateKey, number: int) -> Response:
        try:
            drafting.submit(staff, key, number, confirm=confirmed(), wiring=wiring)
        except ConfirmationNeeded as needed:
            action = f"versions/{number}/submit"
            asked = Asked(needed.questions, action, "confirm.do", number=number)
            return page(staff, key, 409, asked=asked)
        except BadFields as bad:
            draft = templates.show_version(staff, key, number, wiring=wiring)
            newest = templates.show(staff, key, wiring=wiring).newest
            wrong = Written(draft.text, newest, draft.reason or "", _problems(bad), "submit")
            return page(staff, key, 422, written=wrong)
        return doors.go("editor.show", **address(key), done="submitted")

    return routes


def key_of(office: str, event_type: str, channel: str, language: str) -> TemplateKey:
    """Which template the address names. Raises `NotFound`."""
    try:
        return TemplateKey(office, EventType(event_type), Channel(channel), Language(language))
    except ValueError:
        raise NotFound("there is no such template") from None


def above(at: Mapping[str, str]) -> str | None:
    """The page of the template that an address lies below, if it does."""
    try:
        return _href(key_of(at["office"], at["event_type"], at["channel"], at["language"]))
    except (KeyError, NotFound):
        return None


def address(key: TemplateKey) -> dict[str, str]:
    """The parts of its address."""
    return {
        "office": key.office,
        "event_type": key.event_type,
        "channel": key.channel,
        "language": key.language,
    }


def _href(key: TemplateKey) -> str:
    return url_for("admin.editor.show", **address(key))  # type: ignore[arg-type]  # flask wants Any


def _given() -> Written:
    after = request.form.get("after", "")
    return Written(
        text=request.form.get("text", "").replace("\r\n", "\n"),
        after=int(after) if after.isascii() and after.isdecimal() and len(after) <= _DIGITS else 0,
        reason=request.form.get("reason", ""),
        meant=request.form.get("then", ""),
    )


def _problems(bad: BadFields) -> tuple[tuple[str, str, str], ...]:
    return tuple((one.path, one.code, one.message) for one in bad.problems)


def _as_it_stands(making: VersionView | None, template: TemplateView) -> Written:
    """The text to begin with: one in the making, else what is sent."""
    if making is not None:
        return Written(making.text, template.newest, making.reason or "")
    return Written(template.words.text if template.words else "", template.newest)


def _pendings(template: TemplateView) -> list[VersionView]:
    """What is not sent yet: what waits for a person first, a draft last."""
    return sorted(
        (one for one in template.versions if one.status in PENDING),
        key=lambda one: _WAITS.index(Status(one.status)),
    )


def _page(
    staff: Staff,
    key: TemplateKey,
    template: TemplateView,
    written: Written | None,
    theirs: VersionView | None,
    asked: Asked | None,
    trial: Trial | None,
    wiring: Wiring,
) -> EditorPage:
    names = office_tree.names(wiring=wiring)
    making = _pendings(template)
    may_write = office_tree.may(staff, WRITE, key.office, wiring=wiring)
    if written is None:
        # Whoever writes goes on with the newest; whoever approves looks at what waits.
        newest = [one for one in making if one.number == template.newest]
        written = _as_it_stands(next(iter(newest if may_write else making), None), template)
    now = template.words.text if template.words else ""
    return EditorPage(
        key=key,
        href=_href(key),
        channels=tuple((one.value, _href(replace(key, channel=one))) for one in Channel),
        languages=tuple((one.value, _href(replace(key, language=one))) for one in Language),
        office_name=names.get(key.office, key.office),
        said_by=_name(template.words.said_by, names) if template.words else None,
        above=_name(template.inherited.said_by, names) if template.inherited else None,
        switched_by=_name(template.sends_said_by, names),
        template=template,
        unfillable=OF_PETITIONS,
        may_write=may_write,
        may_approve=office_tree.may(staff, APPROVE, key.office, wiring=wiring),
        written=written,
        preview=look(staff, key, written.text, wiring=wiring),
        pendings=tuple(Pending(one, diff(now, one.text), _took_part(staff, one)) for one in making),
        theirs=theirs,
        theirs_is_own=theirs is not None and theirs.author == staff.id,
        their_pieces=diff(theirs.text, written.text) if theirs else (),
        asked=asked,
        trial=trial,
        own_phone=request.form.get("phone", ""),
    )


def _took_part(staff: Staff, version: VersionView) -> bool:
    did = {one.by for one in version.steps if one.step in {"written", "submitted"}}
    return staff.id == version.author or staff.id in did


def _name(office: str, names: Mapping[str, str]) -> str:
    return names.get(office, office)
