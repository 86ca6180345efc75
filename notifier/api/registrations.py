"""Templates registered with providers, for operators."""

from flask import Blueprint, Response, request

from notifier.api import registration_schemas as schemas
from notifier.api.requests import acting, answer, loaded, queried
from notifier.domain.people import Permission
from notifier.domain.registrations import RegistrationStatus
from notifier.services import registrations
from notifier.services.wiring import Wiring

STEPS = {
    "submit": RegistrationStatus.SUBMITTED,
    "approve": RegistrationStatus.APPROVED,
    "reject": RegistrationStatus.REJECTED,
}


def blueprint(wiring: Wiring) -> Blueprint:
    """The routes of registered templates."""
    routes = Blueprint("registrations", __name__, url_prefix="/v1/gateways/<name>/templates")
    one, several = schemas.RegistrationSchema(), schemas.RegistrationsSchema()
    query, given = schemas.StatusQuerySchema(), schemas.GivenRegistrationsSchema()
    office, told = schemas.DraftsSchema(), schemas.RegistrationStepSchema()

    @routes.get("")
    def list_registrations(name: str) -> Response:
        acting(request, Permission.GATEWAYS_READ, wiring)
        status = queried(request, query)["status"]
        views = registrations.list_registrations(name, status, wiring=wiring)
        return answer(several.dump({"templates": views}))

    @routes.post("")
    def record(name: str) -> Response:
        by = acting(request, Permission.GATEWAYS_WRITE, wiring)
        entries = loaded(request, given)["templates"]
        views = registrations.record(name, entries, by=by, wiring=wiring)
        return answer(several.dump({"templates": views}))

    @routes.post("/draft")
    def draft(name: str) -> Response:
        by = acting(request, Permission.GATEWAYS_WRITE, wiring)
        whose = loaded(request, office)["office"]
        views = registrations.draft(name, whose, by=by, wiring=wiring)
        return answer(several.dump({"templates": views}))

    def take(name: str, registration_id: str, to: RegistrationStatus) -> Response:
        by = acting(request, Permission.GATEWAYS_WRITE, wiring)
        view = registrations.step(
            registration_id, to, gateway=name, **loaded(request, told), by=by, wiring=wiring
        )
        return answer(one.dump(view))

    for verb, status in STEPS.items():
        routes.post(f"/<registration_id>/{verb}", endpoint=verb, defaults={"to": status})(take)
    return routes
