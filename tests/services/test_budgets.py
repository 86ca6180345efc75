"""Budgets hold what is beyond them, and spending is counted."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from notifier.domain.budgets import Budget, Spent
from notifier.services import budgets, metrics
from notifier.services.views import NotFound

MIDDAY = datetime(2026, 11, 24, 5, tzinfo=UTC)  # in Vietnam


def send(world: Any, new_event: Any, count: int, prefix: str = "e") -> Counter[tuple[str, Any]]:
    """By state and reason: what became of so many new messages."""
    made = world.post(*(new_event(f"{prefix}{n}", code=f"{prefix}{n}") for n in range(count)))
    world.send()
    shown = [world.message(one.messages[0].id) for one in made]
    return Counter((one.state, one.reason) for one in shown)


@pytest.mark.parametrize(
    ("budget", "sent"),
    [
        (Budget(daily_segments=3), 3),
        (Budget(monthly_segments=2), 2),
        (Budget(daily_dong=1999), 3),
        (Budget(monthly_dong=0), 0),
        (Budget(), 5),
    ],
)
def test_what_is_beyond_the_budget_is_held_and_a_person_is_told(
    make_world: Callable[..., Any], new_event: Any, budget: Budget, sent: int
) -> None:
    world = make_world(now=MIDDAY)
    budgets.give("lai-thieu", budget, by=None, wiring=world.wiring)
    became = send(world, new_event, 5)
    assert became[("sent", None)] == sent
    assert became[("held", "budget")] == 5 - sent
    world.sweep()
    with world.wiring.sessions.read() as session:
        told = session.execute(text("SELECT kind, subject FROM alerts")).all()
    assert [tuple(one) for one in told] == ([("budget", "lai-thieu")] if sent < 5 else [])


def test_a_new_day_has_its_own_budget_and_the_month_goes_on(
    make_world: Callable[..., Any], new_event: Any
) -> None:
    world = make_world(now=MIDDAY)
    limits = Budget(daily_segments=2, monthly_segments=3)
    budgets.give("lai-thieu", limits, by=None, wiring=world.wiring)
    assert send(world, new_event, 3, "a")[("sent", None)] == 2
    world.clock.advance(timedelta(days=1))
    assert send(world, new_event, 3, "b")[("sent", None)] == 1
    shown = budgets.show("lai-thieu", wiring=world.wiring)
    assert shown.spent == Spent(1, 3, 500, 1500)
    assert shown.left == {"daily_segments": 1, "monthly_segments": 0}
    world.clock.advance(timedelta(days=7))  # December
    assert send(world, new_event, 3, "c")[("sent", None)] == 2


def test_segments_cost_what_the_gateway_that_took_them_takes(
    make_world: Callable[..., Any], new_event: Any
) -> None:
    world = make_world({"BAOTIN_SIMULATOR_SEGMENT_PRICE": "720"}, now=MIDDAY)
    send(world, new_event, 2)
    assert budgets.show("lai-thieu", wiring=world.wiring).spent == Spent(2, 2, 1440, 1440)
    assert budgets.show("thuan-an", wiring=world.wiring).own == Spent()


def test_metrics_tell_what_is_left_and_which_gateway_fails(
    make_world: Callable[..., Any], new_event: Any
) -> None:
    world = make_world(
        {"BAOTIN_TWILIO_BASE_URL": "http://127.0.0.1:1"}, gateways=("twilio", "simulator")
    )
    budgets.give("lai-thieu", Budget(daily_segments=9), by=None, wiring=world.wiring)
    send(world, new_event, 4)
    told = metrics.exposition(wiring=world.wiring).decode()
    for line in (
        'baotin_budget_left{limit="daily_segments",office="lai-thieu"} 5.0',
        'baotin_gateway_failing{gateway="twilio"} 1.0',
        'baotin_gateway_failing{gateway="simulator"} 0.0',
        'baotin_gateway_waits_seconds{gateway="simulator"} 0.0',
    ):
        assert line in told
    (passed_on,) = [
        line
        for line in told.splitlines()
        if line.startswith("baotin_failovers_total") and "twilio" in line
    ]
    assert float(passed_on.rpartition(" ")[2]) >= 3


def test_an_office_that_is_not_there_has_no_budget(world: Any) -> None:
    with pytest.raises(NotFound):
        budgets.show("nowhere", wiring=world.wiring)
