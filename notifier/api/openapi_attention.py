"""The contract of what needs a person."""

from apispec import APISpec

from notifier.api import attention_schemas as schemas
from notifier.api.openapi_parts import answer, operation, path, problems
from notifier.services.handling import MOST


def describe(spec: APISpec) -> None:
    """The list, and handling several messages at once."""
    path(
        spec,
        "/v1/attention",
        get=operation(
            "listAttention",
            "Messages that are held, doubtful or did not reach their citizen, counted and listed",
            scope="messages:read",
            query=schemas.AttentionQuerySchema,
            responses={
                "200": answer("What needs a person", schemas.AttentionSchema),
                **problems(401, 403, 404, 422, 503),
            },
        ),
    )
    path(
        spec,
        "/v1/messages/handle",
        post=operation(
            "handleMessages",
            f"Handle up to {MOST} messages as they were seen; one that moved on is left alone",
            scope="messages:write",
            body=schemas.HandlingSchema,
            responses={
                "200": answer("What happened, or would", schemas.HandledSchema),
                **problems(400, 401, 403, 404, 413, 415, 422, 503),
            },
        ),
    )
