"""Liveness, readiness and metrics, for operators' machines."""

import json
from http import HTTPStatus

from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST

from notifier.services import health, metrics
from notifier.services.wiring import Wiring


def blueprint(wiring: Wiring) -> Blueprint:
    """The routes of operations."""
    routes = Blueprint("operations", __name__)

    @routes.get("/healthz")
    def healthz() -> Response:
        return Response('{"status": "ok"}', content_type="application/json")

    @routes.get("/readyz")
    def readyz() -> Response:
        told = health.readiness(wiring=wiring)
        parts = {
            "status": "ready" if told.ready else "degraded",
            "database": told.database,
            "redis": told.redis,
            "workers": told.workers,
            "restart_needed": told.restart_needed,
        }
        status = HTTPStatus.OK if told.ready else HTTPStatus.SERVICE_UNAVAILABLE
        return Response(json.dumps(parts), status, content_type="application/json")

    @routes.get("/metrics")
    def exposition() -> Response:
        return Response(metrics.exposition(wiring=wiring), content_type=CONTENT_TYPE_LATEST)

    return routes
