"""The contract of logins, accounts and the audit log."""

from apispec import APISpec

from notifier.api import people_schemas as schemas
from notifier.api.openapi_parts import answer, operation, path, problems

_USERS = "users:write"


def describe(spec: APISpec) -> None:
    """Add the paths."""
    _sessions(spec)
    _own_phone(spec)
    _users(spec)
    path(
        spec,
        "/v1/audit",
        get=operation(
            "listAudit",
            "Who changed what, newest first",
            scope="audit:read",
            query=schemas.EntryFilterSchema,
            responses={
                "200": answer("A page of entries", schemas.EntryPageSchema),
                **problems(401, 403, 422, 503),
            },
        ),
    )


def _sessions(spec: APISpec) -> None:
    session = answer("The session, its token shown this once", schemas.SessionSchema)
    path(
        spec,
        "/v1/session",
        post=operation(
            "logIn",
            "Open a session with a password, and a code where the account has a second factor",
            scope=None,
            body=schemas.LoginSchema,
            responses={"201": session, **problems(400, 401, 413, 415, 422, 429, 503)},
        ),
        get=operation(
            "showSession",
            "Who is logged in",
            scope="",
            responses={"200": answer("The person", schemas.WhoSchema), **problems(401, 503)},
        ),
        delete=operation(
            "logOut",
            "End the session",
            scope="",
            responses={"204": {"description": "Ended"}, **problems(401, 503)},
        ),
    )
    path(
        spec,
        "/v1/session/password",
        post=operation(
            "changePassword",
            "Choose a password of one's own; every other session ends",
            scope="",
            body=schemas.OwnPasswordSchema,
            responses={"200": session, **problems(400, 401, 413, 415, 422, 503)},
        ),
    )


def _own_phone(spec: APISpec) -> None:
    path(
        spec,
        "/v1/session/phone",
        get=operation(
            "showOwnPhone",
            "One's own phone, where words are tried",
            scope="",
            responses={
                "200": answer("The phone, if there is one", schemas.NoPhoneOrOneSchema),
                **problems(401, 403, 503),
            },
        ),
        put=operation(
            "giveOwnPhone",
            "Give one's own mobile number; a code goes there by SMS",
            scope="",
            body=schemas.OwnPhoneSchema,
            responses={
                "200": answer("What became of the code", schemas.CodeSentSchema),
                **problems(400, 401, 403, 404, 413, 415, 422, 429, 503),
            },
        ),
        delete=operation(
            "takeOwnPhoneBack",
            "Forget one's own phone",
            scope="",
            responses={"204": {"description": "Forgotten"}, **problems(401, 403, 503)},
        ),
    )
    path(
        spec,
        "/v1/session/phone/verify",
        post=operation(
            "verifyOwnPhone",
            "Show by the code that the phone is one's own",
            scope="",
            body=schemas.CodeSchema,
            responses={
                "200": answer("The phone", schemas.OwnPhoneViewSchema),
                **problems(400, 401, 403, 413, 415, 422, 503),
            },
        ),
    )


def _users(spec: APISpec) -> None:
    one = answer("The account", schemas.UserSchema)
    made = answer("The account and its password", schemas.NewPasswordSchema)
    path(
        spec,
        "/v1/users",
        get=operation(
            "listUsers",
            "The accounts with a role at one's offices",
            scope=_USERS,
            responses={
                "200": answer("The accounts", schemas.UsersSchema),
                **problems(401, 403, 503),
            },
        ),
        post=operation(
            "createUser",
            "A new account, with a password that the person changes at the first login",
            scope=_USERS,
            body=schemas.NewUserSchema,
            responses={"201": made, **problems(400, 401, 403, 413, 415, 422, 503)},
        ),
    )
    path(
        spec,
        "/v1/users/{id}/roles",
        put=operation(
            "setRoles",
            "Replace an account's roles; its sessions end",
            scope=_USERS,
            body=schemas.RolesSchema,
            responses={"200": one, **problems(400, 401, 403, 404, 413, 415, 422, 503)},
        ),
    )
    for verb, summary in (
        ("disable", "Let an account in no more; its sessions end"),
        ("enable", "Let an account in again"),
    ):
        path(
            spec,
            f"/v1/users/{{id}}/{verb}",
            post=operation(
                f"{verb}User",
                summary,
                scope=_USERS,
                responses={"200": one, **problems(401, 403, 404, 422, 503)},
            ),
        )
    path(
        spec,
        "/v1/users/{id}/reset-password",
        post=operation(
            "resetPassword",
            "A new password for an account; its sessions end",
            scope=_USERS,
            body=schemas.ResetSchema,
            responses={"200": made, **problems(400, 401, 403, 404, 413, 415, 422, 503)},
        ),
    )
