"""What every view needs of a request: who looks, in which language, and by a form of ours."""

import base64
import hmac
from dataclasses import dataclass

from flask import Response, g, redirect, render_template, request, url_for
from werkzeug.exceptions import HTTPException

from notifier.domain.people import Permission
from notifier.services import actors, attention, logins
from notifier.services.actors import Staff
from notifier.services.logins import LASTS, From, LoggedIn
from notifier.services.views import BadFields, FieldProblem, NotAuthenticated, PasswordTemporary
from notifier.services.wiring import Wiring
from notifier.web.admin.files import Files
from notifier.web.admin.words import DEFAULT_LANGUAGE, LANGUAGES, namer, speaker

HOME = "/admin"
SESSION, DEVICE, FORM, LANGUAGE = "baotin_session", "baotin_device", "baotin_form", "baotin_lang"
OFFICE = "baotin_office"
_DEVICE_LASTS_S = 180 * 24 * 3600
_LONGEST_COOKIE = 200
_FORM_BYTES = 24
_BROKEN = 500
_MOST_COUNTED = 100  # what waits is counted no further
_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
    " img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


class ForeignForm(Exception):
    """A form that no page of this session made."""


@dataclass(frozen=True, slots=True)
class Link:
    """An entry of the navigation."""

    word: str
    href: str
    current: bool
    number: str = ""  # how much waits there


class Doors:
    """Lets people in, knows them again, and hands out pages."""

    def __init__(self, wiring: Wiring, files: Files) -> None:
        self._wiring = wiring
        self._files = files

    # Who it is.

    def staff(self, permission: Permission | None = None) -> Staff:
        """Who looks. Raises `NotAuthenticated`, `PasswordTemporary` or `ScopeMissing`."""
        staff = self.session()
        if staff.password_is_temporary:
            raise PasswordTemporary("a password of one's own comes first")
        if permission is not None:
            actors.require(staff, permission)
        return staff

    def session(self) -> Staff:
        """Whose session it is, whatever their password. Raises `NotAuthenticated`."""
        token = self.cookie(SESSION)
        if token is None or not token.startswith(logins.TOKEN_PREFIX):
            raise NotAuthenticated("no session")
        staff = logins.authenticate(token, wiring=self._wiring)
        g.admin_staff = staff
        return staff

    def origin(self) -> From:
        """Where a login comes from."""
        return From(
            request.remote_addr or "", device=self.cookie(DEVICE), replaces=self.cookie(SESSION)
        )

    def welcome(self, opened: LoggedIn, template: str, /, **values: object) -> Response:
        """A page for whoever was just let in: its forms are the new session's."""
        g.admin_staff, g.admin_opened = opened.staff, opened.token
        return self.page(template, **values)

    def let_in(self, opened: LoggedIn, answer: Response) -> Response:
        """Hand the session over: always a new token, so that none planted before is worth any."""
        self._set(answer, SESSION, opened.token, int(LASTS.total_seconds()))
        self._set(answer, DEVICE, opened.device, _DEVICE_LASTS_S)
        self._set(answer, FORM, "", 0)
        return answer

    def let_out(self, answer: Response) -> Response:
        """Forget the session here; the device stays known."""
        token = self.cookie(SESSION)
        if token is not None:
            logins.log_out(token, wiring=self._wiring)
        self._set(answer, SESSION, "", 0)
        return answer

    def last_office(self) -> str | None:
        """The office whose words this browser saw last, whoever looked."""
        return self.cookie(OFFICE)

    def remember_office(self, answer: Response, office: str) -> Response:
        """So that it need not be chosen again."""
        if office != self.last_office():
            self._set(answer, OFFICE, office, _DEVICE_LASTS_S)
        return answer

    def cookie(self, name: str) -> str | None:
        value = request.cookies.get(name, "")
        return value if value and len(value) <= _LONGEST_COOKIE and value.isascii() else None

    def _set(self, answer: Response, name: str, value: str, lasts_s: int | None) -> None:
        answer.set_cookie(
            name,
            value,
            max_age=lasts_s,
            path=HOME,
            secure=request.is_secure or not self._wiring.settings.is_demo,
            httponly=True,
            samesite="Lax",
        )

    # Whether the form is ours.

    def check_form(self) -> None:
        """Raises `ForeignForm` for a POST that no page of this very session made."""
        if request.method not in {"GET", "HEAD"}:
            site = request.headers.get("Sec-Fetch-Site", "same-origin")
            given = request.form.get("form", "")
            bound = self._bound()
            if site not in {"same-origin", "none"} or bound is None:
                raise ForeignForm
            if not hmac.compare_digest(given.encode(), self._form_token(bound).encode()):
                raise ForeignForm

    def _bound(self) -> str | None:
        """What this browser's forms are bound to: its session, else a cookie of their own."""
        opened: str | None = g.get("admin_opened")
        return opened or self.cookie(SESSION) or self.cookie(FORM)

    def _form_token(self, bound: str) -> str:
        return self._wiring.hashes.form(bound).hex()

    # The page.

    def language(self) -> str:
        """What was asked for, else what was asked for before, else Vietnamese."""
        for wanted in (request.args.get("lang"), request.cookies.get(LANGUAGE)):
            if wanted in LANGUAGES:
                return wanted
        return DEFAULT_LANGUAGE

    def page(self, template: str, status: int = 200, /, **values: object) -> Response:
        """The page in its frame."""
        staff: Staff | None = getattr(g, "admin_staff", None)
        language = self.language()
        other = next(one for one in LANGUAGES if one != language)
        bound = self._bound()
        fresh = None if bound else self._random()
        text = render_template(
            f"admin/{template}",
            say=speaker(language),
            named=namer(language),
            language=language,
            other_language=other,
            other_href=_same_page(other),
            staff=staff,
            links=self._links(staff, status) if staff and not staff.password_is_temporary else (),
            asset=self._files.href,
            form_token=self._form_token(bound or fresh or ""),
            done=request.args.get("done", "") if request.method == "GET" else "",
            **values,
        )
        answer = Response(text, status)
        if fresh:
            self._set(answer, FORM, fresh, None)
        if request.args.get("lang") in LANGUAGES:
            self._set(answer, LANGUAGE, language, None)
        return answer

    def _links(self, staff: Staff, status: int) -> tuple[Link, ...]:
        """The menu; a page that says what broke asks the database nothing more."""
        asks = status < _BROKEN and staff.has(Permission.MESSAGES_READ)
        waiting = attention.number(staff, most=_MOST_COUNTED, wiring=self._wiring) if asks else 0
        return _links(staff, waiting)

    def go(self, endpoint: str, /, **values: object) -> Response:
        """To another page, after something was done."""
        to = url_for(f"admin.{endpoint}", **{k: v for k, v in values.items() if v})  # type: ignore[arg-type]  # flask wants Any
        answer = redirect(to, 303)
        assert isinstance(answer, Response)  # noqa: S101 - flask's redirect makes flask's answer
        return answer

    def _random(self) -> str:
        made = self._wiring.random_bytes(_FORM_BYTES)
        return base64.urlsafe_b64encode(made).rstrip(b"=").decode()


def left_empty(*names: str) -> dict[str, str]:
    """Of these fields of the form, the empty ones, each with the code of its problem."""
    return {name: "required" for name in names if not request.form.get(name, "").strip()}


def refuse_nul() -> None:
    """No form with a NUL in it gets further: PostgreSQL cannot even be asked about one.

    Raises `BadFields`.
    """
    if any("\0" in name + value for name, value in request.form.items(multi=True)):
        raise BadFields(FieldProblem("form", "invalid", "It holds a NUL."))


def guard(answer: Response) -> Response:
    """What no page may lack."""
    answer.headers["Content-Security-Policy"] = _CSP
    answer.headers["Referrer-Policy"] = "same-origin"
    answer.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    return answer


def _same_page(language: str) -> str:
    """This page in another language; a form that was sent has no address of its own."""
    if request.method != "GET":
        return f"{HOME}/?lang={language}"
    try:
        values = {**request.args.to_dict(), **(request.view_args or {}), "lang": language}
        values.pop("done", None)
        return url_for(request.endpoint or "", **values)
    except HTTPException:
        return f"{HOME}/?lang={language}"


# In the order of the page: the word, the endpoint, and who sees it.
_NAVIGATION: tuple[tuple[str, str, Permission | None], ...] = (
    ("nav.attention", "attention.show", Permission.MESSAGES_READ),
    ("nav.messages", "messages.search", Permission.MESSAGES_READ),
    ("nav.templates", "templates.situations", Permission.TEMPLATES_READ),
    ("nav.offices", "offices.list_offices", Permission.OFFICES_WRITE),
    ("nav.users", "users.list_users", Permission.USERS_WRITE),
    ("nav.audit", "audit.show", Permission.AUDIT_READ),
    ("nav.account", "account.show", None),
)


# Pages that stand beside their entry's address, not below it.
_ALSO = {"nav.messages": f"{HOME}/cases/"}


def _links(staff: Staff, waiting: int) -> tuple[Link, ...]:
    number = f"{_MOST_COUNTED - 1}+" if waiting == _MOST_COUNTED else str(waiting or "")
    links = []
    for word, endpoint, permission in _NAVIGATION:
        if permission is None or staff.has(permission):
            href = url_for(f"admin.{endpoint}")
            below = (f"{href}/", _ALSO.get(word, f"{href}/"))
            current = f"{request.path}/".startswith(below)
            links.append(Link(word, href, current, number if word == "nav.attention" else ""))
    return tuple(links)
