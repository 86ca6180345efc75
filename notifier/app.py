"""The Flask application factory."""

import re
import time

import structlog
from flask import Flask, Response, g, request
from werkzeug.middleware.proxy_fix import ProxyFix

from config.settings import Settings
from notifier.api import (
    attention,
    audit,
    callbacks,
    events,
    gateways,
    messages,
    offices,
    openapi,
    operations,
    problems,
    registrations,
    routes,
    sessions,
    templates,
    users,
    webhooks,
)
from notifier.api.requests import refuse_nul
from notifier.services.wiring import Wiring, wire
from notifier.web import admin, contract

log = structlog.get_logger(__name__)

_SANE_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")


def create_app(settings: Settings, wiring: Wiring | None = None) -> Flask:
    """The API over what is wired; wires itself from the settings if nothing is given."""
    wiring = wiring or wire(settings)
    app = Flask("baotin", static_folder=None)
    app.url_map.strict_slashes = False
    problems.register(app)
    for blueprint in (
        events.blueprint(wiring),
        messages.blueprint(wiring),
        attention.blueprint(wiring),
        gateways.blueprint(wiring),
        offices.blueprint(wiring),
        routes.blueprint(wiring),
        callbacks.blueprint(wiring),
        registrations.blueprint(wiring),
        webhooks.blueprint(wiring),
        sessions.blueprint(wiring),
        users.blueprint(wiring),
        audit.blueprint(wiring),
        templates.blueprint(wiring),
        operations.blueprint(wiring),
        openapi.blueprint(),
        contract.blueprint(),
        admin.blueprint(wiring),
    ):
        app.register_blueprint(blueprint)
    _log_requests(app, wiring)
    app.before_request(lambda: refuse_nul(request))
    if hops := settings.trusted_proxies:
        proxied = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0, x_prefix=0)
        app.wsgi_app = proxied  # type: ignore[method-assign]  # Flask's documented hook
    return app


def _log_requests(app: Flask, wiring: Wiring) -> None:
    """One line a request, bound to its id; the rule, never the path with its secret."""

    @app.before_request
    def begin() -> None:
        given = request.headers.get("X-Request-Id", "")
        g.request_id = given if _SANE_ID.fullmatch(given) else wiring.ids.new("req")
        g.began = time.perf_counter()
        structlog.contextvars.bind_contextvars(request=g.request_id)

    @app.after_request
    def end(response: Response) -> Response:
        rule = request.url_rule.rule if request.url_rule else "none"
        ms = round((time.perf_counter() - g.began) * 1000, 1)
        log.info("request", method=request.method, rule=rule, status=response.status_code, ms=ms)
        response.headers["X-Request-Id"] = g.request_id
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers.setdefault("Cache-Control", "no-store")  # what a page's file says stays
        structlog.contextvars.unbind_contextvars("request")
        return response
