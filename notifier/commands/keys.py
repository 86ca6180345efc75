"""`baotin keys`."""

import json

import click

from notifier.commands.failing import Failed
from notifier.commands.wired import wired


@click.group()
def command() -> None:
    """Create and revoke API keys.

    Example: baotin keys create demo --scope events:write
    """


@command.command()
@click.argument("source")
@click.option("--scope", "scopes", multiple=True, required=True, help="Give one or several.")
@click.option("--json", "as_json", is_flag=True)
def create(source: str, scopes: tuple[str, ...], as_json: bool) -> None:
    """A key for SOURCE, shown this once.

    Example: baotin keys create demo --scope events:write --scope messages:read
    """
    from notifier.services import keys
    from notifier.services.views import NotFound

    with wired() as wiring:
        try:
            made = keys.create(source, scopes, wiring=wiring)
        except (ValueError, NotFound) as problem:
            raise Failed(str(problem)) from None
    print(json.dumps({"id": made.id, "key": made.token}) if as_json else f"{made.id} {made.token}")


@command.command()
@click.argument("key_id")
def revoke(key_id: str) -> None:
    """Refuse the key KEY_ID from now on.

    Example: baotin keys revoke key_01J…
    """
    from notifier.services import keys

    with wired() as wiring:
        revoked = keys.revoke(key_id, wiring=wiring)
    if not revoked:
        raise Failed(f"there is no valid key {key_id}")
    print("revoked")
