"""Resealing: every sealed column of every table, beside running work, cut short at any step."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import JSON, Boolean, Date, Integer, LargeBinary, Table, insert, select, text

from config.settings import Key, SettingsError
from notifier.commands.printing import json_of
from notifier.pulses import About, Role
from notifier.services import encryption_keys, messages
from notifier.services.resealing import CannotReseal, Progress, Resealer
from notifier.services.wiring import Wiring
from notifier.store import encryption_keys as keys
from notifier.store import resealing as rows
from notifier.store.columns import Instant
from notifier.store.resealing import Sealed
from notifier.store.sealing import SealBroken, Sealer
from notifier.store.tables import Base

OLD, NEW = Key("k1", b"e" * 32), Key("k2", b"n" * 32)
BEFORE, AFTER, WITHOUT = Sealer([OLD]), Sealer([NEW, OLD]), Sealer([NEW])
NOW = datetime(2026, 11, 25, tzinfo=UTC)


def filled(table: Table, number: int) -> dict[str, Any]:
    """A row with something in every column, its sealed columns sealed under the old key."""
    (key,) = table.primary_key
    row: dict[str, Any] = {}
    for column in table.columns:
        match column.type:
            case Instant():
                row[column.name] = NOW
            case Date():
                row[column.name] = NOW.date()
            case Boolean():
                row[column.name] = False
            case Integer():
                row[column.name] = number
            case LargeBinary():
                row[column.name] = b"%d" % number
            case JSON():
                row[column.name] = []
            case _:
                row[column.name] = f"{column.name}-{number}"
    for column in rows.columns(table):
        place = {"table": table.name, "column": rows.sealed_as(column.name), "row": row[key.name]}
        row[column.name] = BEFORE.seal(f"{column.name} {number}", **place)
    return row


def fill(wiring: Wiring, count: int = 3) -> None:
    """So many rows in every table with sealed columns, whatever they refer to."""
    encryption_keys.adopt(sessions=wiring.sessions, sealer=BEFORE)
    with wiring.sessions.engine.connect() as connection:
        # As one of PostgreSQL's replicas, and as SQLite did of old: what a row refers to is no
        # matter here.
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.exec_driver_sql("BEGIN")
        else:
            connection.exec_driver_sql("SET session_replication_role = replica")
        for table in rows.tables():
            connection.execute(insert(table), [filled(table, n) for n in range(count)])
        connection.commit()
        connection.invalidate()


def opened(wiring: Wiring, sealer: Sealer) -> dict[str, str]:
    """Every sealed value that there is, by its place."""
    found = {}
    with wiring.sessions.read() as session:
        for table in rows.tables():
            (key,) = table.primary_key
            for row in session.execute(select(table)).mappings():
                for column in rows.columns(table):
                    if row[column.name] is not None:
                        place = (table.name, rows.sealed_as(column.name), row[key.name])
                        found[".".join(place)] = sealer.open(
                            row[column.name], table=place[0], column=place[1], row=place[2]
                        )
    return found


def resealer(wiring: Wiring, sealer: Sealer = AFTER) -> Resealer:
    return Resealer(wiring.sessions, sealer, wiring.redis, wiring.clock)


def finish(wiring: Wiring) -> Progress:
    *_, progress = resealer(wiring).work()
    return progress


def needed(wiring: Wiring) -> set[str]:
    with wiring.sessions.read() as session:
        return {key.name for key in keys.known(session) if key.is_needed}


def live(wiring: Wiring, role: Role, *names: str) -> None:
    about = json_of(asdict(About("node-1", 7, "1.0", names)))
    wiring.redis.set(f"baotin:pulse:{role}:one", about, ex=60)


def test_every_sealed_column_of_every_table_is_resealed(wiring: Wiring) -> None:
    fill(wiring)
    before = opened(wiring, BEFORE)
    assert len({place.rpartition(".")[0] for place in before}) == sum(
        len(rows.columns(table)) for table in rows.tables()
    )
    progress = finish(wiring)
    assert opened(wiring, WITHOUT) == before
    assert progress.resealed == {table.name: 3 for table in rows.tables()}
    assert needed(wiring) == {"k2"}
    encryption_keys.adopt(sessions=wiring.sessions, sealer=WITHOUT)


def test_what_was_taken_in_under_the_old_key_is_sent_under_the_new_one(
    make_world: Callable[..., Any], new_event: Callable[..., Any]
) -> None:
    """The places of the definitions are those that the product seals for."""
    before = make_world()
    message = before.post(new_event())[0].messages[0]
    finish(before.wiring)
    after = make_world(sealer=WITHOUT)
    after.send()
    assert [row["to"] for row in after.ledger()] == ["+84912345678"]
    assert after.message(message.id).state == "sent"
    resent = messages.resend(after.caller, message.id, wiring=after.wiring)
    assert resent.to == "+84912***678"


def test_twice_changes_nothing(wiring: Wiring) -> None:
    fill(wiring)
    finish(wiring)
    again = finish(wiring)
    assert (again.done, again.passes, again.resealed) == (True, 1, {})


def test_cut_short_at_any_step_it_goes_on_where_rows_need_it(wiring: Wiring) -> None:
    fill(wiring)
    before = opened(wiring, BEFORE)
    steps = 1
    while True:
        work = resealer(wiring).work()
        done = [progress.done for progress, _ in zip(work, range(steps), strict=False)][-1]
        del work  # as a death would
        assert opened(wiring, AFTER) == before
        if done:
            break
        assert needed(wiring) == {"k1", "k2"}
        steps += 1
    assert opened(wiring, WITHOUT) == before
    assert needed(wiring) == {"k2"}


def test_the_upkeep_does_it_in_slices(wiring: Wiring) -> None:
    fill(wiring)
    job = resealer(wiring)
    while job.run():
        pass
    assert needed(wiring) == {"k2"}
    opened(wiring, WITHOUT)
    assert job.run() is False


@pytest.mark.parametrize("role", [Role.API, Role.SEND, Role.UPKEEP])
def test_old_keys_stay_while_a_process_seals_with_one(wiring: Wiring, role: Role) -> None:
    fill(wiring)
    live(wiring, role, "k1", "k2")
    with pytest.raises(CannotReseal, match="does not seal with k2"):
        finish(wiring)
    assert resealer(wiring).run() is False
    assert needed(wiring) == {"k1", "k2"}
    live(wiring, role, "k2", "k1")
    live(wiring, Role.SCHEDULER, "k1")  # it seals nothing
    finish(wiring)
    assert needed(wiring) == {"k2"}


def test_a_process_that_began_with_the_old_key_meanwhile_keeps_it(wiring: Wiring) -> None:
    fill(wiring)
    work = resealer(wiring).work()
    while next(work).passes < 2:  # the last, which finds nothing
        pass
    encryption_keys.adopt(sessions=wiring.sessions, sealer=Sealer([OLD, NEW]))
    for _ in work:
        pass
    assert "k1" in needed(wiring)


def test_a_value_that_does_not_open_keeps_the_old_key_and_is_told(wiring: Wiring) -> None:
    fill(wiring)
    with wiring.sessions.begin() as session:
        broken = text("UPDATE users SET totp_cipher = :bytes WHERE id = 'id-1'")
        session.execute(broken, {"bytes": b"broken"})
    with pytest.raises(CannotReseal, match="1 values do not open"):
        finish(wiring)
    assert needed(wiring) == {"k1", "k2"}
    job = resealer(wiring)
    while job.run():
        pass
    assert needed(wiring) == {"k1", "k2"}


def test_a_value_that_changed_since_it_was_read_keeps_what_it_has(wiring: Wiring) -> None:
    fill(wiring)
    table = Base.metadata.tables["messages"]
    names = [column.name for column in rows.columns(table)]
    old: Sealed = dict.fromkeys(names, b"old")
    new: Sealed = dict.fromkeys(names, b"new")
    before = opened(wiring, BEFORE)
    with wiring.sessions.begin() as session:
        rows.put(session, table, [("id-1", old, new)])
    assert opened(wiring, BEFORE) == before


@pytest.fixture
def held_row(wiring: Wiring) -> Iterator[threading.Event]:
    """On PostgreSQL, a row that somebody works on until told."""
    fill(wiring)
    let_go, held = threading.Event(), threading.Event()

    def hold() -> None:
        with wiring.sessions.begin() as session:
            session.execute(text("UPDATE messages SET tries = tries + 1 WHERE id = 'id-1'"))
            held.set()
            let_go.wait(30)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(30)
    yield let_go
    let_go.set()
    thread.join()


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_a_row_that_somebody_works_on_is_waited_for_by_nobody(
    wiring: Wiring, held_row: threading.Event
) -> None:
    work = resealer(wiring).work()
    seen = [next(work).resealed["messages"] for _ in range(20)]
    assert max(seen) == 2  # the third is locked, and looked at again and again
    assert "k1" in needed(wiring)
    held_row.set()
    for _ in work:
        pass
    assert needed(wiring) == {"k2"}


RINGS = [
    pytest.param(["k1"], ["k1"], None, id="the same"),
    pytest.param(["k1"], ["k1", "k2"], None, id="one more"),
    pytest.param(["k1", "k2"], ["k2", "k1"], None, id="another first"),
    pytest.param(["k1"], ["k2"], "lacks the key k1", id="the old one forgotten"),
    pytest.param(["k1", "k2"], ["k1"], "lacks the key k2", id="a key that another sealed with"),
    pytest.param(["k1"], ["k1'"], "k1 is not the key of that name", id="another by that name"),
]


@pytest.mark.parametrize(("before", "after", "problem"), RINGS)
def test_a_ring_that_lacks_what_rows_need_is_refused(
    wiring: Wiring, before: list[str], after: list[str], problem: str | None
) -> None:
    def ring(names: list[str]) -> Sealer:
        return Sealer([Key(name[:2], (name * 32).encode()[:32]) for name in names])

    encryption_keys.adopt(sessions=wiring.sessions, sealer=ring(before))
    if problem is None:
        encryption_keys.adopt(sessions=wiring.sessions, sealer=ring(after))
        assert needed(wiring) == {*before, *after}
        return
    with pytest.raises(SettingsError, match=problem):
        encryption_keys.adopt(sessions=wiring.sessions, sealer=ring(after))
    assert needed(wiring) == set(before)


def test_a_name_that_no_row_needs_may_mean_another_key(wiring: Wiring) -> None:
    fill(wiring)
    finish(wiring)
    again = Sealer([Key("k1", b"a" * 32), NEW])
    encryption_keys.adopt(sessions=wiring.sessions, sealer=again)
    encryption_keys.adopt(sessions=wiring.sessions, sealer=again)
    assert needed(wiring) == {"k1", "k2"}


def test_a_database_that_is_away_or_empty_refuses_nobody(wiring: Wiring) -> None:
    with wiring.sessions.begin() as session:
        session.execute(text("DROP TABLE encryption_keys"))
    encryption_keys.adopt(sessions=wiring.sessions, sealer=BEFORE)
    away = replace(wiring.settings, database_url="postgresql://nobody@127.0.0.1:1/none")
    encryption_keys.adopt_with(away, wiring.clock)


def test_no_error_names_what_was_sealed() -> None:
    with pytest.raises(SealBroken) as broken:
        WITHOUT.open(BEFORE.seal("0912345678", table="t", column="c", row="r"),
                     table="t", column="c", row="r")  # fmt: skip
    assert "0912345678" not in str(broken.value)
