"""INSERTs that may meet rows which are there; both databases have them, each in its dialect."""

from functools import cache

from sqlalchemy import Insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from notifier.store.tables import Base

Upsert = postgresql.Insert | sqlite.Insert


def insert_new(session: Session, table: type[Base]) -> Insert:
    """Lets rows pass which are there already."""
    return _insert_new(dialect_of(session), table)


def insert_or_add(
    session: Session, table: type[Base], *, key: tuple[str, ...], columns: tuple[str, ...]
) -> Insert:
    """Adds to these columns of a row that is there under the key."""
    return _insert_or_add(dialect_of(session), table, key, columns)


def insert_or_replace(session: Session, table: type[Base], *, key: tuple[str, ...]) -> Insert:
    """Takes the place of a row that is there under the key: every other column is the new one's."""
    return _insert_or_replace(dialect_of(session), table, key)


def dialect_of(session: Session) -> str:
    return session.get_bind().dialect.name


def insert(dialect: str, table: type[Base]) -> Upsert:
    """An INSERT that can be told what to do with a row which is there."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


@cache  # to build one takes longer than to run it
def _insert_new(dialect: str, table: type[Base]) -> Insert:
    return insert(dialect, table).on_conflict_do_nothing()


@cache
def _insert_or_add(
    dialect: str, table: type[Base], key: tuple[str, ...], columns: tuple[str, ...]
) -> Insert:
    new = insert(dialect, table)
    added = {name: getattr(table, name) + new.excluded[name] for name in columns}
    return new.on_conflict_do_update(index_elements=key, set_=added)


@cache
def _insert_or_replace(dialect: str, table: type[Base], key: tuple[str, ...]) -> Insert:
    new = insert(dialect, table)
    others = [column.key for column in table.__table__.columns if column.key not in key]
    replaced = {name: new.excluded[name] for name in others}
    return new.on_conflict_do_update(index_elements=key, set_=replaced)
