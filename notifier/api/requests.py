"""What every view needs of a request: who calls, and a body read within its limits."""

import json
from http import HTTPStatus
from typing import Any

from flask import Request, Response
from marshmallow import Schema, ValidationError
from werkzeug.exceptions import HTTPException

from gateways.base import WebhookRequest
from notifier.api import strict_json
from notifier.api.problems import Problem
from notifier.api.schemas import field_problems
from notifier.domain.people import Permission
from notifier.services import actors, keys, logins
from notifier.services.actors import Actor, Staff
from notifier.services.views import Caller, FieldProblem, NotAuthenticated, PasswordTemporary
from notifier.services.wiring import Wiring

MOST_BYTES = 5_000_000
WEBHOOK_MOST_BYTES = 64 * 1024
_LONGEST_KEY = 200


def authorised(request: Request, scope: str, wiring: Wiring) -> Caller:
    """Whom the key speaks for. Raises `NotAuthenticated` or `ScopeMissing`."""
    caller = keys.authenticate(bearer(request), wiring=wiring)
    keys.require(caller, scope)
    return caller


def acting(request: Request, permission: Permission, wiring: Wiring) -> Actor:
    """Who acts: a machine by its key, or a person by the token of their session.

    Raises `NotAuthenticated`, `PasswordTemporary`, or `ScopeMissing` where they may do this at no
    office at all.
    """
    token = bearer(request)
    actor: Actor = (
        person(token, wiring)
        if token.startswith(logins.TOKEN_PREFIX)
        else keys.authenticate(token, wiring=wiring)
    )
    actors.require(actor, permission)
    return actor


def person(token: str, wiring: Wiring) -> Staff:
    """Whose session it is. Raises `NotAuthenticated` or `PasswordTemporary`."""
    staff = logins.authenticate(token, wiring=wiring)
    if staff.password_is_temporary:
        raise PasswordTemporary("a password of one's own comes first")
    return staff


def bearer(request: Request) -> str:
    """The token of the Authorization header. Raises `NotAuthenticated`."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token or len(token) > _LONGEST_KEY or not token.isascii():
        raise NotAuthenticated("no bearer key")
    return token.strip()


def refuse_nul(request: Request) -> None:
    """No address with a NUL in it gets further: PostgreSQL cannot even be asked about one.

    Raises `Problem`.
    """
    if "\0" in request.path:
        raise Problem("not_found")
    named = [name for name, value in request.args.items(multi=True) if "\0" in name + value]
    if named and request.blueprint == "webhooks":
        raise Problem("bad_webhook")
    if named:
        problems = [FieldProblem(_plain(name), "invalid", "It holds a NUL.") for name in named]
        raise Problem("invalid", errors=problems)


def _plain(name: str) -> str:
    return name.replace("\0", "?")[:64]


def json_body(request: Request) -> bytes:
    """The body of a JSON request. Raises `Problem`: 415, then 413."""
    if request.mimetype != "application/json" or request.headers.get("Content-Encoding"):
        raise Problem("unsupported_media_type")
    return limited_body(request, MOST_BYTES)


def loaded(request: Request, schema: Schema) -> Any:
    """The JSON body as the schema builds it. Raises `Problem`."""
    try:
        return schema.load(strict_json.loads(json_body(request)))
    except ValidationError as error:
        raise Problem("invalid", errors=field_problems(error)) from None


def queried(request: Request, schema: Schema) -> Any:
    """The query as the schema builds it, each name given once. Raises `Problem`."""
    repeated = [name for name, values in request.args.lists() if len(values) > 1]
    if repeated:
        problems = [FieldProblem(name, "repeated", "Give this once.") for name in repeated]
        raise Problem("invalid", errors=problems)
    try:
        return schema.load(dict(request.args))
    except ValidationError as error:
        raise Problem("invalid", errors=field_problems(error)) from None


def answer(value: Any, status: HTTPStatus = HTTPStatus.OK) -> Response:
    """The value as JSON."""
    body = json.dumps(value, ensure_ascii=False)
    return Response(body, status, content_type="application/json")


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


def as_webhook(request: Request, wiring: Wiring, attempt: str | None = None) -> WebhookRequest:
    """A provider's call, with the public address it was given: never the Host header's.

    `attempt` is what the path says; else the query may.
    """
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
        attempt=attempt or request.args.get("attempt"),
    )
