"""Passing over a table by primary key in stretches, so that no transaction is long."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Table, select
from sqlalchemy.orm import Session

STRETCH = 1000  # rows


@dataclass(frozen=True, slots=True)
class Stretch:
    """Rows of a table by primary key: after `after`, up to and with `upto`; empty is no bound."""

    table: Table
    after: Any
    upto: Any

    @property
    def key(self) -> ColumnElement[Any]:
        return key_of(self.table)

    def rows(self) -> list[ColumnElement[bool]]:
        """The condition that a row lies in it."""
        bounds = []
        if self.after is not None:
            bounds.append(self.key > self.after)
        if self.upto is not None:
            bounds.append(self.key <= self.upto)
        return bounds


def stretch(session: Session, table: Table, after: Any) -> Stretch:
    """The next stretch of the table."""
    key = key_of(table)
    keys = select(key).order_by(key).offset(STRETCH - 1).limit(1)
    if after is not None:
        keys = keys.where(key > after)
    return Stretch(table, after, session.scalar(keys))


def key_of(table: Table) -> ColumnElement[Any]:
    """The one column of its primary key."""
    (key,) = table.primary_key
    return key
