"""Offices' routes: inherited, changed with a trace, kept to, and explained."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from config.gateways import OnUnknown
from notifier.domain.routing import RouteError
from notifier.services import pauses, routes
from notifier.services.routes import NewRoute, Question
from notifier.services.views import NotFound

BOTH = ("simulator", "twilio")
TWILIO = NewRoute([{"gateways": {"twilio": 1}}])


def send_some(world: Any, new_event: Any, count: int = 1) -> Counter[str]:
    """By gateway: where so many messages of lai-thieu went."""
    world.post(*(new_event(f"e{n}", code=f"c{n}") for n in range(count)))
    world.send()
    return Counter(row["gateway"] for row in world.ledger())


def test_an_office_without_a_route_has_its_parents_and_then_all_gateways(
    make_world: Callable[..., Any], new_event: Any
) -> None:
    world = make_world(gateways=BOTH)
    shown = routes.show("lai-thieu", wiring=world.wiring)
    assert (shown.said_by, [list(one["gateways"]) for one in shown.steps]) == (
        "default",
        [["simulator"], ["twilio"]],
    )
    assert routes.give("thuan-an", TWILIO, by=None, wiring=world.wiring).said_by == "thuan-an"
    assert routes.show("lai-thieu", wiring=world.wiring).said_by == "thuan-an"
    assert send_some(world, new_event) == {"twilio": 1}
    routes.take_away("thuan-an", by=None, wiring=world.wiring)
    assert routes.show("lai-thieu", wiring=world.wiring) == shown


def test_a_change_is_in_the_audit_trail(make_world: Callable[..., Any]) -> None:
    world = make_world(gateways=BOTH)
    routes.give("lai-thieu", TWILIO, by=None, wiring=world.wiring)
    routes.take_away("lai-thieu", by=None, wiring=world.wiring)
    with world.wiring.sessions.read() as session:
        rows = session.execute(
            text("SELECT action, object FROM audit WHERE object = 'lai-thieu' ORDER BY id")
        ).all()
    assert [tuple(row) for row in rows] == [
        ("route.given", "lai-thieu"),
        ("route.taken_away", "lai-thieu"),
    ]


def test_shares_and_conditions_decide_where_messages_go(
    make_world: Callable[..., Any], new_event: Any
) -> None:
    world = make_world(gateways=BOTH)
    for_english = {"gateways": {"simulator": 1}, "languages": ["en"]}
    shared = {"gateways": {"simulator": 1, "twilio": 3}}
    routes.give("lai-thieu", NewRoute([for_english, shared]), by=None, wiring=world.wiring)
    english = world.post(new_event("en", language="en"))[0].messages[0]
    world.send()
    assert [a.gateway for a in world.message(english.id).attempts] == ["simulator"]
    for group in range(15):  # small ones: a gateway whose share of the pool is full takes no more
        world.post(*(new_event(f"g{group}-{n}", code=f"g{group}-{n}") for n in range(4)))
        world.send()
    went = Counter(row["gateway"] for row in world.ledger())
    assert went["twilio"] > went["simulator"] > 1


def test_the_cheapest_is_taken_where_the_route_says_so(
    make_world: Callable[..., Any], new_event: Any
) -> None:
    options = {"BAOTIN_SIMULATOR_SEGMENT_PRICE": "700", "BAOTIN_TWILIO_SEGMENT_PRICE": "300"}
    world = make_world(options, gateways=BOTH)
    either = NewRoute([{"gateways": {one: 1}} for one in BOTH], cheapest_first=True)
    routes.give("lai-thieu", either, by=None, wiring=world.wiring)
    assert send_some(world, new_event) == {"twilio": 1}


def test_what_has_no_way_now_keeps_no_others_waiting(
    make_world: Callable[..., Any], new_event: Any
) -> None:
    world = make_world(gateways=BOTH)
    routes.give("lai-thieu", TWILIO, by=None, wiring=world.wiring)
    pauses.pause("twilio", by=None, wiring=world.wiring)
    assert send_some(world, new_event, 3) == {}
    with world.wiring.sessions.read() as session:
        tries = session.execute(text("SELECT sum(tries) FROM messages")).scalar_one()
        states = session.execute(text("SELECT DISTINCT state FROM messages")).scalars().all()
    assert (tries, states) == (0, ["queued"])
    pauses.resume("twilio", by=None, wiring=world.wiring)
    world.send()
    assert {row["gateway"] for row in world.ledger()} == {"twilio"}


def test_an_office_decides_what_happens_where_nobody_can_tell(
    make_world: Callable[..., Any], new_event: Any
) -> None:
    world = make_world(gateways=("speedsms", "simulator"))
    elsewhere = NewRoute(
        [{"gateways": {"speedsms": 1}}, {"gateways": {"simulator": 1}}],
        on_unknown=OnUnknown.OTHER_GATEWAY,
    )
    routes.give("lai-thieu", elsewhere, by=None, wiring=world.wiring)
    world.behave("speedsms", faults=[{"kind": "reset"}])
    message = world.post(new_event())[0].messages[0]
    world.send()
    assert world.message(message.id).state == "unknown"
    for _ in range(3):
        world.pass_waits(timedelta(seconds=5))
        world.send()
    shown = world.message(message.id)
    assert [a.gateway for a in shown.attempts] == ["speedsms", "simulator"]
    assert (shown.state, shown.possible_double) == ("sent", True)


@pytest.mark.parametrize(
    ("question", "why"),
    [
        (Question("lai-thieu", "vi", "gsm7"), {"twilio": (True, "the first that can")}),
        (
            Question("lai-thieu", "vi", "gsm7", segments=11),
            {"simulator": (False, "takes 10 segments at most")},
        ),
    ],
)
def test_a_preview_says_which_gateway_would_be_taken_and_why(
    make_world: Callable[..., Any], question: Question, why: dict[str, tuple[bool, str]]
) -> None:
    world = make_world(gateways=BOTH)
    both = NewRoute([{"gateways": {"simulator": 1}}, {"gateways": {"twilio": 1}}])
    routes.give("lai-thieu", both, by=None, wiring=world.wiring)
    pauses.pause("simulator", by=None, wiring=world.wiring)
    way = routes.preview(question, wiring=world.wiring)
    told = {one.gateway: (one.taken, one.why) for one in way.choices}
    assert told == {"simulator": (False, "paused: by_person"), **told} | why
    assert way.said_by == "lai-thieu"


def test_a_preview_tells_of_a_breaker(make_world: Callable[..., Any], new_event: Any) -> None:
    world = make_world({"BAOTIN_SIMULATOR_BASE_URL": "http://127.0.0.1:1"}, gateways=BOTH)
    send_some(world, new_event, 3)
    way = routes.preview(Question("lai-thieu", "vi", "gsm7"), wiring=world.wiring)
    assert [one.why for one in way.choices] == ["failing for 0 s: refused", "the first that can"]


def test_what_is_not_there_is_not_found_or_refused(world: Any) -> None:
    with pytest.raises(NotFound):
        routes.show("nowhere", wiring=world.wiring)
    with pytest.raises(RouteError):
        routes.give("lai-thieu", TWILIO, by=None, wiring=world.wiring)
