"""The contract of offices."""

from apispec import APISpec

from notifier.api import office_schemas as schemas
from notifier.api.openapi_parts import answer, operation, path, problems

_WRITES = "offices:write"


def describe(spec: APISpec) -> None:
    """Add the paths."""
    told = {"200": answer("The office as it is now", schemas.LiveSchema)}
    path(
        spec,
        "/v1/offices/{office}/live",
        get=operation(
            "showLive",
            "Whether citizens get the office's messages, and who gets them before",
            scope="messages:read",
            responses={**told, **problems(401, 403, 404, 503)},
        ),
        put=operation(
            "sayLive",
            "Say that the office is live, or not; null: as its parent says. Nothing held goes out",
            scope=_WRITES,
            body=schemas.SayLiveSchema,
            responses={**told, **problems(400, 401, 403, 404, 413, 415, 422, 503)},
        ),
    )
    path(
        spec,
        "/v1/offices/{office}/test-numbers",
        post=operation(
            "addTestNumber",
            "A phone that gets the messages of this office before it is live, and of those below",
            scope=_WRITES,
            body=schemas.NewNumberSchema,
            responses={**told, **problems(400, 401, 403, 404, 413, 415, 422, 503)},
        ),
    )
    path(
        spec,
        "/v1/offices/{office}/test-numbers/{id}",
        delete=operation(
            "removeTestNumber",
            "Take a test number back",
            scope=_WRITES,
            responses={**told, **problems(401, 403, 404, 503)},
        ),
    )
    _links(spec)
    _duty_phone(spec)


def _links(spec: APISpec) -> None:
    told = {"200": answer("Where its words may lead now", schemas.LinksSchema)}
    path(
        spec,
        "/v1/offices/{office}/links",
        get=operation(
            "listLinks",
            "The hosts that the office's words may lead to; those of the offices above hold too",
            scope="templates:read",
            responses={**told, **problems(401, 403, 404, 503)},
        ),
        post=operation(
            "allowLink",
            "Let the words of the office, and of those below it, lead to this host",
            scope=_WRITES,
            body=schemas.NewHostSchema,
            responses={**told, **problems(400, 401, 403, 404, 413, 415, 422, 503)},
        ),
    )
    path(
        spec,
        "/v1/offices/{office}/links/{host}",
        delete=operation(
            "takeLinkBack",
            "Let words lead there no more; messages of published words that do are held",
            scope=_WRITES,
            responses={**told, **problems(401, 403, 404, 422, 503)},
        ),
    )


def _duty_phone(spec: APISpec) -> None:
    duty = {"200": answer("Who is told of alerts that touch the office", schemas.DutyPhoneSchema)}
    path(
        spec,
        "/v1/offices/{office}/duty-phone",
        get=operation(
            "showDutyPhone",
            "The office's duty phone, its own or the nearest above it, masked",
            scope="messages:read",
            responses={**duty, **problems(401, 403, 404, 503)},
        ),
        put=operation(
            "giveDutyPhone",
            "Tell this phone by SMS of alerts that touch the office",
            scope=_WRITES,
            body=schemas.NewNumberSchema,
            responses={**duty, **problems(400, 401, 403, 404, 413, 415, 422, 503)},
        ),
        delete=operation(
            "takeDutyPhoneAway",
            "The office has no duty phone of its own any more",
            scope=_WRITES,
            responses={**duty, **problems(401, 403, 404, 503)},
        ),
    )
