"""The gateways in use, for operators: which there are, out of use and back, and tried."""

from flask import Blueprint, Response, request

from notifier.api.gateway_schemas import CheckSchema, TestSchema, TrialSchema
from notifier.api.requests import acting, answer, loaded
from notifier.api.schemas import GatewaySchema, GatewaysSchema
from notifier.domain.people import Permission
from notifier.services import gateway_checks, pauses, restarts
from notifier.services.wiring import Wiring


def blueprint(wiring: Wiring) -> Blueprint:
    """The routes of gateways."""
    routes = Blueprint("gateways", __name__, url_prefix="/v1/gateways")
    one, several = GatewaySchema(), GatewaysSchema()
    checked, trial, tested = CheckSchema(), TrialSchema(), TestSchema()

    @routes.get("")
    def list_gateways() -> Response:
        acting(request, Permission.GATEWAYS_READ, wiring)
        listed = pauses.list_gateways(wiring=wiring)
        outdated = restarts.outdated(wiring=wiring)
        return answer(several.dump({"gateways": listed, "outdated": outdated}))

    @routes.post("/<name>/pause")
    def pause(name: str) -> Response:
        by = acting(request, Permission.GATEWAYS_WRITE, wiring)
        return answer(one.dump(pauses.pause(name, by=by, wiring=wiring)))

    @routes.post("/<name>/resume")
    def resume(name: str) -> Response:
        by = acting(request, Permission.GATEWAYS_WRITE, wiring)
        return answer(one.dump(pauses.resume(name, by=by, wiring=wiring)))

    @routes.post("/<name>/check")
    def check(name: str) -> Response:
        by = acting(request, Permission.GATEWAYS_WRITE, wiring)
        return answer(checked.dump(gateway_checks.check(name, by=by, wiring=wiring)))

    @routes.get("/<name>/balance")
    def balance(name: str) -> Response:
        by = acting(request, Permission.GATEWAYS_WRITE, wiring)
        return answer(checked.dump(gateway_checks.balance(name, by=by, wiring=wiring)))

    @routes.post("/<name>/send-test")
    def send_test(name: str) -> Response:
        by = acting(request, Permission.GATEWAYS_WRITE, wiring)
        told = loaded(request, trial)
        view = gateway_checks.send_test(name, **told, by=by, wiring=wiring)
        return answer(tested.dump(view))

    return routes
