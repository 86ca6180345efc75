"""The audit log, for administrators."""

from flask import Blueprint, Response, request

from notifier.api.people_schemas import EntryFilterSchema, EntryPageSchema
from notifier.api.requests import acting, answer, queried
from notifier.domain.people import Permission
from notifier.services import audit
from notifier.services.wiring import Wiring


def blueprint(wiring: Wiring) -> Blueprint:
    """The route of the log; nothing writes to it but the changes themselves."""
    routes = Blueprint("audit", __name__, url_prefix="/v1/audit")
    wanted, page = EntryFilterSchema(), EntryPageSchema()

    @routes.get("")
    def list_entries() -> Response:
        by = acting(request, Permission.AUDIT_READ, wiring)
        return answer(page.dump(audit.list_entries(by, queried(request, wanted), wiring=wiring)))

    return routes
