"""What needs a person; handling it stands with the messages."""

from typing import Any

from flask import Blueprint, Response, request

from notifier.api.attention_schemas import AttentionQuerySchema, AttentionSchema
from notifier.api.requests import acting, answer, queried
from notifier.domain.people import Permission
from notifier.services import attention
from notifier.services.wiring import Wiring


def blueprint(wiring: Wiring) -> Blueprint:
    """The route of the list."""
    routes = Blueprint("attention", __name__)
    asked, found = AttentionQuerySchema(), AttentionSchema()

    @routes.get("/v1/attention")
    def look() -> Response:
        actor = acting(request, Permission.MESSAGES_READ, wiring)
        wanted: dict[str, Any] = queried(request, asked)
        return answer(found.dump(attention.look(actor, **wanted, wiring=wiring)))

    return routes
