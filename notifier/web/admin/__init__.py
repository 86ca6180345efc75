"""`/admin`: the pages of an office's staff. They do what the API does, by the same services."""

import structlog
from flask import Blueprint, Response, g, request
from werkzeug.exceptions import HTTPException

from config import logs
from notifier.services import words_waiting
from notifier.services.passwords import TooBusy
from notifier.services.template_views import OwnWork, VersionMovedOn
from notifier.services.views import (
    BadFields,
    NotAuthenticated,
    NotFound,
    NotInThisState,
    PasswordTemporary,
    ScopeMissing,
)
from notifier.services.wiring import Wiring
from notifier.store.engine import StoreUnavailable
from notifier.store.sealing import Sealer
from notifier.web.admin import (
    account,
    attention,
    audit,
    cases,
    deciding,
    editor,
    entering,
    keeping,
    mending,
    messages,
    offices,
    prints,
    templates,
    users,
)
from notifier.web.admin.doors import HOME, Doors, ForeignForm, guard, refuse_nul
from notifier.web.admin.files import Files
from notifier.web.admin.keeping import Kept

log = structlog.get_logger(__name__)

_AREAS = (
    entering,
    attention,
    messages,
    mending,
    cases,
    templates,
    editor,
    deciding,
    offices,
    users,
    audit,
    account,
)
_MOST_BYTES = 256 * 1024


def blueprint(wiring: Wiring) -> Blueprint:
    """All pages, their files, and the pages that say no."""
    files = Files(HOME)
    doors = Doors(wiring, files)
    routes = Blueprint("admin", __name__, url_prefix=HOME, template_folder="templates")
    prints.register(routes)
    files.register(routes)
    for area in _AREAS:
        routes.register_blueprint(area.blueprint(doors, wiring))

    @routes.before_request
    def check() -> None:
        request.max_content_length = _MOST_BYTES
        refuse_nul()
        doors.check_form()

    routes.after_request(guard)

    @routes.get("/")
    def home() -> Response:
        """The words that wait for whoever looks, where there are some; else all of them."""
        waiting = words_waiting.look(doors.staff(), wiring=wiring).to_approve
        if len(waiting) == 1:
            return doors.go("editor.show", **editor.address(waiting[0].key))
        return doors.go("attention.show" if waiting else "templates.situations")

    @routes.route("/<path:_>", methods=["GET", "POST"])
    def nowhere(_: str) -> Response:
        doors.staff()
        raise NotFound("there is no such page")

    _refusals(routes, doors, wiring.sealer)
    return routes


def _refusals(routes: Blueprint, doors: Doors, sealer: Sealer) -> None:
    """Every refusal as a page; what the pages can answer beside a field they answer themselves."""

    def refuse(
        word: str, status: int, *, again: str | None = None, kept: Kept | None = None
    ) -> Response:
        asked = g.get("request_id", "")
        return doors.page(
            "refused.html", status, word=word, request_id=asked, again=again, kept=kept
        )

    @routes.errorhandler(NotAuthenticated)
    def not_authenticated(_: NotAuthenticated) -> Response:
        posted = request.method == "POST"
        if posted and (kept := keeping.of_editor() or keeping.of_form(sealer)):
            return entering.ask_again(doors, kept)
        if request.endpoint == "admin.editor.preview":
            return doors.page("expired.html", 401)
        to = request.full_path.rstrip("?") if request.method == "GET" else None
        over = "lost" if posted else "again"
        again = over if doors.cookie("baotin_session") else None
        return doors.go("entering.log_in", to=to, done=again)

    @routes.errorhandler(PasswordTemporary)
    def password_temporary(_: PasswordTemporary) -> Response:
        return doors.go("entering.choose_password")

    @routes.errorhandler(ForeignForm)
    def foreign_form(_: ForeignForm) -> Response:
        ours = keeping.from_our_own_page()
        kept = (keeping.of_editor() or keeping.of_form(sealer)) if ours else None
        if kept is None:
            return refuse("form", 403)
        try:
            doors.staff()
        except NotAuthenticated:
            return entering.ask_again(doors, kept)
        return doors.page(entering.resuming(kept), 403, kept=kept)

    @routes.errorhandler(ScopeMissing)
    def scope_missing(_: ScopeMissing) -> Response:
        return refuse("403", 403)

    @routes.errorhandler(OwnWork)
    def own_work(_: OwnWork) -> Response:
        return refuse("403.own", 403)

    @routes.errorhandler(NotFound)
    @routes.errorhandler(404)
    def not_found(_: Exception) -> Response:
        return refuse("404", 404)

    @routes.errorhandler(NotInThisState)
    @routes.errorhandler(VersionMovedOn)
    def moved_on(_: Exception) -> Response:
        return refuse("409", 409, again=editor.above(request.view_args or {}))

    @routes.errorhandler(BadFields)
    @routes.errorhandler(400)
    def bad_fields(_: Exception) -> Response:
        return refuse("422", 422)

    @routes.errorhandler(413)
    def too_large(_: Exception) -> Response:
        return refuse("413", 413)

    @routes.errorhandler(StoreUnavailable)
    @routes.errorhandler(TooBusy)
    def unavailable(_: Exception) -> Response:
        return refuse("503", 503, kept=keeping.of_editor())

    @routes.errorhandler(Exception)
    def broken(problem: Exception) -> Response:
        if isinstance(problem, HTTPException):
            return refuse("422", problem.code or 400)
        log.error("page_broke", error=type(problem).__name__, trace=logs.trace(problem))
        return refuse("500", 500, kept=keeping.of_editor())
