"""The contract as OpenAPI 3.1, from the schemas that validate."""

import json
from functools import cache
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Blueprint, Response

from notifier.api import (
    held_schemas,
    openapi_attention,
    openapi_callbacks,
    openapi_gateways,
    openapi_offices,
    openapi_people,
    openapi_routes,
    openapi_templates,
    schemas,
)
from notifier.api.openapi_parts import answer as _answer
from notifier.api.openapi_parts import operation
from notifier.api.openapi_parts import path as _path
from notifier.api.openapi_parts import problems as _problems
from notifier.api.problems import MEDIA_TYPE, PROBLEMS
from notifier.services.releasing import MOST

_READS, _WRITES = "messages:read", "messages:write"

_EXAMPLE: dict[str, Any] = {
    "id": "3f1c",
    "type": "result_ready",
    "occurred_at": "2026-11-23T09:00:00+07:00",
    "case": {
        "code": "000.00.16.H29-261123-0001",
        "office": "lai-thieu",
        "channel": "counter",
        "due_at": "2026-11-25T17:00:00+07:00",
    },
    "recipient": {"name": "Nguyễn Văn Đạt", "phone": "0912345678", "language": "vi"},
    "data": {"noi_nhan": "Quầy 3"},
}
EXAMPLES: dict[str, Any] = {
    "one": {"summary": "One event", "value": _EXAMPLE},
    "batch": {"summary": "A batch", "value": {"events": [_EXAMPLE, {**_EXAMPLE, "id": "3f1d"}]}},
}


def blueprint() -> Blueprint:
    """The route of the contract; the document is made once, when it is first asked for."""
    routes = Blueprint("openapi", __name__)

    @cache
    def document() -> str:
        return json.dumps(build(), ensure_ascii=False)

    @routes.get("/openapi.json")
    def openapi() -> Response:
        return Response(document(), content_type="application/json")

    return routes


def build() -> dict[str, Any]:
    """The whole document."""
    spec = APISpec(
        title="Báo Tin",
        version="1",
        openapi_version="3.1.0",
        info={"description": "Tells citizens by SMS what happened to their case."},
        plugins=[MarshmallowPlugin()],
    )
    spec.components.security_scheme("key", {"type": "http", "scheme": "bearer"})
    spec.components.schema("Problem", schema=schemas.ProblemSchema)
    for code, (status, title) in PROBLEMS.items():
        spec.components.response(
            code,
            {
                "description": f"{status.value}: {title}",
                "content": {MEDIA_TYPE: {"schema": schemas.ProblemSchema}},
            },
        )
    _events(spec)
    _messages(spec)
    _by_phone(spec)
    _held(spec)
    _reveal(spec)
    _gateways(spec)
    _operations(spec)
    openapi_offices.describe(spec)
    openapi_gateways.describe(spec)
    openapi_people.describe(spec)
    openapi_routes.describe(spec)
    openapi_callbacks.describe(spec)
    openapi_attention.describe(spec)
    openapi_templates.describe(spec)
    document: dict[str, Any] = spec.to_dict()
    _tag(document)
    return document


def _tag(document: dict[str, Any]) -> None:
    """Operations stand together by the noun of their path."""
    for at, operations in document["paths"].items():
        parts = at.strip("/").split("/")
        noun = parts[1] if parts[0] == "v1" else "operations"
        for name, operation_ in operations.items():
            if name != "parameters":
                operation_["tags"] = [noun]


def _events(spec: APISpec) -> None:
    spec.components.schema("Event", schema=schemas.EventSchema)
    spec.components.schema("Batch", schema=schemas.BatchSchema)
    either = {
        "oneOf": [
            {"$ref": "#/components/schemas/Event"},
            {"$ref": "#/components/schemas/Batch"},
        ]
    }
    post = {
        "operationId": "postEvents",
        "summary": "Post one event, or a batch of up to 1,000 with a result for each",
        "security": [{"key": ["events:write"]}],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": either, "examples": EXAMPLES}},
        },
        "responses": {
            "202": _answer("Kept: what became of each event", schemas.EventResultsSchema),
            **_problems(400, 401, 403, 409, 413, 415, 422, 429, 503),
        },
    }
    spec.path("/v1/events", operations={"post": post})


def _messages(spec: APISpec) -> None:
    message, page = schemas.MessageSchema, schemas.MessagePageSchema
    spec.path(
        "/v1/messages",
        operations={
            "get": {
                "operationId": "listMessages",
                "summary": "What became of messages, newest first",
                "security": [{"key": [_READS]}],
                "parameters": [{"in": "query", "schema": schemas.FilterSchema}],
                "responses": {
                    "200": _answer("A page of messages", page),
                    **_problems(401, 403, 422, 503),
                },
            }
        },
    )
    named = [{"in": "path", "name": "id", "required": True, "schema": {"type": "string"}}]
    spec.path(
        "/v1/messages/{id}",
        parameters=named,
        operations={
            "get": {
                "operationId": "showMessage",
                "summary": "One message with its attempts and receipts",
                "security": [{"key": [_READS]}],
                "responses": {
                    "200": _answer("The message", message),
                    **_problems(401, 403, 404, 503),
                },
            }
        },
    )
    body = {
        "required": True,
        "content": {"application/json": {"schema": schemas.CorrectionSchema}},
    }
    other = {"content": {"application/json": {"schema": schemas.OtherPhoneSchema}}}
    for verb, summary, status, extra in (
        (
            "resend",
            "Send the same words again, as a new message; to another phone where one is given",
            "201",
            {"requestBody": other},
        ),
        ("cancel", "Do not send it", "200", {}),
        (
            "told",
            "Note that the citizen was told some other way; a held one is cancelled",
            "200",
            {},
        ),
        ("release", "Let a held message go, past the caps", "200", {}),
        ("correct", "Mend a held message and queue it", "200", {"requestBody": body}),
    ):
        codes = (
            (400, 401, 403, 404, 409, 413, 415, 422, 503) if extra else (401, 403, 404, 409, 503)
        )
        spec.path(
            f"/v1/messages/{{id}}/{verb}",
            parameters=named,
            operations={
                "post": {
                    "operationId": f"{verb}Message",
                    "summary": summary,
                    "security": [{"key": [_WRITES]}],
                    **extra,
                    "responses": {status: _answer("The message", message), **_problems(*codes)},
                }
            },
        )


def _by_phone(spec: APISpec) -> None:
    _path(
        spec,
        "/v1/messages/search",
        post=operation(
            "searchMessages",
            "As the list, also by phone, which stays out of addresses and their logs",
            scope=_READS,
            body=schemas.SearchSchema,
            responses={
                "200": _answer("A page of messages", schemas.MessagePageSchema),
                **_problems(400, 401, 403, 413, 415, 422, 503),
            },
        ),
    )


def _held(spec: APISpec) -> None:
    for verb, summary, schema in (
        ("release", "Let go all that an office holds for a reason", held_schemas.ReleaseAllSchema),
        ("cancel", "Cancel all that an office holds for a reason", held_schemas.CancelAllSchema),
    ):
        _path(
            spec,
            f"/v1/messages/{verb}",
            post=operation(
                f"{verb}Held",
                f"{summary}; it and those below it, at most {MOST:,} at once",
                scope=_WRITES,
                body=schema,
                responses={
                    "200": _answer("How many", held_schemas.BatchOfHeldSchema),
                    **_problems(400, 401, 403, 404, 413, 415, 422, 503),
                },
            ),
        )


def _reveal(spec: APISpec) -> None:
    _path(
        spec,
        "/v1/messages/{id}/reveal",
        post=operation(
            "revealPhone",
            "The phone in full; the audit log says who saw it",
            scope="phones:reveal",
            responses={
                "200": _answer("The phone", schemas.PhoneSchema),
                **_problems(401, 403, 404, 409, 503),
            },
        ),
    )


def _gateways(spec: APISpec) -> None:
    spec.path(
        "/v1/gateways",
        operations={
            "get": {
                "operationId": "listGateways",
                "summary": "The gateways in use, in the order in which they are tried",
                "security": [{"key": ["gateways:read"]}],
                "responses": {
                    "200": _answer("The gateways", schemas.GatewaysSchema),
                    **_problems(401, 403, 503),
                },
            }
        },
    )
    for verb, summary in (
        ("pause", "Use the gateway no more until it is resumed"),
        ("resume", "Use the gateway again, after a pause by a person or a fault of its account"),
    ):
        spec.path(
            f"/v1/gateways/{{name}}/{verb}",
            parameters=[
                {"in": "path", "name": "name", "required": True, "schema": {"type": "string"}}
            ],
            operations={
                "post": {
                    "operationId": f"{verb}Gateway",
                    "summary": summary,
                    "security": [{"key": ["gateways:write"]}],
                    "responses": {
                        "200": _answer("The gateway", schemas.GatewaySchema),
                        **_problems(401, 403, 404, 503),
                    },
                }
            },
        )


def _operations(spec: APISpec) -> None:
    for kind, operation_id, named in (
        ("receipts", "receipts", ("name", "secret")),
        ("receipts", "receipts_of_attempt", ("name", "secret", "attempt")),
        ("inbound", "inbound", ("name", "secret")),
    ):
        operation = {
            "summary": f"Called by a provider: {kind}",
            "responses": {
                "200": {"description": "Kept; the words are those that the provider waits for"},
                "204": {"description": "Kept"},
                **_problems(400, 401, 404, 413, 503),
            },
        }
        behind = "/".join(f"{{{name}}}" for name in named[1:])
        spec.path(
            f"/v1/gateways/{{name}}/{kind}/{behind}",
            parameters=[
                {"in": "path", "name": name, "required": True, "schema": {"type": "string"}}
                for name in named
            ],
            operations={
                "get": {**operation, "operationId": f"get_{operation_id}"},
                "post": {**operation, "operationId": f"post_{operation_id}"},
            },
        )
    for path, summary, others in (
        ("/healthz", "Whether the process lives", {}),
        ("/readyz", "Whether its parts answer", {"503": {"description": "A part is away"}}),
        ("/metrics", "Figures for Prometheus", {}),
    ):
        get = {"summary": summary, "responses": {"200": {"description": "Yes"}, **others}}
        spec.path(path, operations={"get": {**get, "operationId": path.strip("/")}})
