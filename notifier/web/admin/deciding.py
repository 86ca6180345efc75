"""What an approver does with words: approve, publish, send back, roll back, inherit, switch."""

from dataclasses import dataclass

from flask import Blueprint, Response, request

from notifier.domain.versions import Change, Piece, Status, Step, TemplateKey, diff
from notifier.services import drafting, office_tree, publishing, templates, trying
from notifier.services.actors import Staff
from notifier.services.questions import ConfirmationNeeded
from notifier.services.template_views import VersionView
from notifier.services.views import BadFields
from notifier.services.wiring import Wiring
from notifier.web.admin import trials
from notifier.web.admin.asking import Asked, AskedPage, confirmed
from notifier.web.admin.doors import Doors
from notifier.web.admin.editor import APPROVE, ONE, READ, key_of
from notifier.web.admin.trials import Said, Trial

_VERSION = f"{ONE}/versions/<int:number>"
_SENDS = {"yes": True, "no": False, "inherit": None}


@dataclass(frozen=True, slots=True)
class VersionPage:
    key: TemplateKey
    at: dict[str, str]  # the parts of the template's address
    version: VersionView
    other: str  # what it is laid beside
    older: int | None  # its number, 0 for the inherited words; empty: the words sent now
    pieces: tuple[Piece, ...]
    above: str | None  # whose words would be sent without the office's own
    was_sent: bool  # it was published before, and is not now
    may_roll_back: bool
    trial: Trial | None


def blueprint(doors: Doors, wiring: Wiring) -> Blueprint:
    """Each a form of the template's page, which it leads back to."""
    routes = Blueprint("deciding", __name__, url_prefix="/templates")

    @routes.post(f"{_VERSION}/approve")
    def approve(number: int, **at: str) -> Response:
        staff, key = doors.staff(APPROVE), key_of(**at)
        publishing.approve(staff, key, number, wiring=wiring)
        if request.form.get("then") == "publish":
            return published(staff, number, at)
        return doors.go("editor.show", **at, done="approved")

    def published(staff: Staff, number: int, at: dict[str, str]) -> Response:
        try:
            publishing.publish(staff, key_of(**at), number, wiring=wiring)
        except BadFields:
            return doors.go("editor.show", **at, done="unfit")
        return doors.go("editor.show", **at, done="published")

    @routes.post(f"{_VERSION}/publish")
    def publish(number: int, **at: str) -> Response:
        return published(doors.staff(APPROVE), number, at)

    @routes.post(f"{_VERSION}/send-back")
    def send_back(number: int, **at: str) -> Response:
        staff, key, remark = doors.staff(APPROVE), key_of(**at), request.form.get("remark", "")
        try:
            drafting.send_back(staff, key, number, remark, wiring=wiring)
        except BadFields:
            return doors.go("editor.show", **at, done="remark")
        return doors.go("editor.show", **at, done="sent_back")

    @routes.post(f"{_VERSION}/roll-back")
    def roll_back(number: int, **at: str) -> Response:
        staff, key, reason = doors.staff(APPROVE), key_of(**at), request.form.get("reason", "")
        try:
            publishing.roll_back(staff, key, number, reason, confirm=confirmed(), wiring=wiring)
        except ConfirmationNeeded as needed:
            action = f"versions/{number}/roll-back"
            return _ask(doors, key, at, Asked(needed.questions, action, "roll_back", reason=reason))
        except BadFields as bad:
            done = "reason" if bad.problems[0].path == "reason" else "unfit"
            return doors.go("deciding.compare", number=number, **at, done=done)
        return doors.go("editor.show", **at, done="rolled_back")

    _dropping(routes, doors, wiring)

    @routes.get(f"{_VERSION}")
    def compare(number: int, **at: str) -> Response:
        return page(doors.staff(READ), number, at)

    @routes.post(f"{_VERSION}/send-test")
    def send_test(number: int, **at: str) -> Response:
        staff, key = doors.staff(READ), key_of(**at)
        said, status = trials.attempt(lambda: trying.try_version(staff, key, number, wiring=wiring))
        return page(staff, number, at, status, said)

    def page(
        staff: Staff, number: int, at: dict[str, str], status: int = 200, said: Said | None = None
    ) -> Response:
        """A version beside the words that are sent now."""
        key = key_of(**at)
        template = templates.show(staff, key, wiring=wiring)
        version = templates.show_version(staff, key, number, wiring=wiring)
        sent_now = template.words is not None and template.words.version_id == version.id
        # What is sent now is laid beside what came before it.
        older = number - 1 if sent_now else None
        if older is None:
            other = template.words.text if template.words else ""
            pieces = diff(other, version.text)
        else:
            pieces = templates.show_diff(staff, key, older, number, wiring=wiring).pieces
            other = "".join(one.text for one in pieces if one.change != Change.ADDED)
        published = any(step.step == Step.PUBLISHED for step in version.steps)
        was_sent = published and version.status == Status.RETIRED
        names = office_tree.names(wiring=wiring)
        may = office_tree.may(staff, APPROVE, key.office, wiring=wiring)
        shown = VersionPage(
            key=key,
            at=at,
            version=version,
            other=other,
            older=older,
            pieces=pieces,
            above=names.get(template.inherited.said_by, template.inherited.said_by)
            if template.inherited
            else None,
            was_sent=was_sent,
            may_roll_back=may and was_sent,
            trial=trials.offer(staff, key.office, said, wiring=wiring),
        )
        return doors.page("version.html", status, page=shown)

    return routes


def _ask(doors: Doors, key: TemplateKey, at: dict[str, str], asked: Asked) -> Response:
    """The page that wants a yes first."""
    return doors.page("asked.html", 409, page=AskedPage(key, at, asked))


def _dropping(routes: Blueprint, doors: Doors, wiring: Wiring) -> None:
    """What citizens notice at once: each says why."""

    @routes.post(f"{ONE}/inherit")
    def inherit(**at: str) -> Response:
        staff, key, reason = doors.staff(APPROVE), key_of(**at), request.form.get("reason", "")
        try:
            publishing.inherit(staff, key, reason, confirm=confirmed(), wiring=wiring)
        except ConfirmationNeeded as needed:
            asked = Asked(needed.questions, "inherit", "sure.inherit_do", reason=reason)
            return _ask(doors, key, at, asked)
        except BadFields:
            return doors.go("editor.show", **at, done="reason")
        return doors.go("editor.show", **at, done="inherited")

    @routes.post(f"{ONE}/switch")
    def switch(**at: str) -> Response:
        staff, key = doors.staff(APPROVE), key_of(**at)
        wanted, reason = request.form.get("sends", ""), request.form.get("reason", "")
        if wanted not in _SENDS:
            return doors.go("editor.show", **at)
        cell = (key.office, key.event_type, key.channel)
        try:
            sends, _ = publishing.switch(
                staff, *cell, _SENDS[wanted], reason, confirm=confirmed(), wiring=wiring
            )
        except ConfirmationNeeded as needed:
            asked = Asked(needed.questions, "switch", "sure.on_do", reason=reason, sends=wanted)
            return _ask(doors, key, at, asked)
        except BadFields:
            return doors.go("editor.show", **at, done="reason")
        return doors.go("editor.show", **at, done="sends" if sends else "silent")
