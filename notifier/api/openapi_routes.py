"""The contract of routes, budgets and alerts."""

from apispec import APISpec

from notifier.api import budget_schemas
from notifier.api import route_schemas as schemas
from notifier.api.openapi_parts import answer, operation, path, problems

_READS, _WRITES = "gateways:read", "gateways:write"


def describe(spec: APISpec) -> None:
    """Add the paths."""
    route = answer("The route that holds for the office", schemas.RouteSchema)
    path(
        spec,
        "/v1/routes/{office}",
        get=operation(
            "showRoute",
            "An office's route, its own or inherited",
            scope=_READS,
            responses={"200": route, **problems(401, 403, 404, 503)},
        ),
        put=operation(
            "giveRoute",
            "Give the office, and those below it that have none, this route",
            scope=_WRITES,
            body=schemas.NewRouteSchema,
            responses={"200": route, **problems(400, 401, 403, 404, 413, 415, 422, 503)},
        ),
        delete=operation(
            "takeRouteAway",
            "Let the office have its parent's route",
            scope=_WRITES,
            responses={"200": route, **problems(401, 403, 404, 503)},
        ),
    )
    path(
        spec,
        "/v1/routes/preview",
        post=operation(
            "previewRoute",
            "Which gateway such a message would be handed to now, and why",
            scope=_READS,
            body=schemas.QuestionSchema,
            responses={
                "200": answer("The gateways in their order", schemas.WaySchema),
                **problems(400, 401, 403, 404, 413, 415, 422, 503),
            },
        ),
    )
    budget = answer("What the office may spend, and spent", budget_schemas.BudgetSchema)
    path(
        spec,
        "/v1/budgets/{office}",
        get=operation(
            "showBudget",
            "An office's budget, and what providers took of its messages",
            scope=_READS,
            responses={"200": budget, **problems(401, 403, 404, 503)},
        ),
        put=operation(
            "giveBudget",
            "Give the office this budget; messages beyond it are held",
            scope=_WRITES,
            body=budget_schemas.NewBudgetSchema,
            responses={"200": budget, **problems(400, 401, 403, 404, 413, 415, 422, 503)},
        ),
    )
    limit = answer("What the account may be given", schemas.LimitSchema)
    path(
        spec,
        "/v1/limits",
        get=operation(
            "listLimits",
            "What the gateway accounts in use may be given each second",
            scope=_READS,
            responses={
                "200": answer("The limits", schemas.LimitsSchema),
                **problems(401, 403, 503),
            },
        ),
    )
    path(
        spec,
        "/v1/limits/{name}",
        get=operation(
            "showLimit",
            "What a gateway account may be given each second, and who says so",
            scope=_READS,
            responses={"200": limit, **problems(401, 403, 404, 503)},
        ),
        put=operation(
            "giveLimit",
            "Keep the account to this, in all workers, from now on",
            scope=_WRITES,
            body=schemas.NewLimitSchema,
            responses={"200": limit, **problems(400, 401, 403, 404, 413, 415, 422, 503)},
        ),
        delete=operation(
            "takeLimitAway",
            "Let its settings say again what the account may be given",
            scope=_WRITES,
            responses={"200": limit, **problems(401, 403, 404, 503)},
        ),
    )
    path(
        spec,
        "/v1/alerts",
        get=operation(
            "listAlerts",
            "The alerts that nobody and nothing has closed, newest first",
            scope="messages:read",
            responses={
                "200": answer("The alerts", schemas.AlertsSchema),
                **problems(401, 403, 503),
            },
        ),
    )
