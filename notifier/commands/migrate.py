"""`baotin migrate`."""

import click

from notifier.commands.failing import Failed, settings_from


@click.command()
def command() -> None:
    """Bring the database to this release; an embedded one is backed up first.

    Example: DATABASE_URL=postgresql://… baotin migrate
    """
    from sqlalchemy.exc import SQLAlchemyError

    from notifier.store.engine import called, told
    from notifier.store.migrate import CannotMigrate, upgrade

    settings = settings_from()
    try:
        backup = upgrade(settings)
    except (SQLAlchemyError, CannotMigrate) as problem:
        raise Failed(f"{called(settings)} cannot be migrated: {told(problem)}") from None
    print(f"backed up to {backup}; migrated" if backup else "the database is up to date")
