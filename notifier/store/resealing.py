"""Sealed columns, found by the tables' definitions, and rows that name an older key.

A column of bytes named `<column>_cipher` holds envelopes of `<column>`, bound to the row's
primary key (`store/sealing.py`); so a new one is resealed without being named anywhere.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, LargeBinary, Table, bindparam, func, or_, select, update
from sqlalchemy.orm import Session

from notifier.store.stretches import Stretch, key_of
from notifier.store.tables import Base

_SUFFIX = "_cipher"
_ROW = "row_"

Sealed = dict[str, bytes | None]  # the sealed columns of a row


def tables() -> list[Table]:
    """Every table with sealed columns."""
    return [table for table in Base.metadata.sorted_tables if columns(table)]


def columns(table: Table) -> list[Column[Any]]:
    """The sealed columns of a table."""
    return [
        column
        for column in table.columns
        if column.name.endswith(_SUFFIX) and isinstance(column.type, LargeBinary)
    ]


def sealed_as(column: str) -> str:
    """What a column is called where its values are bound to their place."""
    return column.removesuffix(_SUFFIX)


def older(session: Session, where: Stretch, header: bytes) -> list[tuple[str, Sealed]]:
    """Rows of the stretch with a value that does not begin with `header`: key and values."""
    sealed = columns(where.table)
    under_another = [func.substr(column, 1, len(header)) != header for column in sealed]
    rows = session.execute(
        select(where.key, *sealed).where(*where.rows(), or_(*under_another)).order_by(where.key)
    )
    names = [column.name for column in sealed]
    return [(key, dict(zip(names, values, strict=True))) for key, *values in rows]


def put(session: Session, table: Table, rows: Sequence[tuple[str, Sealed, Sealed]]) -> int:
    """Put the new values of rows in the place of their old ones; how many rows that were free.

    A row that somebody works on is left: waiting for it could be a deadlock. One whose values
    changed since they were read keeps what it has.
    """
    key = key_of(table)
    free = set(
        session.scalars(
            select(key)
            .where(key.in_([row for row, _, _ in rows]))
            .order_by(key)
            .with_for_update(skip_locked=True)
        )
    )
    names = [column.name for column in columns(table)]
    statement = (
        update(table)
        .where(
            key == bindparam(_ROW),
            *(table.c[name].is_not_distinct_from(bindparam(f"old_{name}")) for name in names),
        )
        .values({name: bindparam(f"new_{name}") for name in names})
    )
    values = [
        {
            _ROW: row,
            **{f"old_{name}": old[name] for name in names},
            **{f"new_{name}": new[name] for name in names},
        }
        for row, old, new in rows
        if row in free
    ]
    if values:
        session.connection().execute(statement, values)
    return len(values)
