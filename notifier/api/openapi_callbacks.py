"""The contract of callbacks."""

from apispec import APISpec

from notifier.api.callback_schemas import CallbackSchema, NewCallbackSchema
from notifier.api.openapi_parts import answer, operation, path, problems


def describe(spec: APISpec) -> None:
    """Add the path."""
    told = {"200": answer("Where the source is called back now", CallbackSchema)}
    path(
        spec,
        "/v1/sources/{source}/callback",
        get=operation(
            "showCallback",
            "Where a source is told of alerts, and how that fares",
            scope="gateways:write",
            responses={**told, **problems(401, 403, 404, 503)},
        ),
        put=operation(
            "giveCallback",
            "Tell the source of alerts at this address, signed with a secret that is shown once",
            scope="gateways:write",
            body=NewCallbackSchema,
            responses={**told, **problems(400, 401, 403, 404, 413, 415, 422, 503)},
        ),
        delete=operation(
            "takeCallbackAway",
            "Call the source back no more",
            scope="gateways:write",
            responses={**told, **problems(401, 403, 404, 503)},
        ),
    )
