"""The contract of trying gateways, and of templates registered with their providers."""

from apispec import APISpec

from notifier.api import gateway_schemas
from notifier.api import registration_schemas as schemas
from notifier.api.openapi_parts import answer, operation, path, problems

_READS, _WRITES = "gateways:read", "gateways:write"
_TEMPLATES = "/v1/gateways/{name}/templates"


def describe(spec: APISpec) -> None:
    """Add the paths."""
    _tried(spec)
    _registered(spec)


def _tried(spec: APISpec) -> None:
    checked = {
        "200": answer("What the provider said", gateway_schemas.CheckSchema),
        **problems(401, 403, 404, 503),
    }
    path(
        spec,
        "/v1/gateways/{name}/check",
        post=operation(
            "checkGateway",
            "Ask the provider whether it takes our credentials, without sending",
            scope=_WRITES,
            responses=checked,
        ),
    )
    path(
        spec,
        "/v1/gateways/{name}/balance",
        get=operation(
            "showBalance",
            "What is left on the gateway's account",
            scope=_WRITES,
            responses=checked,
        ),
    )
    path(
        spec,
        "/v1/gateways/{name}/send-test",
        post=operation(
            "sendTest",
            "Hand one SMS over and tell its outcome; it becomes no message",
            scope=_WRITES,
            body=gateway_schemas.TrialSchema,
            responses={
                "200": answer("Its outcome", gateway_schemas.TestSchema),
                **problems(400, 401, 403, 404, 413, 415, 422, 503),
            },
        ),
    )


def _registered(spec: APISpec) -> None:
    several = answer("The registrations", schemas.RegistrationsSchema)
    written = {"200": several, **problems(400, 401, 403, 404, 413, 415, 422, 503)}
    path(
        spec,
        _TEMPLATES,
        get=operation(
            "listRegistrations",
            "Where templates stand with the gateway's provider",
            scope=_READS,
            query=schemas.StatusQuerySchema,
            responses={"200": several, **problems(401, 403, 404, 422, 503)},
        ),
        post=operation(
            "recordRegistrations",
            "Write registrations down, over what stood there; all of them or none",
            scope=_WRITES,
            body=schemas.GivenRegistrationsSchema,
            responses=written,
        ),
    )
    path(
        spec,
        f"{_TEMPLATES}/draft",
        post=operation(
            "draftRegistrations",
            "Write a draft for all words that an office sends and the provider lacks",
            scope=_WRITES,
            body=schemas.DraftsSchema,
            responses=written,
        ),
    )
    for verb, summary in (
        ("submit", "Say that it was handed to the provider"),
        ("approve", "Say that the provider approved it: these words go from now on"),
        ("reject", "Say that the provider refused it, or took its approval back"),
    ):
        path(
            spec,
            f"{_TEMPLATES}/{{registration_id}}/{verb}",
            post=operation(
                f"{verb}Registration",
                summary,
                scope=_WRITES,
                body=schemas.RegistrationStepSchema,
                responses={
                    "200": answer("The registration", schemas.RegistrationSchema),
                    **problems(400, 401, 403, 404, 409, 413, 415, 422, 503),
                },
            ),
        )
