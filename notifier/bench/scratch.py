"""A PostgreSQL database of the bench's own, on a server that somebody else runs."""

import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager

import psycopg
from psycopg import sql
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from notifier.bench.failing import BenchFailed


@contextmanager
def database(server_url: str) -> Iterator[str]:
    """The address of a new, empty database on that server; dropped at the end.

    The database that the address names is only connected to. Raises `BenchFailed`.
    """
    try:
        url = make_url(server_url).set(drivername="postgresql")
    except ArgumentError:
        raise BenchFailed("--database-url takes an address such as postgresql://…") from None
    name = f"baotin_bench_{secrets.token_hex(4)}"
    admin_url = url.render_as_string(hide_password=False)
    _run(admin_url, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield url.set(database=name).render_as_string(hide_password=False)
    finally:
        drop = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
        _run(admin_url, drop)


def _run(url: str, statement: sql.Composed) -> None:
    try:
        with closing(psycopg.connect(url, autocommit=True)) as admin:
            admin.execute(statement)
    except psycopg.Error as problem:
        raise BenchFailed(f"PostgreSQL: {str(problem).splitlines()[0]}") from None
