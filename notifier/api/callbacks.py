"""Where sources are called back."""

from flask import Blueprint, Response, request

from notifier.api.callback_schemas import CallbackSchema, NewCallbackSchema
from notifier.api.requests import acting, answer, loaded
from notifier.domain.people import Permission
from notifier.services import callbacks
from notifier.services.wiring import Wiring


def blueprint(wiring: Wiring) -> Blueprint:
    """The routes of callbacks."""
    routes = Blueprint("callbacks", __name__, url_prefix="/v1/sources")
    shown, new = CallbackSchema(), NewCallbackSchema()

    @routes.get("/<source>/callback")
    def show(source: str) -> Response:
        by = acting(request, Permission.GATEWAYS_WRITE, wiring)
        return answer(shown.dump(callbacks.show(source, by=by, wiring=wiring)))

    @routes.put("/<source>/callback")
    def give(source: str) -> Response:
        by = acting(request, Permission.GATEWAYS_WRITE, wiring)
        given = loaded(request, new)
        return answer(shown.dump(callbacks.give(source, **given, by=by, wiring=wiring)))

    @routes.delete("/<source>/callback")
    def take_away(source: str) -> Response:
        by = acting(request, Permission.GATEWAYS_WRITE, wiring)
        return answer(shown.dump(callbacks.take_away(source, by=by, wiring=wiring)))

    return routes
