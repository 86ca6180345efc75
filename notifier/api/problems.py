"""Problems: the one place where a refusal becomes an answer (RFC 9457)."""

import json
import math
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from types import MappingProxyType

import structlog
from flask import Flask, Response
from werkzeug.exceptions import HTTPException, InternalServerError

from config import logs
from gateways.base import BadSignature, BadWebhook
from notifier.allowances import OverAllowance
from notifier.services import questions
from notifier.services.passwords import TooBusy
from notifier.services.questions import ConfirmationNeeded
from notifier.services.staff_texts import TooManyTexts
from notifier.services.template_views import (
    OwnWork,
    StaleDraft,
    VersionMovedOn,
)
from notifier.services.views import (
    BadCorrection,
    BadFields,
    FieldProblem,
    LoginRefused,
    NotAuthenticated,
    NotFound,
    NotInThisState,
    PasswordTemporary,
    ResentAlready,
    ScopeMissing,
    SecondFactorNeeded,
    StillHeld,
    TooManyTries,
)
from notifier.store.engine import StoreUnavailable

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 5

# Every problem this API answers with: its status, and what it means in a sentence.
PROBLEMS: Mapping[str, tuple[HTTPStatus, str]] = MappingProxyType(
    {
        "bad_json": (HTTPStatus.BAD_REQUEST, "The body is not JSON."),
        "bad_utf8": (HTTPStatus.BAD_REQUEST, "The body is not UTF-8."),
        "byte_order_mark": (HTTPStatus.BAD_REQUEST, "The body begins with a byte order mark."),
        "not_a_number": (HTTPStatus.BAD_REQUEST, "The body holds NaN or Infinity."),
        "number_out_of_range": (HTTPStatus.BAD_REQUEST, "A number is too large."),
        "duplicate_key": (HTTPStatus.BAD_REQUEST, "An object names a key twice."),
        "lone_surrogate": (HTTPStatus.BAD_REQUEST, "A text holds half a surrogate pair."),
        "control_character": (HTTPStatus.BAD_REQUEST, "A text holds a control character."),
        "too_deep": (HTTPStatus.BAD_REQUEST, "The body nests deeper than 32 levels."),
        "bad_webhook": (HTTPStatus.BAD_REQUEST, "The provider's call makes no sense."),
        "not_authenticated": (HTTPStatus.UNAUTHORIZED, "There is no key, or it is not valid."),
        "login_refused": (HTTPStatus.UNAUTHORIZED, "The address, password or code is not right."),
        "second_factor_needed": (HTTPStatus.UNAUTHORIZED, "The account wants a code too."),
        "bad_signature": (HTTPStatus.UNAUTHORIZED, "The signature does not match."),
        "scope_missing": (HTTPStatus.FORBIDDEN, "The key or the person may not do this."),
        "own_work": (HTTPStatus.FORBIDDEN, "Another person must do this."),
        "password_temporary": (HTTPStatus.FORBIDDEN, "A password of one's own comes first."),
        "not_found": (HTTPStatus.NOT_FOUND, "There is nothing here."),
        "method_not_allowed": (HTTPStatus.METHOD_NOT_ALLOWED, "This cannot be done here."),
        "event_conflict": (HTTPStatus.CONFLICT, "The event id came before with another body."),
        "not_in_this_state": (HTTPStatus.CONFLICT, "The message is past what was asked."),
        "resent_already": (HTTPStatus.CONFLICT, "The message was resent before."),
        "still_held": (HTTPStatus.CONFLICT, "What holds the message is not over."),
        "stale_draft": (HTTPStatus.CONFLICT, "Somebody else wrote since; nothing was kept."),
        "version_moved_on": (HTTPStatus.CONFLICT, "The version is past what was asked."),
        "confirmation_needed": (HTTPStatus.CONFLICT, "Confirm what `errors` tell, by their codes."),
        "too_large": (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is larger than 5 MB."),
        "too_many_events": (
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            "A batch holds at most 1,000 events.",
        ),
        "unsupported_media_type": (
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "The body must be application/json without a Content-Encoding.",
        ),
        "over_limit": (
            HTTPStatus.TOO_MANY_REQUESTS,
            "The source posts more events than it may; Retry-After says when it may go on.",
        ),
        "invalid": (HTTPStatus.UNPROCESSABLE_ENTITY, "Some fields are not right."),
        "too_many_tries": (HTTPStatus.TOO_MANY_REQUESTS, "Too many logins failed; later again."),
        "too_many_texts": (
            HTTPStatus.TOO_MANY_REQUESTS,
            "As many SMS went to this person or phone in the last hour as may.",
        ),
        "internal": (HTTPStatus.INTERNAL_SERVER_ERROR, "Something broke on our side."),
        "busy": (HTTPStatus.SERVICE_UNAVAILABLE, "Too many passwords are being checked."),
        "unavailable": (HTTPStatus.SERVICE_UNAVAILABLE, "The database cannot take it now."),
    }
)

# What the `code` of one entry of `errors` says.
FIELD_CODES: Mapping[str, str] = MappingProxyType(
    {
        "required": "It must be there.",
        "unknown_field": "There is no such field.",
        "invalid": "It takes something else; `message` says what.",
        "invalid_date": "It takes a date such as 2026-11-25.",
        "too_far_ahead": "The event lies more than an hour ahead.",
        "unknown_office": "There is no such office, or this key may not post for it.",
        "event_conflict": "The event id came before with another body.",
        "duplicate_key": "An object names this key twice.",
        "repeated": "The query gives it more than once.",
        "phone": "It is no Vietnamese mobile number.",
        "missing_value": "The words would still lack a value, or have one that is too long.",
        "no_template": "There are no words for this situation yet.",
        "syntax": "A brace lacks its pair, or there is no such placeholder.",
        "characters": "No SMS alphabet has a character of it, not even without tones.",
        "refused": "Operators refuse a character of it.",
        "link": "It leads where the office's words may not lead.",
        "no_host": "It is no host such as dichvucong.gov.vn.",
        "missing": "The words do not name the office or the case.",
        "placeholder_added": "The words need a value that they did not need before.",
        "placeholder_removed": "The words no longer say a value.",
        "replaces_waiting": "A version that waits for approval would wait no more.",
        "many_segments": "A message takes three SMS or more.",
        "no_words": "There are no words for this situation: its messages would be held.",
        "taken": "Another account has it already.",
        "too_short": "It takes more characters.",
        "too_long": "It takes fewer characters.",
        "too_simple": "It is too easy to guess.",
        "wrong": "It is not right.",
        "wrong_code": "The code does not match, or was used already.",
        "code_gone": "The code was used, is too old, or was given wrongly too often.",
        "no_own_phone": "Give your own mobile number first, and verify it.",
        "on_already": "It is on already.",
        "own_account": "Nobody changes their own account here.",
        "changed_meanwhile": "Another changed the roles meanwhile.",
        "not_yours": "It reaches beyond the offices that you administer.",
    }
)


class Problem(Exception):
    """A refusal on its way to the caller; `code` is a key of `PROBLEMS`."""

    def __init__(
        self,
        code: str,
        detail: str | None = None,
        *,
        errors: Iterable[FieldProblem] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = headers or {}

    def response(self) -> Response:
        """The problem document."""
        status, title = PROBLEMS[self.code]
        document: dict[str, object] = {
            "type": f"urn:baotin:problem:{self.code}",
            "title": title,
            "status": status.value,
            "code": self.code,
        }
        if self.detail:
            document["detail"] = self.detail
        if self.errors:
            document["errors"] = [error_json(error) for error in self.errors]
        body = json.dumps(document, ensure_ascii=False)
        return Response(body, status, {"Content-Type": MEDIA_TYPE, **self.headers})


def error_json(error: FieldProblem) -> dict[str, str]:
    """One field's problem as JSON."""
    return {"path": error.path, "code": error.code, "message": error.message}


def register(app: Flask) -> None:
    """Answer every refusal, ours or the framework's, with a problem document."""
    app.logger.disabled = True  # it logs paths, which hold secrets, and the words of exceptions

    @app.errorhandler(Problem)
    def ours(problem: Problem) -> Response:
        return problem.response()

    @app.errorhandler(NotAuthenticated)
    def not_authenticated(_: NotAuthenticated) -> Response:
        return Problem("not_authenticated", headers={"WWW-Authenticate": "Bearer"}).response()

    @app.errorhandler(LoginRefused)
    def login_refused(_: LoginRefused) -> Response:
        return Problem("login_refused", headers={"WWW-Authenticate": "Bearer"}).response()

    @app.errorhandler(SecondFactorNeeded)
    def second_factor_needed(_: SecondFactorNeeded) -> Response:
        return Problem("second_factor_needed", headers={"WWW-Authenticate": "Bearer"}).response()

    @app.errorhandler(TooManyTries)
    def too_many_tries(problem: TooManyTries) -> Response:
        return Problem(
            "too_many_tries", headers={"Retry-After": str(problem.retry_after_s)}
        ).response()

    @app.errorhandler(TooManyTexts)
    def too_many_texts(problem: TooManyTexts) -> Response:
        return Problem(
            "too_many_texts",
            f"{problem.most} may go in an hour.",
            headers={"Retry-After": str(problem.retry_after_s)},
        ).response()

    @app.errorhandler(TooBusy)
    def busy(_: TooBusy) -> Response:
        return Problem("busy", headers={"Retry-After": str(RETRY_AFTER_S)}).response()

    @app.errorhandler(PasswordTemporary)
    def password_temporary(_: PasswordTemporary) -> Response:
        return Problem("password_temporary").response()

    @app.errorhandler(BadFields)
    def bad_fields(problem: BadFields) -> Response:
        return Problem("invalid", errors=problem.problems).response()

    @app.errorhandler(StaleDraft)
    def stale_draft(problem: StaleDraft) -> Response:
        newest = problem.newest.number if problem.newest else 0
        return Problem("stale_draft", f"The newest version is {newest}.").response()

    @app.errorhandler(VersionMovedOn)
    def version_moved_on(problem: VersionMovedOn) -> Response:
        return Problem("version_moved_on", f"It is {problem.status}.").response()

    @app.errorhandler(ConfirmationNeeded)
    def confirmation_needed(problem: ConfirmationNeeded) -> Response:
        asked = questions.problems(problem.questions)
        return Problem("confirmation_needed", errors=asked).response()

    @app.errorhandler(OwnWork)
    def own_work(_: OwnWork) -> Response:
        return Problem("own_work").response()

    @app.errorhandler(BadSignature)
    def bad_signature(_: BadSignature) -> Response:
        return Problem("bad_signature", headers={"WWW-Authenticate": "Signature"}).response()

    @app.errorhandler(ScopeMissing)
    def scope_missing(problem: ScopeMissing) -> Response:
        return Problem("scope_missing", f"It needs the scope {problem.scope}.").response()

    @app.errorhandler(NotFound)
    def not_found(_: NotFound) -> Response:
        return Problem("not_found").response()

    @app.errorhandler(NotInThisState)
    def not_in_this_state(problem: NotInThisState) -> Response:
        return Problem("not_in_this_state", f"The message is {problem.state}.").response()

    @app.errorhandler(ResentAlready)
    def resent_already(problem: ResentAlready) -> Response:
        detail = f"It was resent as {problem.newer}." if problem.newer else None
        return Problem("resent_already", detail).response()

    @app.errorhandler(StillHeld)
    def still_held(problem: StillHeld) -> Response:
        return Problem("still_held", f"It would be held again: {problem.reason}.").response()

    @app.errorhandler(BadCorrection)
    def bad_correction(problem: BadCorrection) -> Response:
        return Problem("invalid", errors=problem.problems).response()

    @app.errorhandler(BadWebhook)
    def bad_webhook(problem: BadWebhook) -> Response:
        return Problem("bad_webhook", str(problem)).response()

    @app.errorhandler(StoreUnavailable)
    def unavailable(problem: StoreUnavailable) -> Response:
        log.warning("store_unavailable", error=str(problem))
        return Problem("unavailable", headers={"Retry-After": str(RETRY_AFTER_S)}).response()

    @app.errorhandler(OverAllowance)
    def over_limit(problem: OverAllowance) -> Response:
        wait = math.ceil(problem.retry_after_s)
        return Problem("over_limit", headers={"Retry-After": str(wait)}).response()

    @app.errorhandler(HTTPException)
    def framework(problem: HTTPException) -> Response:
        if isinstance(problem, InternalServerError):  # it broke outside of a view
            return unexpected(problem.original_exception or problem)
        code = _OF_STATUS.get(HTTPStatus(problem.code or 404), "not_found")
        allow = {
            name: value for name, value in problem.get_headers() if name in {"Allow", "Location"}
        }
        return Problem(code, headers=allow).response()

    @app.errorhandler(Exception)
    def unexpected(problem: BaseException) -> Response:
        log.error("request_broke", error=type(problem).__name__, trace=logs.trace(problem))
        return Problem("internal").response()


_OF_STATUS = {
    HTTPStatus.METHOD_NOT_ALLOWED: "method_not_allowed",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "too_large",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "unsupported_media_type",
    HTTPStatus.BAD_REQUEST: "bad_json",
}
