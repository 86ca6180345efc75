"""`baotin keys`."""

import sys
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from notifier.commands.durations import duration
from notifier.commands.failing import Failed
from notifier.commands.printing import json_of
from notifier.commands.wired import wired

if TYPE_CHECKING:
    from notifier.services.keys import KeyMade


@click.group()
def command() -> None:
    """Create, list, rotate and revoke API keys.

    Example: baotin keys create motcua --scope events:write
    """


@command.command()
@click.argument("source")
@click.option("--scope", "scopes", multiple=True, required=True, help="Give one or several.")
@click.option("--name", default="main", show_default=True, help="What to call it.")
@click.option("--json", "as_json", is_flag=True)
def create(source: str, scopes: tuple[str, ...], name: str, as_json: bool) -> None:
    """A key for SOURCE, shown this once. One that is there by that name stays.

    Example: baotin keys create motcua --scope events:write --scope messages:read
    """
    from notifier.services import keys
    from notifier.services.views import NotFound

    with wired() as wiring:
        try:
            made = keys.ensure(source, name, scopes, wiring=wiring)
        except keys.KeyDiffers as problem:
            raise Failed(f"{problem}; give --name another, or revoke that one") from None
        except (ValueError, NotFound) as problem:
            raise Failed(str(problem)) from None
    _print(made, as_json, f"{made.id} is there already; its key was shown when it was made")


@command.command()
@click.argument("key_id")
@click.option(
    "--keep",
    callback=duration,
    default="24h",
    show_default=True,
    metavar="TIME",
    help="How long the old key stays valid.",
)
@click.option("--json", "as_json", is_flag=True)
def rotate(key_id: str, keep: timedelta, as_json: bool) -> None:
    """A new key in the place of KEY_ID, shown this once; both are valid for a while.

    A key that was rotated already keeps its successor. If that one was never noted, revoke it and
    rotate again.

    Example: baotin keys rotate key_01KXX0EXAMPLE --keep 24h
    """
    from notifier.services import keys
    from notifier.services.views import NotFound

    with wired() as wiring:
        try:
            made = keys.rotate(key_id, keep=keep, wiring=wiring)
        except (keys.KeyOver, NotFound) as problem:
            raise Failed(str(problem)) from None
    _print(made, as_json, f"{key_id} was rotated already, into {made.id}")
    if not as_json and made.old_expires_at:
        until = made.old_expires_at.isoformat(timespec="seconds")
        print(f"the old key is valid until {until}", file=sys.stderr)  # scripts read the new one


@command.command()
@click.argument("key_id")
@click.option("--json", "as_json", is_flag=True)
def revoke(key_id: str, as_json: bool) -> None:
    """Refuse the key KEY_ID from now on.

    Example: baotin keys revoke key_01KXX0EXAMPLE
    """
    from notifier.services import keys
    from notifier.services.views import NotFound

    with wired() as wiring:
        try:
            revoked = keys.revoke(key_id, wiring=wiring)
        except NotFound as problem:
            raise Failed(str(problem)) from None
    if as_json:
        print(json_of({"id": key_id, "revoked_now": revoked}))
    else:
        print("revoked" if revoked else "was revoked before")


@command.command("list")
@click.option("--source", help="Only this source's keys.")
@click.option("--json", "as_json", is_flag=True)
def list_(source: str | None, as_json: bool) -> None:
    """Keys with their state: valid, expiring, expired or revoked; never the keys themselves.

    Example: baotin keys list --source motcua
    """
    from notifier.services import keys
    from notifier.services.views import NotFound

    with wired() as wiring:
        try:
            views = keys.list_keys(source, wiring=wiring)
        except NotFound as problem:
            raise Failed(str(problem)) from None
    if as_json:
        print(json_of({"keys": views}))
        return
    for view in views:
        used = view.last_used_at.isoformat(timespec="seconds") if view.last_used_at else "never"
        print(
            f"{view.id}: {view.source} {view.name or '-'}, {view.state},"
            f" used {used}, {' '.join(view.scopes)}"
        )


def _print(made: "KeyMade", as_json: bool, known: str) -> None:
    if as_json:
        told = {
            "id": made.id,
            "key": made.token,
            "created": made.created,
            "old_expires_at": made.old_expires_at,
        }
        print(json_of(told))
    else:
        print(f"{made.id} {made.token}" if made.created else known)
