"""The night's work: what is past its date goes, nothing else does, and the counts stay."""

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError

from notifier.domain.clock import ManualClock
from notifier.domain.retention import STEADY_FOR, is_night_due, night_of
from notifier.domain.states import State
from notifier.services import counts
from notifier.services.jumps import JumpWatch
from notifier.services.nightly import Nightly
from notifier.store import retention as store
from notifier.store.engine import Sessions, StoreUnavailable
from notifier.store.stretches import Stretch
from notifier.store.tables import Base
from tests import retention
from workers.worker import build_context

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def night(make_world: Callable[..., Any]) -> Any:
    """A world whose clock has been steady for long enough to be believed."""
    world = make_world(now=NOW)
    world.clock.advance(STEADY_FOR)
    return world


def counted(world: Any) -> dict[tuple[Any, ...], tuple[int, int]]:
    told = counts.by_day(date(2023, 1, 1), date(2027, 1, 1), wiring=world.wiring)
    return {
        (one.day, one.office, one.event_type, one.state, one.gateway): (one.messages, one.segments)
        for one in told
    }


def test_a_night_purges_what_is_past_its_date_and_nothing_else(night: Any) -> None:
    past = retention.fill(night.wiring, messages=2000, now=night.clock.now())
    expected = {key: (n, past.segments[key]) for key, n in past.messages.items()}
    assert counted(night) == expected
    before = retention.dump(night.wiring)
    retention.work(night.context.nightly)
    after = retention.dump(night.wiring)
    assert list(retention.wrong(past, before, after)) == []
    assert all(past.removed[name] for name in before)
    assert all(past.blanked[name] for name in retention.PERSONAL)
    assert counted(night) == expected


class Ticking(ManualClock):
    """A clock by which every look at it takes a tenth of a second."""

    def monotonic(self) -> float:
        self.advance(timedelta(seconds=0.1))
        return super().monotonic()


def test_a_slice_begins_nothing_after_its_time_and_the_next_one_goes_on(night: Any) -> None:
    past = retention.fill(night.wiring, messages=200, now=night.clock.now())
    before = retention.dump(night.wiring)
    clock = Ticking(past.now)
    nightly = Nightly(
        sessions=Sessions(night.wiring.sessions.engine, clock),
        clock=clock,
        ids=night.wiring.ids,
        keeping=night.wiring.keeping,
        jumps=JumpWatch(ManualClock(past.now)),
    )
    clock.advance(STEADY_FOR)
    slices = 0
    while True:
        began, slices = ManualClock.monotonic(clock), slices + 1
        if not nightly.run():
            break
        assert ManualClock.monotonic(clock) - began < 1
    assert slices > 2
    assert list(retention.wrong(past, before, retention.dump(night.wiring))) == []


def test_two_workers_at_once_count_each_message_once(night: Any) -> None:
    others = [build_context(night.wiring, threading.Event()).nightly for _ in range(3)]
    night.clock.advance(STEADY_FOR)
    past = retention.fill(night.wiring, messages=3000, now=night.clock.now(), seed=2)
    expected = {key: (n, past.segments[key]) for key, n in past.messages.items()}
    before = retention.dump(night.wiring)
    broken: list[Exception] = []

    def work(nightly: Any) -> None:
        try:
            retention.work(nightly)
        except Exception as problem:  # noqa: BLE001 - shown by the assertion below
            broken.append(problem)

    threads = [threading.Thread(target=work, args=(one,)) for one in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert broken == []
    assert list(retention.wrong(past, before, retention.dump(night.wiring))) == []
    assert counted(night) == expected


def test_a_stretch_that_another_worker_is_removing_is_left_to_it(night: Any) -> None:
    past = retention.fill(night.wiring, messages=100, now=night.clock.now())
    expected = {key: (n, past.segments[key]) for key, n in past.messages.items()}
    sessions, messages = night.wiring.sessions, Base.metadata.tables["messages"]
    where = Stretch(messages, None, None)
    removed: list[int] = []

    def remove() -> None:
        with sessions.begin() as session:
            removed.append(store.remove(session, where, now=past.now))

    other = threading.Thread(target=remove)
    with sessions.begin() as session:
        store.blank(session, where, now=past.now, kept_for=night.wiring.keeping.rows)
    with sessions.begin() as session:
        removed.append(store.remove(session, where, now=past.now))
        other.start()
        other.join(timeout=0.5)  # on PostgreSQL it is through by now, or waits for our commit
    other.join()
    assert removed == [len(past.removed["messages"]), 0]
    assert counted(night) == expected


def test_a_message_lives_its_whole_life_and_leaves_only_its_count(
    night: Any, new_event: Any
) -> None:
    message = night.post(new_event(code="H29-1"))[0].messages[0]
    night.send()
    told = counted(night)
    assert list(told.values()) == [(1, 1)]
    night.clock.advance(91 * DAY)
    retention.work(night.context.nightly)
    shown = night.message(message.id)
    assert (shown.state, shown.to, shown.text, shown.case) == ("sent", "***", None, "H29-1")
    assert len(shown.attempts) == 1
    night.clock.advance(640 * DAY)
    retention.work(night.context.nightly)
    with night.wiring.sessions.read() as session:
        left = {
            name: session.execute(text(f"SELECT count(*) FROM {name}")).scalar_one()  # noqa: S608
            for name in ("cases", "events", "messages", "attempts")
        }
    assert left == dict.fromkeys(left, 0)
    assert counted(night) == told


@pytest.mark.parametrize("state", [State.QUEUED, State.HELD, State.SENDING])
def test_what_is_still_to_be_sent_is_never_purged(night: Any, new_event: Any, state: State) -> None:
    message = night.post(new_event())[0].messages[0]
    night.execute("UPDATE messages SET state = :state", state=state)
    night.clock.advance(1000 * DAY)
    retention.work(night.context.nightly)
    assert night.message(message.id).text is not None
    night.execute("UPDATE messages SET state = 'cancelled'")
    night.clock.advance(DAY)
    retention.work(night.context.nightly)
    assert counted(night)


def test_a_night_is_worked_once_and_a_missed_one_made_up_for(night: Any) -> None:
    nightly = night.context.nightly

    def began() -> datetime | None:
        with night.wiring.sessions.read() as session:
            return store.last_began(session, "night")

    retention.work(nightly)
    first = began()
    assert first == night.clock.now()
    night.clock.advance(timedelta(hours=1))
    assert nightly.run() is False
    assert began() == first
    night.clock.advance(5 * DAY)
    retention.work(nightly)
    assert began() == night.clock.now()


def test_after_a_start_or_a_jump_nothing_is_purged_before_the_clock_is_steady(
    make_world: Callable[..., Any], new_event: Any
) -> None:
    world = make_world(now=NOW)
    message = world.post(new_event())[0].messages[0]
    world.send()
    nightly = world.context.nightly
    assert nightly.run() is False
    world.clock.advance(STEADY_FOR)
    world.clock.jump(200 * DAY)
    for _ in range(3):
        assert nightly.run() is False
        world.clock.advance(timedelta(seconds=10))
    world.clock.jump(-200 * DAY)
    nightly.run()
    world.clock.advance(STEADY_FOR * 2)
    retention.work(nightly)
    assert world.message(message.id).text is not None


def test_a_pass_that_broke_begins_anew(night: Any, new_event: Any) -> None:
    night.post(new_event())
    night.send()
    night.clock.advance(91 * DAY)
    night.execute("ALTER TABLE messages RENAME TO elsewhere")
    with pytest.raises((StoreUnavailable, ProgrammingError)):
        retention.work(night.context.nightly)
    night.execute("ALTER TABLE elsewhere RENAME TO messages")
    retention.work(night.context.nightly)
    with night.wiring.sessions.read() as session:
        assert session.execute(text("SELECT phone_mask FROM messages")).scalars().all() == ["***"]


@pytest.mark.parametrize(
    ("now", "began", "due"),
    [
        ("2026-11-24T01:59:59+07:00", "2026-11-23T02:00:00+07:00", False),
        ("2026-11-24T02:00:00+07:00", "2026-11-23T02:00:00+07:00", True),
        ("2026-11-24T02:00:01+07:00", "2026-11-24T02:00:00+07:00", False),
        ("2026-11-24T09:00:00+07:00", "2026-11-20T02:00:00+07:00", True),
        ("2026-11-24T09:00:00+07:00", "2027-01-01T02:00:00+07:00", True),  # a clock that was ahead
        ("2026-11-24T09:00:00+07:00", None, True),
    ],
)
def test_the_night_begins_at_two(now: str, began: str | None, due: bool) -> None:
    last = datetime.fromisoformat(began) if began else None
    assert is_night_due(datetime.fromisoformat(now), last) == due
    assert night_of(datetime.fromisoformat(now)).hour == 2


def test_every_column_that_is_sealed_is_emptied_or_said_to_be_kept() -> None:
    kept = {
        ("users", "totp_cipher"),  # as long as the account
        ("gateway_tokens", "token_cipher"),  # nobody's personal data
        ("source_callbacks", "secret_cipher"),  # nobody's personal data
        ("opt_outs", "phone_hash"),  # as long as the citizen's wish
        *(("duty_phones", f"phone_{one}") for one in ("cipher", "hash", "mask")),  # an office's own
        ("test_numbers", "phone_hash"),  # an office's own, until it removes them
        ("test_numbers", "phone_mask"),
        *(("own_phones", f"phone_{kept}") for kept in ("cipher", "hash", "mask")),  # of staff
        ("staff_texts", "phone_hash"),  # its row goes after an hour
        ("phone_operators", "phone_hash"),  # its row goes with the personal columns
    }
    sealed = {
        (table.name, column.name)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if column.name.endswith("_cipher") or column.name in {"phone_hash", "phone_mask"}
    }
    emptied = {(table, name) for table, names in store.PERSONAL.items() for name in names}
    assert sealed - emptied == kept


def test_calendars_know_the_next_year_after_a_night(night: Any) -> None:
    night.execute("DELETE FROM calendar_days")
    retention.work(night.context.nightly)
    with night.wiring.sessions.read() as session:
        days = session.scalars(select(Base.metadata.tables["calendar_days"].c.day)).all()
    assert {day.year for day in days} == {2026, 2027}
