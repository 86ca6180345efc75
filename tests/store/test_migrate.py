"""Migrations: up on both databases, the same tables as the code, and a backup before."""

import re
import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, inspect, text

from config.settings import Settings
from notifier.store import migrate
from notifier.store.engine import connect, database_url
from notifier.store.tables import Base

FIRST = "0001"


@pytest.fixture
def engine(database_url: str) -> Engine:
    return connect(database_url.replace("postgresql://", "postgresql+psycopg://"))


def test_an_empty_database_gets_the_tables_that_the_code_has(engine: Engine) -> None:
    assert migrate.upgrade_engine(engine) is None
    assert migrate.differences(engine) == []
    tables = set(inspect(engine).get_table_names())
    assert tables == {*Base.metadata.tables, "alembic_version"}
    engine.dispose()


def test_twice_is_harmless(engine: Engine) -> None:
    migrate.upgrade_engine(engine)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO revisions (name, value) VALUES ('kept', 7)"))
    assert migrate.upgrade_engine(engine) is None
    with engine.begin() as connection:
        kept = connection.execute(text("SELECT value FROM revisions WHERE name = 'kept'"))
        assert kept.scalar_one() == 7
    engine.dispose()


def test_the_steps_stand_in_one_line_and_only_expand() -> None:
    scripts = list(ScriptDirectory.from_config(migrate._config()).walk_revisions())
    assert scripts[-1].revision == FIRST
    assert len({script.down_revision for script in scripts}) == len(scripts)
    for script in scripts:
        source = Path(script.path).read_text(encoding="utf-8")
        up = source.partition("def upgrade")[2].partition("def downgrade")[0]
        for contracting in ("drop_table", "drop_column", "rename_table", "new_column_name"):
            assert contracting not in up, script.path


def test_every_step_leaves_the_release_before_it_able_to_insert() -> None:
    """A column added to a table that is there may be empty, or the database fills it in."""
    engine = create_engine("sqlite://")
    steps = [
        one.revision for one in ScriptDirectory.from_config(migrate._config()).walk_revisions()
    ]
    before: dict[str, set[str]] = {}
    with engine.connect() as connection:
        for step in reversed(steps):
            command.upgrade(migrate._config(connection), step)
            tables = inspect(connection)
            for table in tables.get_table_names():
                columns = tables.get_columns(table)
                for column in columns:
                    if table in before and column["name"] not in before[table]:
                        may_be_left_out = column["nullable"] or column["default"] is not None
                        assert may_be_left_out, f"{step}: {table}.{column['name']}"
                before[table] = {column["name"] for column in columns}
    engine.dispose()
    assert len(before) == len(Base.metadata.tables) + 1


def test_every_table_has_purge_after() -> None:
    for name, table in Base.metadata.tables.items():
        assert "purge_after" in table.columns, name


def test_tables_of_another_release_are_left_alone(engine: Engine) -> None:
    migrate.upgrade_engine(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(migrate.UnknownRelease, match="step 9999"):
        migrate.upgrade_engine(engine)
    engine.dispose()


def test_an_embedded_database_is_backed_up_before_it_is_changed(tmp_path: Path) -> None:
    """Whole, with what still lies in the write-ahead log, and readable by its owner only."""
    settings = replace(Settings.from_env({}), data_folder=tmp_path / "data")
    assert migrate.upgrade(settings) is None  # nothing was there to lose
    engine = connect(database_url(settings))
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO revisions (name, value) VALUES ('precious', 42)"))
    backup = migrate._back_up(engine)
    engine.dispose()
    assert backup.parent == settings.data_folder
    assert backup.stat().st_mode & 0o077 == 0
    with closing(sqlite3.connect(backup)) as kept:
        precious = kept.execute("SELECT value FROM revisions WHERE name = 'precious'")
        assert precious.fetchone() == (42,)
        assert kept.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_offices_that_were_there_before_one_could_go_live_are_live(engine: Engine) -> None:
    with engine.connect() as connection:
        command.upgrade(migrate._config(connection), "0011")
        connection.execute(
            text(
                "INSERT INTO offices (id, parent_id, name, phone, reply_number, sender,"
                " vietnamese_form) VALUES ('above', NULL, '', '', '', '', ''),"
                " ('below', 'above', '', '', '', '', '')"
            )
        )
        connection.commit()
    migrate.upgrade_engine(engine)
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT id, live FROM offices ORDER BY id")).all()
    assert [(one.id, one.live) for one in rows] == [("above", True), ("below", None)]
    engine.dispose()


def test_an_index_on_a_table_that_grows_is_built_beside_its_writers() -> None:
    """After the first release, whose tables were empty."""
    grows = "|".join(("messages", "attempts", "events", "receipts", "cases"))
    held_up = re.compile(rf'\bop\.create_index\(\s*"\w+",\s*"(?:{grows})"')
    for script in ScriptDirectory.from_config(migrate._config()).walk_revisions():
        source = Path(script.path).read_text(encoding="utf-8").partition("def downgrade")[0]
        assert script.revision == FIRST or not held_up.search(source), script.path
        for grown in grows.split("|"):
            assert f'op.execute(\n        "UPDATE {grown} ' not in source, script.path
            assert f'op.execute("UPDATE {grown} ' not in source, script.path


@pytest.fixture
def busy(empty_database: str) -> Iterator[Engine]:
    """A PostgreSQL at step 0013, from where columns and indexes come to a table in use."""
    engine = connect(empty_database.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        command.upgrade(migrate._config(connection), "0013")
        connection.commit()
    yield engine
    engine.dispose()


def test_who_uses_a_table_is_not_held_up_by_a_migration_that_waits_for_it(busy: Engine) -> None:
    with ThreadPoolExecutor(1) as pool:
        with busy.begin() as long, busy.connect() as other:
            long.execute(text("SELECT count(*) FROM messages"))
            migrating = pool.submit(migrate.upgrade_engine, busy)
            other.execute(text("SET lock_timeout = '5s'"))
            for _ in range(4):  # each waits behind the migration's lock at the most
                assert other.scalar(text("SELECT count(*) FROM messages")) == 0
                other.commit()
                time.sleep(0.3)
            assert migrate.revision(busy) == "0013"
            assert not migrating.done()
        migrating.result()
    assert migrate.revision(busy) == migrate.newest()
    assert migrate.differences(busy) == []


def test_a_table_that_is_never_free_ends_a_migration_with_a_word_why(busy: Engine) -> None:
    with busy.begin() as long:
        long.execute(text("SELECT count(*) FROM messages"))
        with pytest.raises(migrate.TablesInUse, match="pg_stat_activity"):
            migrate._take_steps(busy, gives_up_after_s=0)
    assert migrate.revision(busy) == "0013"


def test_what_was_sent_again_is_marked_while_others_write(busy: Engine) -> None:
    """Step 0025 fills a column; whoever writes meanwhile waits for rows at the most."""
    with busy.begin() as connection:
        connection.execute(text("ALTER TABLE messages DISABLE TRIGGER ALL"))
        made = (
            "INSERT INTO messages (id, event_id, case_id, office_id, source_id, event_type,"
            " occurred_at, language, state, sender, send_at, valid_until, possible_double,"
            " no_receipt, tries, created_at, state_at, phone_mask, resend_of)"
            " SELECT 'm' || i, 'e', 'c', 'o', 's', 'alert', now(), 'vi', 'failed', '', now(),"
            " now(), false, false, 0, now(), now(), '',"
            " CASE WHEN i > 9990 THEN 'm' || (i - 9000) END"
            " FROM generate_series(1, 10000) AS i"
        )
        connection.execute(text(made))
    migrate.upgrade_engine(busy)
    with busy.connect() as connection:
        marked = text("SELECT count(*) FROM messages WHERE resent_at IS NOT NULL")
        assert connection.scalar(marked) == 10


def test_a_step_that_ended_half_way_is_done_again(busy: Engine) -> None:
    with busy.begin() as connection:
        added = "ALTER TABLE messages ADD COLUMN priority integer NOT NULL DEFAULT 1"
        connection.execute(text(added))
        connection.execute(text("CREATE INDEX ix_messages_turn ON messages (id)"))
    migrate.upgrade_engine(busy)
    (turn,) = (
        one for one in inspect(busy).get_indexes("messages") if one["name"] == "ix_messages_turn"
    )
    assert turn["column_names"] == ["office_id", "priority", "send_at"]
    assert migrate.differences(busy) == []


def test_two_that_migrate_at_once_take_turns(database_url: str) -> None:
    url = database_url.replace("postgresql://", "postgresql+psycopg://")
    engines = [connect(url) for _ in range(4)]
    start = threading.Barrier(len(engines))

    def migrate_one(engine: Engine) -> None:
        start.wait()
        migrate.upgrade_engine(engine)

    with ThreadPoolExecutor(len(engines)) as pool:
        for done in [pool.submit(migrate_one, engine) for engine in engines]:
            done.result()
    assert migrate.revision(engines[0]) == migrate.newest()
    assert migrate.differences(engines[0]) == []
    for engine in engines:
        engine.dispose()
