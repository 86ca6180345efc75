"""Logging in and out over the API, for people's own programs; machines have keys."""

from http import HTTPStatus

from flask import Blueprint, Response, request

from notifier.api.people_schemas import (
    CodeSchema,
    CodeSentSchema,
    LoginSchema,
    NoPhoneOrOneSchema,
    OwnPasswordSchema,
    OwnPhoneSchema,
    OwnPhoneViewSchema,
    SessionSchema,
    WhoSchema,
)
from notifier.api.requests import answer, bearer, loaded, person
from notifier.services import logins, own_phones, people
from notifier.services.logins import From
from notifier.services.wiring import Wiring


def blueprint(wiring: Wiring) -> Blueprint:
    """The routes of sessions."""
    routes = Blueprint("sessions", __name__, url_prefix="/v1/session")
    login, own, opened, who = LoginSchema(), OwnPasswordSchema(), SessionSchema(), WhoSchema()

    @routes.post("")
    def log_in() -> Response:
        given = loaded(request, login)
        origin = From(request.remote_addr or "")
        made = logins.log_in(**given, origin=origin, wiring=wiring)
        return answer(opened.dump(made), HTTPStatus.CREATED)

    @routes.get("")
    def show() -> Response:
        return answer(who.dump(logins.authenticate(bearer(request), wiring=wiring)))

    @routes.delete("")
    def log_out() -> Response:
        token = bearer(request)
        logins.authenticate(token, wiring=wiring)
        logins.log_out(token, wiring=wiring)
        return Response(status=HTTPStatus.NO_CONTENT)

    @routes.post("/password")
    def change_password() -> Response:
        staff = logins.authenticate(bearer(request), wiring=wiring)
        people.change_password(staff, **loaded(request, own), wiring=wiring)
        return answer(opened.dump(logins.renew(staff, wiring=wiring)))

    _own_phone(routes, wiring)
    return routes


def _own_phone(routes: Blueprint, wiring: Wiring) -> None:
    given, coded = OwnPhoneSchema(), CodeSchema()
    whether, sent, shown = NoPhoneOrOneSchema(), CodeSentSchema(), OwnPhoneViewSchema()

    @routes.get("/phone")
    def show_phone() -> Response:
        staff = person(bearer(request), wiring)
        return answer(whether.dump({"phone": own_phones.show(staff, wiring=wiring)}))

    @routes.put("/phone")
    def give_phone() -> Response:
        staff = person(bearer(request), wiring)
        return answer(sent.dump(own_phones.give(staff, **loaded(request, given), wiring=wiring)))

    @routes.post("/phone/verify")
    def verify_phone() -> Response:
        staff = person(bearer(request), wiring)
        return answer(shown.dump(own_phones.verify(staff, **loaded(request, coded), wiring=wiring)))

    @routes.delete("/phone")
    def take_phone_back() -> Response:
        own_phones.take_back(person(bearer(request), wiring), wiring=wiring)
        return Response(status=HTTPStatus.NO_CONTENT)
