"""`baotin up` on other servers than the embedded ones, through several gateways."""

import time
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from redis import Redis
from sqlalchemy import make_url

from notifier import pulses
from tests.up.canaries import NAME, PHONE, PLACE, REMARK, Search
from tests.up.conftest import Start


@pytest.fixture
def postgres_url(postgres_server: str) -> str:
    """An empty database on PostgreSQL, as `DATABASE_URL` names it."""
    name = f"up_{time.monotonic_ns()}"
    with closing(psycopg.connect(postgres_server, autocommit=True)) as admin:
        admin.execute(f'CREATE DATABASE "{name}" STRATEGY wal_log')
    url = make_url(postgres_server).set(drivername="postgresql", database=name)
    return url.render_as_string(hide_password=False)


def test_the_same_processes_run_on_postgresql_and_another_redis(
    start: Start, tmp_path: Path, postgres_url: str, redis_url: str
) -> None:
    """Through two gateways: what the first refuses takes the second."""
    with closing(Redis.from_url(redis_url)) as redis:
        redis.flushall()
        up = start(
            tmp_path / "data",
            DATABASE_URL=postgres_url,
            REDIS_URL=redis_url,
            BAOTIN_GATEWAY="simulator, twilio",
        )
        assert "valkey" not in up.told["processes"]
        assert not (tmp_path / "data" / "valkey").exists()
        assert not (tmp_path / "data" / "baotin.sqlite3").exists()
        personal = {
            "recipient": {"name": NAME, "phone": PHONE},
            "data": {"noi_nhan": PLACE, "ghi_chu": REMARK},
        }
        first = up.comes_to("delivered", up.post("first", **personal))
        assert [attempt["gateway"] for attempt in first["attempts"]] == ["simulator"]
        refused = up.post("refused-content", recipient={"phone": "0900000003"})
        shown = up.comes_to("undelivered", refused)
        assert [(a["gateway"], a["outcome"]) for a in shown["attempts"]] == [
            ("simulator", "rejected"),
            ("twilio", "accepted"),
        ]
        assert {one.role for one in pulses.living(redis)} == set(pulses.Role)
    up.interrupt()
    assert up.process.returncode == 0
    assert up.pids() == []
    with closing(psycopg.connect(postgres_url)) as database:
        rows = database.execute("SELECT state FROM messages ORDER BY id").fetchall()
        assert Search([NAME, PHONE[1:], PLACE, REMARK]).hits("dump", _dump(database)) == set()
    assert rows == [("delivered",), ("undelivered",)]


def _dump(database: "psycopg.Connection[tuple[str, ...]]") -> bytes:
    """Every row of every table, as PostgreSQL writes it."""
    named = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    tables = [name for (name,) in database.execute(named)]
    rows = [database.execute(f'SELECT t::text FROM "{name}" t'.encode()) for name in tables]  # noqa: S608 - our own tables
    dump = "\n".join(row for found in rows for (row,) in found).encode()
    assert b"first" in dump
    return dump
