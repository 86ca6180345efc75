"""Column types that both databases store alike."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Dialect,
    TypeDecorator,
    false,
    literal_column,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

from notifier.domain.calendar import ZONE_NAME

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_EAST_S = 7 * 3600


class Instant(TypeDecorator[datetime]):
    """An aware instant in UTC: `timestamptz` on PostgreSQL, whole microseconds on SQLite.

    SQLite has no time type; a number compares right and keeps the microseconds.
    """

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(TIMESTAMP(timezone=True))
        return dialect.type_descriptor(BigInteger())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs an offset")
        if dialect.name == "postgresql":
            return value
        return (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if dialect.name == "postgresql":
            instant: datetime = value
            return instant.astimezone(UTC)
        return _EPOCH + timedelta(microseconds=value)


def one_of(column: Any, values: Iterable[str]) -> ColumnElement[bool]:
    """The column has one of these words of ours, written into the statement.

    As parameters they would keep SQLite from its partial indexes, which name such words, and an
    executemany from running: SQLAlchemy writes a list of parameters anew for each row.
    """
    words = sorted(values)
    if not all(word.isidentifier() for word in words):
        raise ValueError("only words of our enumerations stand in statements")
    return column.in_([literal_column(f"'{word}'") for word in words]) if words else false()


def later(column: ColumnElement[Any], by: timedelta, dialect: str) -> ColumnElement[Any]:
    """The column's instant and `by` more, in the words of a dialect."""
    if dialect == "postgresql":
        shifted: ColumnElement[Any] = type_coerce(column, TIMESTAMP(timezone=True)) + by
        return shifted
    return type_coerce(column, BigInteger) + by // _MICROSECOND


class local_day(FunctionElement[date]):  # noqa: N801 - a function of SQL
    """The day in Vietnam on which an instant lies. Vietnam keeps UTC+7 all year."""

    type = Date()
    inherit_cache = True


@compiles(local_day, "postgresql")
def _local_day_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    return f"(({compiler.process(element.clauses, **options)}) AT TIME ZONE '{ZONE_NAME}')::date"


@compiles(local_day, "sqlite")
def _local_day_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    instant = compiler.process(element.clauses, **options)
    return f"date(({instant}) / 1000000 + {_EAST_S}, 'unixepoch')"
