"""What providers call: receipts and citizens' SMS, each at an address with a secret in it."""

import hmac

from flask import Blueprint, Response, request

from notifier.api.requests import as_webhook
from notifier.services import inbound, reports
from notifier.services.views import NotFound
from notifier.services.wiring import Wiring


def blueprint(wiring: Wiring) -> Blueprint:
    """The routes that gateways call."""
    routes = Blueprint("webhooks", __name__, url_prefix="/v1/gateways")

    def check_secret(name: str, secret: str) -> None:
        given = secret.encode()
        known = [hmac.compare_digest(given, one.encode()) for one in wiring.webhook_secrets(name)]
        if not any(known):
            raise NotFound("no such address")

    def taken(name: str) -> Response:
        """What tells the provider that we have it, so that it does not call again."""
        answer = wiring.accounts[name].gateway.capabilities.webhook_answer
        return Response(answer.body or None, answer.status, content_type="text/plain")

    @routes.route("/<name>/receipts/<secret>", methods=["GET", "POST"])
    @routes.route("/<name>/receipts/<secret>/<attempt>", methods=["GET", "POST"])
    def receipts(name: str, secret: str, attempt: str | None = None) -> Response:
        check_secret(name, secret)
        reports.take(name, as_webhook(request, wiring, attempt), wiring=wiring)
        return taken(name)

    @routes.route("/<name>/inbound/<secret>", methods=["GET", "POST"])
    def citizens_sms(name: str, secret: str) -> Response:
        check_secret(name, secret)
        inbound.keep(name, as_webhook(request, wiring), wiring=wiring)
        return taken(name)

    return routes
