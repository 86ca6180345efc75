"""What a person does to a message: resend, cancel, correct, say that the citizen was told."""

from dataclasses import replace

from flask import Blueprint, Response, request

from notifier.domain.events import Language
from notifier.domain.placeholders import PLACEHOLDERS, Kind, format_value
from notifier.services import mending, messages
from notifier.services.actors import Staff
from notifier.services.views import BadCorrection, Correction, ResentAlready, StillHeld
from notifier.services.wiring import Wiring
from notifier.web.admin.days import read_day
from notifier.web.admin.doors import Doors
from notifier.web.admin.messages import WRITE, MessagePage, message_page

_VALUE = "value_"
_MOST_DIGITS = 15


def blueprint(doors: Doors, wiring: Wiring) -> Blueprint:
    """Each a form of the message's page, which it leads back to."""
    routes = Blueprint("mending", __name__, url_prefix="/messages/<message_id>")

    @routes.post("/resend")
    def resend(message_id: str) -> Response:
        staff, phone = doors.staff(WRITE), request.form.get("phone", "").strip() or None
        try:
            made = messages.resend(staff, message_id, phone=phone, wiring=wiring)
        except BadCorrection as bad:
            return refused(staff, message_id, bad)
        except ResentAlready:  # the page says when, and as what
            shown = message_page(staff, message_id, wiring=wiring)
            return doors.page("message.html", 409, page=shown)
        return doors.go("messages.show", message_id=made.id, done="resent")

    @routes.post("/cancel")
    def cancel(message_id: str) -> Response:
        messages.cancel(doors.staff(WRITE), message_id, wiring=wiring)
        return doors.go("messages.show", message_id=message_id, done="cancelled")

    @routes.post("/release")
    def release(message_id: str) -> Response:
        staff = doors.staff(WRITE)
        try:
            messages.release(staff, message_id, wiring=wiring)
        except StillHeld as held:
            shown = message_page(
                staff, message_id, problems={"release": held.reason}, wiring=wiring
            )
            return doors.page("message.html", 422, page=shown)
        return doors.go("messages.show", message_id=message_id, done="released")

    @routes.post("/told")
    def mark_told(message_id: str) -> Response:
        mending.mark_told(doors.staff(WRITE), message_id, wiring=wiring)
        return doors.go("messages.show", message_id=message_id, done="told")

    @routes.post("/correct")
    def correct(message_id: str) -> Response:
        staff, correction = doors.staff(WRITE), _correction()
        try:
            messages.correct(staff, message_id, correction, wiring=wiring)
        except BadCorrection as bad:
            return refused(staff, message_id, bad)
        return doors.go("messages.show", message_id=message_id, done="corrected")

    def refused(staff: Staff, message_id: str, bad: BadCorrection) -> Response:
        shown = message_page(
            staff,
            message_id,
            problems={one.path: one.code for one in bad.problems},
            given=request.form.to_dict(),
            wiring=wiring,
        )
        return doors.page("message.html", 422, page=replace(shown, unfit=_unfit(shown)))

    return routes


def _unfit(page: MessagePage) -> frozenset[str]:
    """Of what was typed for values that the message lacks: what is missing or cannot be sent."""
    if not any(path.startswith("values.") for path in page.problems):
        return frozenset()
    language = Language(page.message.language)
    typed = {one.name: page.given.get(f"{_VALUE}{one.name}", "") for one in page.wanted.values}
    return frozenset(
        name
        for name, one in typed.items()
        if format_value(PLACEHOLDERS[name], _typed(name, one.strip()), language) is None
    )


def _correction() -> Correction:
    values = tuple(
        (name, _typed(name, typed.strip()))
        for field, typed in request.form.items()
        if (name := field.removeprefix(_VALUE)) in PLACEHOLDERS and field != name and typed.strip()
    )
    return Correction(request.form.get("phone", "").strip() or None, values)


def _typed(name: str, typed: str) -> str | int:
    """Money is a number in events, and people write it with dots; a day has its year first."""
    if PLACEHOLDERS[name].kind is Kind.DATE:
        day = read_day(typed)
        return day.isoformat() if day else typed
    digits = typed.replace(".", "").replace(",", "").removesuffix("đ").strip()
    if PLACEHOLDERS[name].kind is Kind.MONEY and digits.isascii() and digits.isdecimal():
        return int(digits[:_MOST_DIGITS])
    return typed
