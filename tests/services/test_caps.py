"""A source makes so many messages a day; what is beyond is held and told."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from config.settings import Settings
from notifier.domain.restraint import Restraint
from notifier.domain.states import Reason
from notifier.services import releasing, sources
from notifier.services.seed import DEMO_SOURCE
from notifier.services.wiring import wire
from notifier.store.tables import Alert

EVENING = datetime(2026, 11, 24, 16, 30, tzinfo=UTC)  # 23:30 in Vietnam


@pytest.fixture
def world(make_world: Callable[..., Any]) -> Any:
    """Two messages of a source in a day, unless it has a cap of its own."""
    restraint = Restraint(quiet_hours=False, phone_cap=None, source_cap=2)
    return make_world(restraint=restraint, now=EVENING)


@pytest.fixture
def post(world: Any, new_event: Any) -> Callable[..., list[str | None]]:
    """Posts so many new events; answers why each message is held."""
    count = iter(range(1000))

    def do(how_many: int, **changes: Any) -> list[str | None]:
        numbers = [next(count) for _ in range(how_many)]
        posted = world.post(*(new_event(f"e{n}", code=f"c{n}", **changes) for n in numbers))
        return [one.reason for one in posted]

    return do


def test_beyond_its_cap_the_answer_says_that_a_message_is_held(
    world: Any, post: Callable[..., Any]
) -> None:
    assert post(1) == [None]
    assert post(3) == [None, "source_cap", "source_cap"]
    world.send()
    assert len(world.ledger()) == 2


def test_the_next_day_in_vietnam_begins_anew(world: Any, post: Callable[..., Any]) -> None:
    assert post(3) == [None, None, "source_cap"]
    world.clock.advance(timedelta(minutes=29))
    assert post(1) == ["source_cap"]
    world.clock.advance(timedelta(minutes=2))
    assert [post(1)[0] for _ in range(3)] == [None, None, "source_cap"]


def test_what_is_held_anyway_or_came_before_counts_not(
    world: Any, new_event: Any, post: Callable[..., Any]
) -> None:
    assert post(2, phone="0274 3755555") == ["phone", "phone"]
    same = new_event("same", code="same")
    assert [one.reason for one in world.post(same)] == [None]
    assert [one.outcome for one in world.post(same, same)] == ["duplicate", "duplicate"]
    assert post(2) == [None, "source_cap"]


@pytest.mark.parametrize(
    ("own", "held"), [(1, 2), (3, 0), (0, 0), (None, 1)], ids=["less", "more", "none", "default"]
)
def test_a_source_s_own_cap_goes_before_the_setting(
    world: Any, post: Callable[..., Any], own: int | None, held: int
) -> None:
    sources.change(DEMO_SOURCE, daily_cap=own, default_cap=own is None, wiring=world.wiring)
    assert post(3).count("source_cap") == held


def test_the_alert_names_the_source_until_the_last_is_let_go_or_cancelled(
    world: Any, post: Callable[..., Any]
) -> None:
    def open_alerts() -> list[tuple[str, str]]:
        world.sweep()
        with world.wiring.sessions.read() as session:
            rows = session.scalars(select(Alert).where(Alert.closed_at.is_(None))).all()
            return [(one.kind, one.subject) for one in rows]

    post(2)
    assert open_alerts() == []
    post(2)
    assert open_alerts() == [("source_cap", DEMO_SOURCE)]
    done = releasing.release_all(
        "lai-thieu", Reason.SOURCE_CAP, dry_run=False, by=None, wiring=world.wiring
    )
    assert done.moved == 2
    assert open_alerts() == []
    world.send()
    assert len(world.ledger()) == 4
    assert post(1) == ["source_cap"]


def test_the_settings_say_the_caps_and_the_demo_has_none(
    settings: Settings, production_settings: Settings
) -> None:
    def caps(of: Settings) -> tuple[int | None, int | None]:
        wiring = wire(of)
        wiring.close()
        return wiring.restraint.phone_cap, wiring.restraint.source_cap

    assert caps(settings) == (None, None)
    assert caps(production_settings) == (5, 20_000)
    assert caps(replace(production_settings, phone_cap=0, source_daily_cap=0)) == (None, 0)
