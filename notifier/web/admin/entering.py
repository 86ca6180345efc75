"""Logging in, with a code where the account has a second factor, and out."""

from flask import Blueprint, Response, request

from notifier.services import logins, people
from notifier.services.passwords import TooBusy
from notifier.services.views import BadFields, LoginRefused, SecondFactorNeeded, TooManyTries
from notifier.services.wiring import Wiring
from notifier.web.admin import keeping
from notifier.web.admin.doors import HOME, Doors, left_empty
from notifier.web.admin.keeping import Filled, Kept


def blueprint(doors: Doors, wiring: Wiring) -> Blueprint:
    """The pages before one is in."""
    routes = Blueprint("entering", __name__)

    def carried() -> Kept | Filled | None:
        return keeping.carried() or keeping.carried_form(wiring.sealer)

    def door(template: str, status: int = 200, /, **values: object) -> Response:
        to = _inside(request.values.get("to", ""))
        values = {"to": to, "email": "", "problems": {}, "kept": carried(), **values}
        return doors.page(template, status, **values)

    def entered(opened: logins.LoggedIn) -> Response:
        if opened.staff.password_is_temporary:
            return doors.let_in(opened, doors.go("entering.choose_password"))
        if (kept := carried()) is not None:
            return doors.let_in(opened, doors.welcome(opened, resuming(kept), kept=kept))
        answer = doors.go("home")
        answer.location = _inside(request.form.get("to", "")) or answer.location
        return doors.let_in(opened, answer)

    @routes.get("/login")
    def log_in() -> Response:
        return door("login.html", problem=None)

    @routes.post("/login")
    def knock() -> Response:
        email, password = request.form.get("email", ""), request.form.get("password", "")
        if empty := left_empty("email", "password"):
            return door("login.html", 422, problem="error.fields", problems=empty, email=email)
        try:
            opened = logins.log_in(email, password, origin=doors.origin(), wiring=wiring)
        except SecondFactorNeeded as needed:
            return door("code.html", ticket=needed.ticket, problem=None)
        except (LoginRefused, TooManyTries, TooBusy) as refused:
            said, status, wait = _refusal(refused)
            return door("login.html", status, problem=said, wait=wait, email=email)
        return entered(opened)

    @routes.post("/login/code")
    def knock_with_code() -> Response:
        ticket, code = request.form.get("ticket", ""), request.form.get("code", "").strip()
        if not code:
            return door("code.html", 422, ticket=ticket, problem="problem.required")
        try:
            opened = logins.log_in_with_ticket(ticket, code, origin=doors.origin(), wiring=wiring)
        except (LoginRefused, TooManyTries) as refused:
            said, status, wait = _refusal(refused, "login.refused_code")
            return door("code.html", status, ticket=ticket, problem=said, wait=wait)
        return entered(opened)

    @routes.post("/logout")
    def log_out() -> Response:
        return doors.let_out(doors.go("entering.log_in", done="out"))

    @routes.get("/password")
    def choose_password() -> Response:
        doors.session()
        return doors.page("password.html", problems={})

    @routes.post("/password")
    def set_password() -> Response:
        staff = doors.session()
        old, new = request.form.get("old", ""), request.form.get("new", "")
        if empty := left_empty("old", "new"):
            problems = {"password" if name == "new" else name: empty[name] for name in empty}
            return doors.page("password.html", 422, problems=problems)
        try:
            people.change_password(staff, old, new, wiring=wiring)
        except BadFields as bad:
            problems = {one.path: one.code for one in bad.problems}
            return doors.page("password.html", 422, problems=problems)
        except TooManyTries:
            return doors.page("password.html", 429, problems={"old": "too_many_tries"})
        return doors.let_in(
            logins.renew(staff, wiring=wiring), doors.go("account.show", done="password")
        )

    return routes


def resuming(kept: Kept | Filled) -> str:
    """The page on which one goes on with what was kept."""
    return "resume.html" if isinstance(kept, Kept) else "filled.html"


def ask_again(doors: Doors, kept: Kept | Filled) -> Response:
    """The door, for whoever wrote until their session was over; it carries on what they wrote."""
    return doors.page("login.html", 401, problem=None, problems={}, to="", email="", kept=kept)


def _refusal(refused: Exception, wrong: str = "login.refused") -> tuple[str, int, int]:
    """The word, the status, and how many seconds to wait."""
    match refused:
        case TooManyTries(retry_after_s=seconds):
            return "login.wait", 429, seconds
        case TooBusy():
            return "login.busy", 503, 0
        case _:
            return wrong, 401, 0


def _inside(to: str) -> str:
    """The address, if it is one of our own pages: nobody is led elsewhere from here."""
    plain = to.isprintable() and "\\" not in to and "//" not in to
    return to if plain and (to == HOME or to.startswith(f"{HOME}/")) else ""
