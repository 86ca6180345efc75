"""The way to the database: one writer at a time on SQLite, and errors that promise nothing kept."""

import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from config.settings import Settings
from notifier.domain.clock import ManualClock, SystemClock
from notifier.store.engine import (
    Sessions,
    StoreUnavailable,
    called,
    connect,
    database_url,
    told,
)

INCREMENT = "UPDATE counter SET n = n + 1"


@pytest.fixture
def sessions(database_url: str) -> Sessions:
    engine = connect(_driver(database_url), pool_size=40)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE counter (n integer)"))
        connection.execute(text("INSERT INTO counter VALUES (0)"))
    return Sessions(engine, SystemClock())


def _driver(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://")


def _counted(sessions: Sessions) -> int:
    with sessions.read() as session:
        return int(session.execute(text("SELECT n FROM counter")).scalar_one())


def test_many_threads_write_and_none_is_turned_away(sessions: Sessions) -> None:
    failures: list[Exception] = []

    def write() -> None:
        try:
            for _ in range(20):
                with sessions.begin() as session:
                    session.execute(text(INCREMENT))
        except StoreUnavailable as problem:
            failures.append(problem)

    threads = [threading.Thread(target=write) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (failures, _counted(sessions)) == ([], 320)
    sessions.engine.dispose()


WRITER = f"""
import sys
from sqlalchemy import text
from notifier.domain.clock import SystemClock
from notifier.store.engine import Sessions, connect
sessions = Sessions(connect(sys.argv[1]), SystemClock())
for _ in range(100):
    with sessions.begin() as session:
        session.execute(text("{INCREMENT}"))
"""


def test_processes_queue_for_the_one_writer(tmp_path: Path) -> None:
    """SQLite alone: a transaction that reads and then writes would be turned away as locked."""
    url = f"sqlite:///{tmp_path / 'baotin.sqlite3'}"
    sessions = Sessions(connect(url), SystemClock())
    with sessions.begin() as session:
        session.execute(text("CREATE TABLE counter (n integer)"))
        session.execute(text("INSERT INTO counter VALUES (0)"))
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, url]) for _ in range(3)]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    assert _counted(sessions) == 300
    sessions.engine.dispose()


def test_a_writer_that_is_killed_frees_the_lock(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'baotin.sqlite3'}"
    holds = WRITER.replace(
        f'session.execute(text("{INCREMENT}"))', "print('held', flush=True); sys.stdin.read()"
    )
    sessions = Sessions(connect(url), SystemClock())
    writer = subprocess.Popen(
        [sys.executable, "-c", holds, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert writer.stdout is not None
    assert writer.stdin is not None
    assert writer.stdout.readline() == b"held\n"
    writer.kill()
    writer.wait()
    began = time.monotonic()
    with sessions.begin() as session:
        session.execute(text("CREATE TABLE counter (n integer)"))
    assert time.monotonic() - began < 5
    writer.stdin.close()
    writer.stdout.close()
    sessions.engine.dispose()


def test_an_error_rolls_everything_back(sessions: Sessions) -> None:
    with pytest.raises(KeyError), sessions.begin() as session:
        session.execute(text(INCREMENT))
        raise KeyError
    assert _counted(sessions) == 0
    sessions.engine.dispose()


def test_readers_do_not_wait_for_a_writer(sessions: Sessions) -> None:
    with sessions.begin() as session:
        session.execute(text(INCREMENT))
        assert _counted(sessions) == 0
    assert _counted(sessions) == 1
    sessions.engine.dispose()


def test_sqlite_is_as_durable_as_the_design_says(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path / 'baotin.sqlite3'}")
    with engine.connect() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}  # 2 is FULL
    engine.dispose()


@pytest.mark.parametrize(
    "url", ["postgresql+psycopg://nobody@127.0.0.1:1/none", "sqlite:////proc/none/x.sqlite3"]
)
def test_a_database_that_is_away_is_told_apart_from_a_mistake_of_ours(url: str) -> None:
    engine = connect(url)
    sessions = Sessions(engine, SystemClock()) if "sqlite" not in url else None
    if sessions is None:  # its lock file lies beside the database, where nothing can be made
        with pytest.raises(OSError, match="proc"):
            Sessions(engine, SystemClock())
    else:
        with pytest.raises(StoreUnavailable) as problem, sessions.begin() as session:
            session.execute(text("SELECT 1"))
        assert told(problem.value).startswith("connection failed")
        assert "\n" not in told(problem.value)
    engine.dispose()


def test_on_postgresql_the_databases_clock_is_the_clock_unless_a_test_sets_one(
    database_url: str,
) -> None:
    engine = connect(_driver(database_url))
    stands = ManualClock(datetime(2030, 1, 1, tzinfo=UTC))
    for clock in (SystemClock(), stands):
        sessions = Sessions(engine, clock)
        with sessions.read() as session:
            first, second = sessions.now(session), sessions.now(session)
        assert first.tzinfo is not None
        assert abs(first - clock.now()) < timedelta(seconds=5)
        assert (second > first) == (clock is not stands)
    engine.dispose()


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("", "sqlite:////data/baotin.sqlite3"),
        ("postgres://h/db", "postgresql+psycopg://h/db"),
        ("postgresql://u@h:5432/db?sslmode=require", "postgresql+psycopg://u@h:5432/db?sslmode=require"),
        ("sqlite:////tmp/x.sqlite3", "sqlite:////tmp/x.sqlite3"),
    ],
)  # fmt: skip
def test_the_configured_database_is_found(given: str, used: str) -> None:
    settings = Settings.from_env({"BAOTIN_DATA": "/data", "DATABASE_URL": given})
    assert database_url(settings) == used


def test_an_engine_never_shows_its_password(postgres_server: str) -> None:
    engine = connect("postgresql+psycopg://u:hush@h/db")
    assert "hush" not in repr(engine)
    engine.dispose()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "the database /srv/baotin/baotin.sqlite3 (BAOTIN_DATA)"),
        ("postgresql://u:hush@db/baotin", "the database (DATABASE_URL)"),
    ],
)
def test_the_database_is_called_by_what_its_operator_set(url: str, said: str) -> None:
    env = {"BAOTIN_DATA": "/srv/baotin", "DATABASE_URL": url}
    assert called(Settings.from_env(env)) == said
