"""The contract of templates."""

from apispec import APISpec

from notifier.api import template_schemas as schemas
from notifier.api.openapi_parts import answer, operation, path, problems
from notifier.api.people_schemas import OwnTrialSchema

_READS, _WRITES, _APPROVES = "templates:read", "templates:write", "templates:approve"
_ONE = "/v1/templates/{office}/{event_type}/{channel}/{language}"
_VERSION = f"{_ONE}/versions/{{number}}"


def describe(spec: APISpec) -> None:
    """Add the paths."""
    _reading(spec)
    _preview(spec)
    _trial(spec)
    _writing(spec)
    _deciding(spec)


def _reading(spec: APISpec) -> None:
    path(
        spec,
        "/v1/templates",
        get=operation(
            "listSituations",
            "What an office sends in each situation, and whose words they are",
            scope=_READS,
            query=schemas.OfficeQuerySchema,
            responses={
                "200": answer("Every situation", schemas.SituationListSchema),
                **problems(401, 403, 404, 422, 503),
            },
        ),
    )
    path(
        spec,
        "/v1/templates/waiting",
        get=operation(
            "listWaitingWords",
            "What waits for whoever asks: to be approved, to be published, to be changed",
            scope=_READS,
            responses={
                "200": answer("What waits", schemas.WordsWaitingSchema),
                **problems(401, 403, 503),
            },
        ),
    )
    for at, name, summary, shown, query in (
        (_ONE, "showTemplate", "The words sent now, and the office's own versions",
         schemas.TemplateSchema, None),
        (_VERSION, "showVersion", "One version with what was done with it",
         schemas.VersionSchema, None),
        (f"{_ONE}/diff", "diffVersions", "Two versions as one text, word by word",
         schemas.DiffSchema, schemas.DiffQuerySchema),
    ):  # fmt: skip
        path(
            spec,
            at,
            get=operation(
                name,
                summary,
                scope=_READS,
                query=query,
                responses={"200": answer("Found", shown), **problems(401, 403, 404, 422, 503)},
            ),
        )


def _preview(spec: APISpec) -> None:
    path(
        spec,
        f"{_ONE}/preview",
        post=operation(
            "previewWords",
            "A text as it would be sent: counted, priced, and what to mind; keeps nothing",
            scope=_READS,
            body=schemas.TextSchema,
            responses={
                "200": answer("The preview", schemas.PreviewSchema),
                **problems(400, 401, 403, 404, 413, 415, 422, 503),
            },
        ),
    )


def _trial(spec: APISpec) -> None:
    trial = answer("What became of it", OwnTrialSchema)
    for at, name, summary, body in (
        (f"{_ONE}/send-test", "tryWords", "Words as a test to one's own phone; keeps nothing",
         schemas.TextSchema),
        (f"{_VERSION}/send-test", "tryVersion", "A version as a test to one's own phone", None),
    ):  # fmt: skip
        of_body = (400, 413, 415) if body else ()
        path(
            spec,
            at,
            post=operation(
                name,
                summary,
                scope=_READS,
                body=body,
                responses={"200": trial, **problems(*of_body, 401, 403, 404, 422, 429, 503)},
            ),
        )


def _writing(spec: APISpec) -> None:
    path(
        spec,
        f"{_ONE}/versions",
        post=operation(
            "writeVersion",
            "Keep words as a new draft of the office's own; `after` guards against another's edit",
            scope=_WRITES,
            body=schemas.NewVersionSchema,
            responses={
                "201": answer("The draft", schemas.VersionSchema),
                **problems(400, 401, 403, 404, 409, 413, 415, 422, 503),
            },
        ),
    )
    _step(spec, "submit", "Hand a draft to whoever approves", _WRITES, schemas.SubmitSchema)


def _deciding(spec: APISpec) -> None:
    _step(spec, "send-back", "Give it back with a remark", _APPROVES, schemas.SendBackSchema)
    _step(spec, "approve", "Let another person's words pass", _APPROVES, None)
    _step(spec, "publish", "Send approved words from the next event on", _APPROVES, None)
    path(
        spec,
        f"{_ONE}/roll-back",
        post=operation(
            "rollBack",
            "Send words that were published before, as a new version",
            scope=_APPROVES,
            body=schemas.RollBackSchema,
            responses={
                "201": answer("The new version", schemas.VersionSchema),
                **problems(400, 401, 403, 404, 409, 413, 415, 422, 503),
            },
        ),
    )
    path(
        spec,
        f"{_ONE}/inherit",
        post=operation(
            "inheritWords",
            "Send the inherited words again",
            scope=_APPROVES,
            body=schemas.InheritSchema,
            responses={
                "200": answer("The template", schemas.TemplateSchema),
                **problems(400, 401, 403, 404, 409, 413, 415, 422, 503),
            },
        ),
    )
    path(
        spec,
        "/v1/templates/{office}/{event_type}/{channel}/switch",
        put=operation(
            "switchSituation",
            "Let a situation send, be silent, or be as the offices above say",
            scope=_APPROVES,
            body=schemas.SwitchSchema,
            responses={
                "200": answer("What holds now", schemas.SwitchedSchema),
                **problems(400, 401, 403, 404, 409, 413, 415, 422, 503),
            },
        ),
    )


def _step(spec: APISpec, verb: str, summary: str, scope: str, body: type | None) -> None:
    codes = (401, 403, 404, 409, 422, 503) if body is None else (
        400, 401, 403, 404, 409, 413, 415, 422, 503,
    )  # fmt: skip
    path(
        spec,
        f"{_VERSION}/{verb}",
        post=operation(
            f"{verb.replace('-', '_')}Version",
            summary,
            scope=scope,
            body=body,
            responses={"200": answer("The version", schemas.VersionSchema), **problems(*codes)},
        ),
    )
