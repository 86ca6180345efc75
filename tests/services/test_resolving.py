"""What becomes of unknown outcomes that nobody can tell: who waits, and who goes elsewhere."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from config.gateways import OnUnknown
from notifier.domain.restraint import Restraint
from notifier.services import routes
from notifier.services.routes import NewRoute

BOTH = ("twilio", "simulator")
DEAD = {"BAOTIN_TWILIO_BASE_URL": "http://127.0.0.1:1", "BAOTIN_TWILIO_PER_SECOND": "0"}
QUARTER = timedelta(minutes=15)
SECOND = timedelta(seconds=1)


def route(*gateways: str, on_unknown: OnUnknown | None = None) -> NewRoute:
    return NewRoute([{"gateways": {one: 1}} for one in gateways], on_unknown=on_unknown)


def lost(make_world: Callable[..., Any], new_event: Any, new: NewRoute, **wiring: Any) -> Any:
    """A world whose Twilio is gone, and a message there of which nobody knows."""
    before = make_world(gateways=BOTH, **wiring)
    routes.give("lai-thieu", new, by=None, wiring=before.wiring)
    before.behave("twilio", faults=[{"kind": "reset"}])
    message = before.post(new_event())[0].messages[0].id
    before.context.sender.run(slice_s=30, stopping=lambda: False)
    assert before.message(message).state == "unknown"
    return make_world(DEAD, gateways=BOTH, **{**wiring, "now": before.clock.now()}), message


def pass_time(world: Any, by: timedelta) -> None:
    for _ in range(3):
        world.pass_waits(by / 3)
        world.send()


@pytest.mark.parametrize(
    ("on_unknown", "after", "state"),
    [
        (OnUnknown.OTHER_GATEWAY, QUARTER - 10 * SECOND, "unknown"),  # it is asked first
        (OnUnknown.OTHER_GATEWAY, QUARTER + SECOND, "sent"),
        (OnUnknown.WAIT, timedelta(hours=25), "unknown"),
        (None, timedelta(hours=25), "unknown"),
    ],
)
def test_where_asking_is_in_vain_the_office_decides_after_a_quarter_of_an_hour(
    make_world: Callable[..., Any],
    new_event: Any,
    on_unknown: OnUnknown | None,
    after: Any,
    state: str,
) -> None:
    world, message = lost(make_world, new_event, route(*BOTH, on_unknown=on_unknown))
    pass_time(world, after)
    shown = world.message(message)
    assert (shown.state, shown.possible_double) == (state, state == "sent")
    assert [one.gateway for one in shown.attempts] == list(BOTH[: 1 + (state == "sent")])


def test_without_another_gateway_on_its_way_it_waits_whatever_the_office_says(
    make_world: Callable[..., Any], new_event: Any
) -> None:
    alone = route("twilio", on_unknown=OnUnknown.OTHER_GATEWAY)
    world, message = lost(make_world, new_event, alone)
    pass_time(world, timedelta(hours=25))
    assert world.message(message).state == "unknown"
    assert world.ledger() == []


def test_one_that_the_night_kept_from_being_asked_about_is_asked_in_the_morning(
    make_world: Callable[..., Any], new_event: Any
) -> None:
    evening = datetime(2026, 11, 24, 13, 59, 50, tzinfo=UTC)  # ten seconds before nine
    open_hours = Restraint(quiet_hours=True, phone_cap=None)
    world = make_world(gateways=("simulator", "twilio"), now=evening, restraint=open_hours)
    impatient = route("simulator", "twilio", on_unknown=OnUnknown.OTHER_GATEWAY)
    routes.give("lai-thieu", impatient, by=None, wiring=world.wiring)
    world.behave(faults=[{"kind": "reset"}])
    message = world.post(new_event())[0].messages[0].id
    for _ in range(4):
        world.send()
        world.pass_waits(5 * SECOND)
    assert world.message(message).state == "unknown"
    world.behave()
    world.pass_waits(timedelta(hours=10))
    world.send()
    shown = world.message(message)
    assert (shown.state, [one.gateway for one in shown.attempts]) == ("sent", ["simulator"])


def test_a_retry_where_there_is_no_other_gateway_waits_as_it_does_for_one_alone(
    make_world: Callable[..., Any], new_event: Any
) -> None:
    world = make_world(DEAD, gateways=BOTH)
    routes.give("lai-thieu", route("twilio"), by=None, wiring=world.wiring)
    message = world.post(new_event())[0].messages[0].id
    world.send()
    assert len(world.message(message).attempts) == 1
