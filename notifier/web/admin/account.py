"""One's own account: roles to see, the password, the second factor."""

from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

import segno
from flask import Blueprint, Response, request
from markupsafe import Markup

from notifier.domain.events import Language
from notifier.domain.states import Outcome
from notifier.services import logins, office_tree, own_phones, second_factor
from notifier.services.actors import Staff
from notifier.services.own_phones import OwnPhoneView
from notifier.services.staff_texts import TooManyTexts
from notifier.services.views import BadFields, TooManyTries
from notifier.services.wiring import Wiring
from notifier.web.admin import trials
from notifier.web.admin.doors import Doors
from notifier.web.admin.trials import Said

_GROUP = 4  # letters of the key that stand together


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an authenticator app is told: as a picture, and as a key to type."""

    picture: Markup = field(repr=False)
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class AccountPage:
    staff: Staff
    names: dict[str, str]
    enrolment: Enrolment | None
    problem: str | None
    phone: OwnPhoneView | None
    given: str = field(repr=False)  # the number that was not taken
    said: Said | None  # what became of a code


def blueprint(doors: Doors, wiring: Wiring) -> Blueprint:
    """The page and the forms of the second factor; the password's is in `entering`."""
    routes = Blueprint("account", __name__, url_prefix="/account")

    def page(
        staff: Staff,
        problem: str | None = None,
        *,
        given: str = "",
        said: Said | None = None,
        status: int = 422,
    ) -> Response:
        address = second_factor.pending(staff, wiring=wiring)
        shown = AccountPage(
            staff=staff,
            names=dict(office_tree.names(wiring=wiring)),
            enrolment=_enrolment(address) if address else None,
            problem=problem,
            phone=own_phones.show(staff, wiring=wiring),
            given=given,
            said=said,
        )
        return doors.page("account.html", status if problem or said else 200, page=shown)

    @routes.get("")
    def show() -> Response:
        return page(doors.staff())

    @routes.post("/second-factor/begin")
    def begin() -> Response:
        staff = doors.staff()
        try:
            second_factor.begin(staff, wiring=wiring)
        except BadFields as bad:
            return page(staff, bad.problems[0].code)
        return doors.go("account.show")

    @routes.post("/second-factor/confirm")
    def confirm() -> Response:
        staff = doors.staff()
        try:
            second_factor.confirm(staff, request.form.get("code", ""), wiring=wiring)
        except BadFields as bad:
            return page(staff, bad.problems[0].code)
        except TooManyTries:
            return page(staff, "too_many_tries", status=429)
        answer = doors.go("account.show", done="factor_on")
        return doors.let_in(logins.renew(staff, wiring=wiring), answer)

    @routes.post("/second-factor/turn-off")
    def turn_off() -> Response:
        staff = doors.staff()
        try:
            second_factor.turn_off(staff, request.form.get("password", ""), wiring=wiring)
        except BadFields as bad:
            return page(staff, bad.problems[0].code)
        except TooManyTries:
            return page(staff, "too_many_tries", status=429)
        answer = doors.go("account.show", done="factor_off")
        return doors.let_in(logins.renew(staff, wiring=wiring), answer)

    @routes.post("/phone")
    def give_phone() -> Response:
        staff, number = doors.staff(), request.form.get("phone", "")
        try:
            sent = own_phones.give(staff, number, Language(doors.language()), wiring=wiring)
        except BadFields as bad:
            return page(staff, bad.problems[0].code, given=number)
        except TooManyTexts as bounded:
            return page(staff, given=number, said=trials.too_many(bounded), status=429)
        if sent.told.outcome is not Outcome.ACCEPTED:
            return page(staff, said=trials.of(sent.told), status=200)
        return doors.go("account.show", done="code_sent")

    @routes.post("/phone/verify")
    def verify_phone() -> Response:
        staff = doors.staff()
        try:
            own_phones.verify(staff, request.form.get("code", ""), wiring=wiring)
        except BadFields as bad:
            return page(staff, bad.problems[0].code)
        return doors.go("account.show", done="phone_verified")

    @routes.post("/phone/take-back")
    def take_phone_back() -> Response:
        own_phones.take_back(doors.staff(), wiring=wiring)
        return doors.go("account.show", done="phone_gone")

    return routes


def _enrolment(address: str) -> Enrolment:
    picture = segno.make(address, micro=False).svg_inline(scale=4, border=3, light="#fff")
    secret = parse_qs(urlsplit(address).query)["secret"][0]
    key = " ".join(secret[at : at + _GROUP] for at in range(0, len(secret), _GROUP))
    return Enrolment(Markup(picture), key)  # noqa: S704 - drawn here, of squares
