"""Alerts about gateways follow from pauses and breakers."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import text

from notifier.services import pauses

PAUSE = "INSERT INTO gateway_pauses (gateway, reason, paused_at) VALUES (:name, :why, :at)"
OPEN = (
    "INSERT INTO gateway_breakers (gateway, failures, opened_at, reason, wait_s)"
    " VALUES (:name, 3, :at, :why, 1)"
)


def open_alerts(world: Any) -> set[tuple[str, str, str]]:
    with world.wiring.sessions.read() as session:
        told = text("SELECT kind, subject, detail FROM alerts WHERE closed_at IS NULL")
        return {tuple(row) for row in session.execute(told)}


def instant(world: Any, at: datetime) -> object:
    """As the database keeps it."""
    sqlite = world.wiring.sessions.engine.dialect.name == "sqlite"
    return int(at.timestamp() * 1_000_000) if sqlite else at


@pytest.mark.parametrize(
    ("row", "kind"), [(PAUSE, "gateway_paused"), (OPEN, "gateway_failing")], ids=["pause", "open"]
)
def test_an_alert_that_is_missing_is_raised_once_and_closed_when_its_cause_is_over(
    world: Any, row: str, kind: str
) -> None:
    world.execute(row, name="simulator", why="code", at=instant(world, world.clock.now()))
    world.sweep()
    world.sweep()
    assert open_alerts(world) == {(kind, "simulator", "code")}
    world.execute("DELETE FROM gateway_pauses")
    world.execute("UPDATE gateway_breakers SET opened_at = NULL")
    world.sweep()
    assert open_alerts(world) == set()


def test_nobody_is_told_of_a_gateway_that_is_in_use_no_more(
    make_world: Callable[..., Any],
) -> None:
    both = make_world(gateways=("simulator", "twilio"))
    both.execute(PAUSE, name="twilio", why="code", at=instant(both, both.clock.now()))
    both.sweep()
    assert open_alerts(both) == {("gateway_paused", "twilio", "code")}
    make_world().sweep()
    assert open_alerts(both) == set()


def test_who_paused_a_gateway_is_not_told_of_it(world: Any) -> None:
    pauses.pause("simulator", by=None, wiring=world.wiring)
    world.sweep()
    assert open_alerts(world) == set()
