"""`baotin users`."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from notifier.commands.failing import Failed
from notifier.commands.wired import wired

if TYPE_CHECKING:
    from notifier.services.people import NewPassword, UserView


@click.group()
def command() -> None:
    """Create, see, disable and let in again the accounts of staff.

    Example: baotin users create anh@office.example --name 'Anh' --role administrator
    """


@command.command()
@click.argument("email")
@click.option("--name", required=True, help="As others see the person.")
@click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    metavar="ROLE[@OFFICE]",
    help="viewer, editor, approver, operator or administrator, at OFFICE and below; everywhere "
    "without one. Give one or several.",
)
@click.option("--prompt", is_flag=True, help="Ask for the password instead of making one.")
@click.option("--json", "as_json", is_flag=True)
def create(email: str, name: str, roles: tuple[str, ...], prompt: bool, as_json: bool) -> None:
    """An account for EMAIL. Its password is made and shown this once, or asked for.

    One that was made is changed at the first login.

    Example: baotin users create anh@office.example --name 'Anh' --role editor@lai-thieu
    """
    from notifier.services import people
    from notifier.services.views import BadFields

    grants = [_grant(role) for role in roles]
    password = _ask() if prompt else None
    with wired() as wiring:
        try:
            made = people.create(email, name, grants, password, by=None, wiring=wiring)
        except BadFields as bad:
            raise Failed(f"no account was made: {bad}") from None
    _print_password(made, as_json, shown=not prompt)


@command.command("list")
@click.option("--json", "as_json", is_flag=True)
def list_(as_json: bool) -> None:
    """Every account with its roles.

    Example: baotin users list --json
    """
    from notifier.services import people

    with wired() as wiring:
        users = people.everyone(wiring=wiring)
    if as_json:
        print(json.dumps({"users": [_json(user) for user in users]}, ensure_ascii=False))
        return
    for user in users:
        print(f"{user.email}: {', '.join(_told(user))}{' (disabled)' if user.disabled_at else ''}")


@command.command()
@click.argument("email")
def disable(email: str) -> None:
    """Let the account of EMAIL in no more; its sessions end at once.

    Example: baotin users disable anh@office.example
    """
    _set_disabled(email, True)
    print("disabled")


@command.command()
@click.argument("email")
def enable(email: str) -> None:
    """Let the account of EMAIL in again.

    Example: baotin users enable anh@office.example
    """
    _set_disabled(email, False)
    print("enabled")


@command.command("reset-password")
@click.argument("email")
@click.option("--prompt", is_flag=True, help="Ask for the password instead of making one.")
@click.option("--second-factor", is_flag=True, help="Turn the second factor off too.")
@click.option("--json", "as_json", is_flag=True)
def reset_password(email: str, prompt: bool, second_factor: bool, as_json: bool) -> None:
    """A new password for EMAIL, made and shown this once, or asked for.

    Example: baotin users reset-password anh@office.example
    """
    from notifier.services import people
    from notifier.services.views import BadFields, NotFound

    password = _ask() if prompt else None
    with wired() as wiring:
        try:
            made = people.reset_password(
                people.find(email, wiring=wiring),
                password,
                second_factor_too=second_factor,
                by=None,
                wiring=wiring,
            )
        except (BadFields, NotFound) as problem:
            raise Failed(str(problem)) from None
    _print_password(made, as_json, shown=not prompt)


def _set_disabled(email: str, disabled: bool) -> None:
    from notifier.services import people
    from notifier.services.views import NotFound

    with wired() as wiring:
        try:
            user_id = people.find(email, wiring=wiring)
            people.set_disabled(user_id, disabled, by=None, wiring=wiring)
        except NotFound as problem:
            raise Failed(str(problem)) from None


def _ask() -> str:
    """A password from the terminal, never from the command line."""
    asked: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return asked


def _grant(text: str) -> Any:
    from notifier.domain.people import Grant, Role

    role, at, office = text.partition("@")
    if role not in set(Role) or (at and not office):
        raise Failed(f"{text} is no role; there are {', '.join(Role)}, each with @OFFICE or alone")
    return Grant(Role(role), office or None)


def _told(user: "UserView") -> Sequence[str]:
    return [f"{g.role}@{g.office}" if g.office else str(g.role) for g in user.grants]


def _json(user: "UserView") -> dict[str, Any]:
    return {
        "id": user.id,
        "email": user.email,
        "name": user.name,
        "roles": [{"role": grant.role, "office": grant.office} for grant in user.grants],
        "second_factor": user.has_second_factor,
        "created_at": user.created_at.isoformat(),
        "disabled_at": user.disabled_at.isoformat() if user.disabled_at else None,
    }


def _print_password(made: "NewPassword", as_json: bool, *, shown: bool) -> None:
    if as_json:
        password = {"password": made.password} if shown else {}
        print(json.dumps({**_json(made.user), **password}, ensure_ascii=False))
    elif shown:
        print(f"{made.user.email}: password {made.password} (to be changed at the first login)")
    else:
        print(f"{made.user.email}: done")
