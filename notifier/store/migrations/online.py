"""Steps on tables that others write to meanwhile.

An ordinary CREATE INDEX holds every writer up until it is done; PostgreSQL builds one beside them
(its documentation, CREATE INDEX, "Building Indexes Concurrently"), though outside a transaction.
So a step with such an index is done in parts, and each of them may be done again: the index stands
first where it can, and columns that it needs are added by `add_column`.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op


def add_column(table: str, column: sa.Column[object]) -> None:
    """Add a column, if a run that ended early has not done so."""
    op.add_column(table, column, if_not_exists=_is_postgresql() or None)


def fill(statement: str) -> None:
    """Fill a column that was added, with its table free again: the locks of the step are let go.

    The statement may be run twice.
    """
    if not _is_postgresql():
        op.execute(statement)
        return
    with op.get_context().autocommit_block():
        op.execute(statement)


def create_index(
    name: str, table: str, columns: Sequence[str], where: sa.TextClause | None = None
) -> None:
    """Build an index while others write to its table.

    What came before it in its step is committed, and may be there already when the step is
    done again.
    """
    if not _is_postgresql():
        op.create_index(name, table, columns, sqlite_where=where)
        return
    with op.get_context().autocommit_block():
        patience = op.get_bind().scalar(sa.text("SHOW lock_timeout"))
        op.execute("SET lock_timeout = 0")  # it waits for whoever writes, and nobody waits for it
        # An index that was begun and not ended is there, and good for nothing.
        op.drop_index(name, table, if_exists=True, postgresql_concurrently=True)
        op.create_index(name, table, columns, postgresql_concurrently=True, postgresql_where=where)
        op.execute(f"SET lock_timeout = '{patience}'")


def _is_postgresql() -> bool:
    return op.get_context().dialect.name == "postgresql"
