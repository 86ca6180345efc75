"""Brings a database to this release's tables. A migration works with the code now running.

An embedded database that holds something is copied beside itself first. Two that migrate at
once take turns, and the second finds nothing left to do. On PostgreSQL each step is a transaction
of its own that asks for no table longer than half a second, for whoever comes to the table
meanwhile waits behind it; it gives way and asks again.
"""

import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, func, select
from sqlalchemy.exc import OperationalError

from config.settings import Settings
from notifier.store.engine import connect, database_url, write_lock
from notifier.store.tables import Base

_MIGRATING = 0x62616F74696E  # the advisory lock's number: "baotin"
_LOOK_EVERY_S = 0.2
_WAITS_FOR_A_TABLE = "500ms"
_GIVES_UP_AFTER_S = 300.0
# PostgreSQL's errors that say "not now" (its documentation, appendix A: error codes)
_LOCK_NOT_AVAILABLE, _DEADLOCK_DETECTED = "55P03", "40P01"


class CannotMigrate(Exception):
    """The database stays at the last step that was done; its text says why, for an operator."""


class UnknownRelease(CannotMigrate):
    """The database holds the tables of a release that this one does not know: a newer one."""


class TablesInUse(CannotMigrate):
    """Others held a table for so long that a step could not be done."""


def upgrade(settings: Settings) -> Path | None:
    """Migrate the configured database; the backup's path, if one was made.

    Raises `CannotMigrate`.
    """
    if not settings.database_url:
        settings.data_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    engine = connect(database_url(settings))
    try:
        return upgrade_engine(engine)
    finally:
        engine.dispose()


def upgrade_engine(engine: Engine) -> Path | None:
    """Migrate the database behind `engine`. Raises `CannotMigrate`."""
    with _alone(engine):
        return _upgrade(engine)


def _upgrade(engine: Engine) -> Path | None:
    held = revision(engine)
    steps = ScriptDirectory.from_config(_config())
    if held == steps.get_current_head():
        return None
    if held and held not in {step.revision for step in steps.walk_revisions()}:
        raise UnknownRelease(f"its tables are of another release (step {held}): run that one")
    backup = _back_up(engine) if held and engine.dialect.name == "sqlite" else None
    _take_steps(engine)
    return backup


def _take_steps(engine: Engine, gives_up_after_s: float = _GIVES_UP_AFTER_S) -> None:
    """Every step that is due, each as often as others are in its way."""
    ends = time.monotonic() + gives_up_after_s
    while True:
        try:
            with engine.connect() as connection:
                if engine.dialect.name == "postgresql":
                    connection.exec_driver_sql(f"SET lock_timeout = '{_WAITS_FOR_A_TABLE}'")
                    connection.commit()
                command.upgrade(_config(connection), "head")
                connection.commit()
        except OperationalError as problem:
            state = getattr(problem.orig, "sqlstate", None)
            if state not in {_LOCK_NOT_AVAILABLE, _DEADLOCK_DETECTED}:
                raise
            if time.monotonic() >= ends:
                raise TablesInUse(
                    "others hold its tables, and a step could not be done; end long transactions"
                    " (pg_stat_activity shows them) and run it again"
                ) from problem
            time.sleep(_LOOK_EVERY_S)
        else:
            return


def revision(engine: Engine) -> str | None:
    """The step that the database stands on; none for an empty one."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest() -> str | None:
    """The step that this release stands on."""
    return ScriptDirectory.from_config(_config()).get_current_head()


@contextmanager
def _alone(engine: Engine) -> Iterator[None]:
    """Nobody else migrates this database meanwhile; on SQLite nobody else writes to it."""
    if engine.dialect.name != "postgresql":
        with write_lock(engine) or nullcontext():
            yield
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # Asked again and again: the connections' lock_timeout would end one long wait.
        while not connection.scalar(select(func.pg_try_advisory_lock(_MIGRATING))):
            time.sleep(_LOOK_EVERY_S)
        try:
            yield
        finally:
            connection.execute(select(func.pg_advisory_unlock(_MIGRATING)))


def differences(engine: Engine) -> list[object]:
    """What the tables in the code have that the migrations do not make, or the reverse."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        return list(compare_metadata(context, Base.metadata))


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(resources.files("notifier.store") / "migrations"))
    config.attributes["connection"] = connection
    return config


def _back_up(engine: Engine) -> Path:
    source = Path(str(engine.url.database))
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    backup = source.with_name(f"{source.name}.{stamp}.backup")
    backup.touch(mode=0o600)
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(backup)) as new:
        old.backup(new)
    return backup


def _check() -> int:
    """For CI: migrate an empty database and compare it with the tables in the code."""
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        command.upgrade(_config(connection), "head")
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        found = compare_metadata(context, Base.metadata)
    for difference in found:
        sys.stderr.write(f"not migrated: {difference}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(_check())
