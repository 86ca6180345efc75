"""What every view needs of a request: who calls, and a body read within its limits."""

from http import HTTPStatus

from flask import Request
from werkzeug.exceptions import HTTPException

from gateways.base import WebhookRequest
from notifier.api.problems import Problem
from notifier.services import keys
from notifier.services.views import Caller, NotAuthenticated
from notifier.services.wiring import Wiring

MOST_BYTES = 5_000_000
WEBHOOK_MOST_BYTES = 64 * 1024
_LONGEST_KEY = 200


def authorised(request: Request, scope: str, wiring: Wiring) -> Caller:
    """Whom the key speaks for. Raises `NotAuthenticated` or `ScopeMissing`."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token or len(token) > _LONGEST_KEY or not token.isascii():
        raise NotAuthenticated("no bearer key")
    caller = keys.authenticate(token.strip(), wiring=wiring)
    keys.require(caller, scope)
    return caller


def json_body(request: Request) -> bytes:
    """The body of a JSON request. Raises `Problem`: 415, then 413."""
    if request.mimetype != "application/json" or request.headers.get("Content-Encoding"):
        raise Problem("unsupported_media_type")
    return limited_body(request, MOST_BYTES)


def limited_body(request: Request, most: int) -> bytes:
    """The body, of at most `most` bytes, also where the caller does not say how many come."""
    if request.content_length is not None and request.content_length > most:
        raise Problem("too_large", headers={"Connection": "close"})
    try:
        body = request.stream.read(most + 1)
    except HTTPException as problem:
        if problem.code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            raise Problem("too_large", headers={"Connection": "close"}) from None
        raise
    if len(body) > most:
        raise Problem("too_large", headers={"Connection": "close"})
    return body


def as_webhook(request: Request, wiring: Wiring) -> WebhookRequest:
    """A provider's call, with the public address it was given: never the Host header's."""
    query = request.query_string.decode("latin-1")
    raw_path = request.environ.get("RAW_URI", request.path).partition("?")[0]
    path = raw_path if raw_path.startswith("/") else request.path
    url = wiring.settings.provider_facing_url + path + (f"?{query}" if query else "")
    return WebhookRequest(
        method=request.method,
        url=url,
        headers=dict(request.headers),
        query=list(request.args.items(multi=True)),
        body=limited_body(request, WEBHOOK_MOST_BYTES),
    )
