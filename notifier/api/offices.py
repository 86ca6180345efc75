"""Offices: whether they are live, who gets their messages before, links, duty phones."""

from flask import Blueprint, Response, request

from notifier.api.office_schemas import (
    DutyPhoneSchema,
    LinksSchema,
    LiveSchema,
    NewHostSchema,
    NewNumberSchema,
    SayLiveSchema,
)
from notifier.api.requests import acting, answer, loaded
from notifier.domain.people import Permission
from notifier.services import duty_phones, going_live, links
from notifier.services.wiring import Wiring


def blueprint(wiring: Wiring) -> Blueprint:
    """The routes of offices."""
    routes = Blueprint("offices", __name__, url_prefix="/v1/offices")
    shown, said, number = LiveSchema(), SayLiveSchema(), NewNumberSchema()

    @routes.get("/<office>/live")
    def show_live(office: str) -> Response:
        by = acting(request, Permission.MESSAGES_READ, wiring)
        return answer(shown.dump(going_live.show(office, by=by, wiring=wiring)))

    @routes.put("/<office>/live")
    def say_live(office: str) -> Response:
        by = acting(request, Permission.OFFICES_WRITE, wiring)
        live = loaded(request, said)["live"]
        done = going_live.say_live(office, live, by=by, wiring=wiring)
        return answer(shown.dump(done.office))

    @routes.post("/<office>/test-numbers")
    def add_number(office: str) -> Response:
        by = acting(request, Permission.OFFICES_WRITE, wiring)
        phone = loaded(request, number)["phone"]
        done = going_live.add_number(office, phone, by=by, wiring=wiring)
        return answer(shown.dump(done.office))

    @routes.delete("/<office>/test-numbers/<number_id>")
    def remove_number(office: str, number_id: str) -> Response:
        by = acting(request, Permission.OFFICES_WRITE, wiring)
        done = going_live.remove_number(office, number_id=number_id, by=by, wiring=wiring)
        return answer(shown.dump(done.office))

    _links(routes, wiring)
    _duty_phone(routes, wiring)
    return routes


def _links(routes: Blueprint, wiring: Wiring) -> None:
    shown, new = LinksSchema(), NewHostSchema()

    @routes.get("/<office>/links")
    def show_links(office: str) -> Response:
        actor = acting(request, Permission.TEMPLATES_READ, wiring)
        return answer(shown.dump(links.show(actor, office, wiring=wiring)))

    @routes.post("/<office>/links")
    def allow_link(office: str) -> Response:
        actor = acting(request, Permission.OFFICES_WRITE, wiring)
        host = loaded(request, new)["host"]
        return answer(shown.dump(links.allow(actor, office, host, wiring=wiring)))

    @routes.delete("/<office>/links/<host>")
    def take_link_back(office: str, host: str) -> Response:
        actor = acting(request, Permission.OFFICES_WRITE, wiring)
        return answer(shown.dump(links.take_back(actor, office, host, wiring=wiring)))


def _duty_phone(routes: Blueprint, wiring: Wiring) -> None:
    duty, number = DutyPhoneSchema(), NewNumberSchema()

    @routes.get("/<office>/duty-phone")
    def show_duty_phone(office: str) -> Response:
        by = acting(request, Permission.MESSAGES_READ, wiring)
        return answer(duty.dump(duty_phones.show(office, by=by, wiring=wiring)))

    @routes.put("/<office>/duty-phone")
    def give_duty_phone(office: str) -> Response:
        by = acting(request, Permission.OFFICES_WRITE, wiring)
        phone = loaded(request, number)["phone"]
        return answer(duty.dump(duty_phones.give(office, phone, by=by, wiring=wiring)))

    @routes.delete("/<office>/duty-phone")
    def take_duty_phone_away(office: str) -> Response:
        by = acting(request, Permission.OFFICES_WRITE, wiring)
        return answer(duty.dump(duty_phones.take_away(office, by=by, wiring=wiring)))
