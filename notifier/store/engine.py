"""The way to the database: engines, transactions and whose clock counts.

SQLite has one writer at a time. Writers of all processes queue on a lock file before
BEGIN IMMEDIATE: SQLite's own busy-wait lets some of them starve. PostgreSQL needs neither.
"""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, func, select
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session, sessionmaker

from config.settings import Settings
from notifier.domain.clock import Clock, SystemClock
from notifier.store.columns import Instant

_BUSY_TIMEOUT_S = 5.0
_WRITES = "baotin_writes"
SQLITE_FILE = "baotin.sqlite3"


class StoreUnavailable(Exception):
    """The database cannot take it now; nothing was written. Try again later."""


def told(problem: BaseException) -> str:
    """What the database says is wrong, in one line: the driver's own words, without values."""
    cause = problem.__cause__ if isinstance(problem, StoreUnavailable) else problem
    said = str(getattr(cause, "orig", None) or cause or problem).strip()
    return said.partition("\n")[0] or type(problem).__name__


def called(settings: Settings) -> str:
    """How an operator knows the configured database."""
    if settings.database_url:
        return "the database (DATABASE_URL)"
    return f"the database {settings.data_folder / SQLITE_FILE} (BAOTIN_DATA)"


def database_url(settings: Settings) -> str:
    """The SQLAlchemy address of the configured database."""
    if not settings.database_url:
        return f"sqlite:///{settings.data_folder.absolute() / SQLITE_FILE}"
    scheme, _, rest = settings.database_url.partition("://")
    if scheme in {"postgres", "postgresql"}:
        return f"postgresql+psycopg://{rest}"
    return settings.database_url


def connect(url: str, *, pool_size: int = 10) -> Engine:
    """An engine for `url`, with the pragmas and timeouts that the design relies on."""
    if url.startswith("sqlite"):
        engine = create_engine(
            url,
            connect_args={"timeout": _BUSY_TIMEOUT_S},
            pool_size=pool_size,
            max_overflow=50,
            hide_parameters=True,  # an error's text may reach a log
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    return create_engine(
        url,
        pool_size=pool_size,
        max_overflow=20,
        pool_timeout=_BUSY_TIMEOUT_S,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={
            "connect_timeout": int(_BUSY_TIMEOUT_S),
            "options": "-c lock_timeout=10s -c idle_in_transaction_session_timeout=30s",
        },
    )


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


class WriteLock:
    """One writer at a time on this machine, in the order of asking. Freed by death too."""

    def __init__(self, path: Path) -> None:
        self._threads = threading.Lock()
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def __enter__(self) -> None:
        self._threads.acquire()
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        fcntl.flock(self._file, fcntl.LOCK_UN)
        self._threads.release()


def write_lock(engine: Engine) -> WriteLock | None:
    """The lock that writers of a SQLite file queue on; none elsewhere."""
    database = engine.url.database
    if engine.dialect.name != "sqlite" or not database:
        return None
    return WriteLock(Path(f"{database}.lock"))


class Sessions:
    """Opens transactions. One per process; thread-safe."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self.engine = engine
        self._clock = clock
        # On PostgreSQL, whose workers may stand on several machines, the database's clock is
        # the clock. A clock that a test or drill set wins on both.
        self._asks_database = engine.dialect.name == "postgresql" and isinstance(clock, SystemClock)
        self._reads = sessionmaker(engine, expire_on_commit=False)
        self._writes = sessionmaker(
            engine.execution_options(**{_WRITES: True}), expire_on_commit=False
        )
        self._lock = write_lock(engine)

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """A transaction that writes: committed at the end, rolled back on any error.

        Raises `StoreUnavailable` when the database is away, locked or full.
        """
        try:
            with self._lock or nullcontext(), self._writes.begin() as session:
                yield session
        except (OperationalError, InterfaceError, PoolTimeout) as problem:
            raise StoreUnavailable(type(problem).__name__) from problem

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A transaction that only reads, of one consistent state."""
        try:
            with self._reads.begin() as session:
                yield session
        except (OperationalError, InterfaceError, PoolTimeout) as problem:
            raise StoreUnavailable(type(problem).__name__) from problem

    def now(self, session: Session) -> datetime:
        """The instant that leases and due times are judged by."""
        if self._asks_database:
            return session.scalars(select(func.clock_timestamp(type_=Instant()))).one()
        return self._clock.now()
