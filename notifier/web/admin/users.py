"""Accounts and their roles, for administrators."""

from dataclasses import dataclass, field

from flask import Blueprint, Response, request

from notifier.domain.people import Grant, Permission, Role
from notifier.services import office_tree, people
from notifier.services.actors import Staff
from notifier.services.office_tree import OfficeView
from notifier.services.people import UserView
from notifier.services.views import BadFields, NotFound
from notifier.services.wiring import Wiring
from notifier.web.admin.doors import Doors, left_empty

_USERS = Permission.USERS_WRITE
EVERYWHERE = "*"


@dataclass(frozen=True, slots=True)
class UsersPage:
    users: tuple[UserView, ...]
    offices: tuple[OfficeView, ...]
    names: dict[str, str]
    roles: tuple[Role, ...]
    everywhere: bool  # whether one may give roles at all offices at once
    given: dict[str, str] = field(repr=False)
    problems: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class UserPage:
    user: UserView
    is_own: bool
    offices: tuple[OfficeView, ...]
    names: dict[str, str]
    roles: tuple[Role, ...]
    everywhere: bool
    problem: str | None
    given: dict[str, str] = field(repr=False)
    problems: dict[str, str]  # by field: what was not chosen


def blueprint(doors: Doors, wiring: Wiring) -> Blueprint:
    """The list, a new account, and what one changes on an account."""
    routes = Blueprint("users", __name__, url_prefix="/users")

    def listed(staff: Staff, problems: dict[str, str] | None = None) -> Response:
        shown = UsersPage(
            users=tuple(people.list_users(staff, wiring=wiring)),
            offices=office_tree.visible(staff, _USERS, wiring=wiring),
            names=dict(office_tree.names(wiring=wiring)),
            roles=tuple(Role),
            everywhere=staff.everywhere(_USERS),
            given=request.form.to_dict(),
            problems=problems or {},
        )
        return doors.page("users.html", 422 if problems else 200, page=shown)

    def one(
        staff: Staff,
        user_id: str,
        problem: str | None = None,
        problems: dict[str, str] | None = None,
    ) -> Response:
        shown = UserPage(
            user=_find(staff, user_id, wiring),
            is_own=staff.id == user_id,
            offices=office_tree.visible(staff, _USERS, wiring=wiring),
            names=dict(office_tree.names(wiring=wiring)),
            roles=tuple(Role),
            everywhere=staff.everywhere(_USERS),
            problem=problem,
            given=request.form.to_dict(),
            problems=problems or {},
        )
        return doors.page("user.html", 422 if problem or problems else 200, page=shown)

    @routes.get("")
    def list_users() -> Response:
        return listed(doors.staff(_USERS))

    @routes.post("")
    def create() -> Response:
        staff = doors.staff(_USERS)
        if lacking := left_empty("name", "email") | _not_chosen():
            return listed(staff, lacking)
        grant = _grant(request.form.get("role", ""), request.form.get("office", ""))
        try:
            made = people.create(
                request.form.get("email", ""),
                request.form.get("name", ""),
                [grant] if grant else [],
                by=staff,
                wiring=wiring,
            )
        except BadFields as bad:
            return listed(staff, {item.path.partition(".")[0]: item.code for item in bad.problems})
        return doors.page("given.html", page=made)

    @routes.get("/<user_id>")
    def show(user_id: str) -> Response:
        return one(doors.staff(_USERS), user_id)

    @routes.post("/<user_id>/roles")
    def set_roles(user_id: str) -> Response:
        staff = doors.staff(_USERS)
        if request.form.get("role") and (lacking := _not_chosen()):
            return one(staff, user_id, problems=lacking)
        new = _grant(request.form.get("role", ""), request.form.get("office", ""))
        grants = [*_grants("keep"), *([new] if new else [])]
        try:
            people.set_grants(user_id, grants, seen=_grants("seen"), by=staff, wiring=wiring)
        except BadFields as bad:
            return one(staff, user_id, bad.problems[0].code)
        return doors.go("users.show", user_id=user_id, done="roles")

    @routes.post("/<user_id>/disable")
    def disable(user_id: str) -> Response:
        people.set_disabled(user_id, True, by=doors.staff(_USERS), wiring=wiring)
        return doors.go("users.show", user_id=user_id, done="disabled")

    @routes.post("/<user_id>/enable")
    def enable(user_id: str) -> Response:
        people.set_disabled(user_id, False, by=doors.staff(_USERS), wiring=wiring)
        return doors.go("users.show", user_id=user_id, done="enabled")

    @routes.post("/<user_id>/reset-password")
    def reset_password(user_id: str) -> Response:
        too = request.form.get("second_factor") == "yes"
        staff = doors.staff(_USERS)
        given = people.reset_password(user_id, second_factor_too=too, by=staff, wiring=wiring)
        return doors.page("given.html", page=given)

    return routes


def _find(staff: Staff, user_id: str, wiring: Wiring) -> UserView:
    for user in people.list_users(staff, wiring=wiring):
        if user.id == user_id:
            return user
    raise NotFound("there is no such account")


def _not_chosen() -> dict[str, str]:
    """Whether the form names no role of ours, or no office."""
    problems = {}
    if request.form.get("role", "") not in set(Role):
        problems["role"] = "required"
    if not request.form.get("office"):
        problems["office"] = "required"
    return problems


def _grants(field: str) -> list[Grant]:
    """The roles that a form names as `role@office`."""
    named = (item.partition("@") for item in request.form.getlist(field))
    return [grant for role, _, office in named if (grant := _grant(role, office)) is not None]


def _grant(role: str, office: str) -> Grant | None:
    """The role at the office that a form names; none where it names no role of ours."""
    if role not in set(Role) or not office:
        return None
    return Grant(Role(role), None if office == EVERYWHERE else office)
