"""Staff accounts, for administrators."""

from http import HTTPStatus

from flask import Blueprint, Response, request

from notifier.api.people_schemas import (
    NewPasswordSchema,
    NewUserSchema,
    ResetSchema,
    RolesSchema,
    UserSchema,
    UsersSchema,
)
from notifier.api.requests import acting, answer, loaded
from notifier.domain.people import Permission
from notifier.services import people
from notifier.services.wiring import Wiring


def blueprint(wiring: Wiring) -> Blueprint:
    """The routes of users."""
    routes = Blueprint("users", __name__, url_prefix="/v1/users")
    new, roles, reset = NewUserSchema(), RolesSchema(), ResetSchema()
    one, several, made = UserSchema(), UsersSchema(), NewPasswordSchema()

    @routes.get("")
    def list_users() -> Response:
        by = acting(request, Permission.USERS_WRITE, wiring)
        return answer(several.dump({"users": people.list_users(by, wiring=wiring)}))

    @routes.post("")
    def create() -> Response:
        by = acting(request, Permission.USERS_WRITE, wiring)
        given = loaded(request, new)
        created = people.create(given["email"], given["name"], given["roles"], by=by, wiring=wiring)
        return answer(made.dump(created), HTTPStatus.CREATED)

    @routes.put("/<user_id>/roles")
    def set_roles(user_id: str) -> Response:
        by = acting(request, Permission.USERS_WRITE, wiring)
        given = loaded(request, roles)["roles"]
        return answer(one.dump(people.set_grants(user_id, given, by=by, wiring=wiring)))

    @routes.post("/<user_id>/disable")
    def disable(user_id: str) -> Response:
        by = acting(request, Permission.USERS_WRITE, wiring)
        return answer(one.dump(people.set_disabled(user_id, True, by=by, wiring=wiring)))

    @routes.post("/<user_id>/enable")
    def enable(user_id: str) -> Response:
        by = acting(request, Permission.USERS_WRITE, wiring)
        return answer(one.dump(people.set_disabled(user_id, False, by=by, wiring=wiring)))

    @routes.post("/<user_id>/reset-password")
    def reset_password(user_id: str) -> Response:
        by = acting(request, Permission.USERS_WRITE, wiring)
        too = loaded(request, reset)["second_factor"]
        given = people.reset_password(user_id, second_factor_too=too, by=by, wiring=wiring)
        return answer(made.dump(given))

    return routes
