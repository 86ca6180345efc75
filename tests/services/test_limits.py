"""What gateway accounts may be given is said by a person, kept to at once, and traced."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from notifier.services import limits
from notifier.services.views import NotFound
from notifier.store.limits import LimitRow

BOTH = ("simulator", "speedsms")


def shown(world: Any) -> dict[str, tuple[float | None, str, str]]:
    views = limits.list_all(wiring=world.wiring)
    return {one.gateway: (one.per_second, one.rate_unit, one.said_by) for one in views}


def test_a_person_says_more_than_the_settings_and_these_more_than_the_adapter(
    make_world: Callable[..., Any],
) -> None:
    world = make_world({"BAOTIN_SIMULATOR_PER_SECOND": "9"}, gateways=BOTH)
    before = {
        "simulator": (9.0, "messages", "settings"),
        "speedsms": (1.0, "messages", "adapter"),
    }
    assert shown(world) == before
    limits.give("simulator", LimitRow(0.5, "segments"), by=None, wiring=world.wiring)
    limits.give("speedsms", LimitRow(0, "messages"), by=None, wiring=world.wiring)
    assert shown(world) == {
        "simulator": (0.5, "segments", "person"),
        "speedsms": (None, "messages", "person"),
    }
    for gateway in BOTH:
        limits.give(gateway, None, by=None, wiring=world.wiring)
    assert shown(world) == before
    with world.wiring.sessions.read() as session:
        rows = session.execute(text("SELECT action, object FROM audit ORDER BY id")).all()
    assert [tuple(row) for row in rows if row[0].startswith("limit")] == [
        ("limit.given", "simulator"),
        ("limit.given", "speedsms"),
        ("limit.taken_away", "simulator"),
        ("limit.taken_away", "speedsms"),
    ]


def test_workers_that_run_keep_to_it_from_their_next_look(
    make_world: Callable[..., Any], new_event: Any
) -> None:
    world = make_world({"BAOTIN_SIMULATOR_PER_SECOND": "0"})
    traffic = world.context.sender.traffic
    steps: list[tuple[LimitRow | None, bool, int]] = [
        (None, False, 1),
        (LimitRow(500, "segments"), True, 3),
        (LimitRow(500, "messages"), True, 1),
        (LimitRow(0, "messages"), False, 1),
        (None, False, 1),
    ]
    for turn, (limit, paced, units) in enumerate(steps):
        limits.give("simulator", limit, by=None, wiring=world.wiring)
        message = world.post(new_event(f"e{turn}", code=f"c{turn}"))[0].messages[0]
        world.send()
        assert world.message(message.id).state == "sent"
        assert (traffic.pacing.is_paced("simulator"), traffic.units("simulator", 3)) == (
            paced,
            units,
        )


def test_a_gateway_not_in_use_has_no_limit(world: Any) -> None:
    with pytest.raises(NotFound):
        limits.give("nowhere", LimitRow(1, "messages"), by=None, wiring=world.wiring)
