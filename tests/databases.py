"""Databases for tests: a copy of the seeded one, lent to one test after another.

On PostgreSQL to copy a database costs five times what it costs to put rows back. A copy goes back
to its first rows after each test; one whose tables a test changed, or filled, is dropped instead.
Each address keeps its engine, and an engine the statements that it compiled: to compile them anew
would take a test longer than to run them.
"""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg
from psycopg.sql import SQL, Identifier
from sqlalchemy import Engine, event, make_url

from config.settings import Settings
from notifier.services.wiring import connect

_COPIED = SQL("STRATEGY wal_log")  # a small database is copied block by block, no checkpoint
_MANY_ROWS = 2000  # so many dead ones would slow the tests to come

_SHAPE = """
    SELECT string_agg(concat_ws(' ', c.relname, c.relkind, a.attname, a.atttypid), ',' ORDER BY
           c.relname, a.attnum)
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'i')
"""
_OTHERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@contextmanager
def empty(server: str) -> Iterator[str]:
    """The address of a new, empty database on that server, which goes at the end."""
    name = f"test_{time.monotonic_ns()}"
    make(server, name)
    try:
        yield address(server, name)
    finally:
        drop(server, name)


def make(server: str, name: str, template: str | None = None) -> None:
    copied = SQL("TEMPLATE {}").format(Identifier(template)) if template else SQL("")
    with closing(psycopg.connect(server, autocommit=True)) as admin:
        admin.execute(SQL("CREATE DATABASE {} {} {}").format(Identifier(name), copied, _COPIED))


def drop(server: str, name: str) -> None:
    with closing(psycopg.connect(server, autocommit=True)) as admin:
        admin.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


def address(server: str, name: str) -> str:
    return make_url(server).set(database=name).render_as_string(hide_password=False)


class Engines:
    """The engines of one process of tests, by address. SQLite waits for no disk, as PostgreSQL."""

    def __init__(self) -> None:
        self._engines: dict[tuple[str, int], Engine] = {}

    def of(self, settings: Settings) -> Engine:
        """The engine for the settings' database; its pool is empty when its last user is gone."""
        key = (settings.database_url, settings.api_threads)
        if key not in self._engines:
            self._engines[key] = connect(settings)
            if self._engines[key].dialect.name == "sqlite":
                event.listen(self._engines[key], "connect", _wait_for_no_disk)
        return self._engines[key]


def _wait_for_no_disk(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA synchronous=OFF")


class Copies:
    """Lends copies of one seeded database; nobody may be connected to that one."""

    def __init__(self, server: str, template: str) -> None:
        self._server = server
        self._template = template
        self._free: list[str] = []
        with closing(psycopg.connect(address(server, template))) as seeded:
            self._shape = _shape(seeded)
            self._rows = {table: _rows(seeded, table) for table in _tables(seeded)}

    @contextmanager
    def lend(self) -> Iterator[str]:
        """The address of a copy with the seeded rows."""
        if self._free:
            name = self._free.pop()
        else:
            name = f"test_{time.monotonic_ns()}"
            make(self._server, name, self._template)
        try:
            yield address(self._server, name)
        finally:
            if self._restore(name):
                self._free.append(name)
            else:
                drop(self._server, name)

    def _restore(self, name: str) -> bool:
        """Put the first rows back; whether the database is as it was then."""
        try:
            with closing(psycopg.connect(address(self._server, name))) as copy:
                copy.execute(_OTHERS)
                if _shape(copy) != self._shape:
                    return False
                # No foreign key and no trigger of ours is asked.
                copy.execute("SET LOCAL session_replication_role = replica")
                deleted = 0
                for table, rows in self._rows.items():
                    deleted += copy.execute(
                        SQL("DELETE FROM {}").format(Identifier(table))
                    ).rowcount
                    if rows:
                        into = SQL("COPY {} FROM STDIN (FORMAT binary)").format(Identifier(table))
                        with copy.cursor() as cursor, cursor.copy(into) as filling:
                            filling.write(rows)
                copy.commit()
        except psycopg.Error:
            return False
        return deleted < _MANY_ROWS


def _shape(connection: "psycopg.Connection[tuple[object, ...]]") -> object:
    row = connection.execute(_SHAPE).fetchone()
    assert row is not None
    return row[0]


def _tables(connection: "psycopg.Connection[tuple[object, ...]]") -> list[str]:
    named = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return [str(name) for (name,) in named]


def _rows(connection: "psycopg.Connection[tuple[object, ...]]", table: str) -> bytes:
    """The table's rows as COPY takes them back; nothing of an empty table."""
    if not connection.execute(SQL("SELECT 1 FROM {} LIMIT 1").format(Identifier(table))).fetchone():
        return b""
    out = SQL("COPY {} TO STDOUT (FORMAT binary)").format(Identifier(table))
    with connection.cursor() as cursor, cursor.copy(out) as reading:
        return b"".join(bytes(block) for block in reading)
