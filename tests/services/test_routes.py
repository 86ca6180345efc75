"""Offices' routes: inherited, changed with a trace, kept to, and explained."""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from config.gateways import OnUnknown
from notifier.domain import breaker
from notifier.domain.breaker import HEALTHY, Breaker
from notifier.domain.events import Language
from notifier.domain.operators import Operator
from notifier.domain.routing import RouteError
from notifier.domain.text import Encoding
from notifier.services import offices, pauses, routes
from notifier.services.office_files import Row
from notifier.services.routes import NewRoute, Question
from notifier.services.views import NotFound
from notifier.store import breakers as rows
from notifier.store import operators
from notifier.store import pauses as store_pauses
from notifier.store.claims import Claimed

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


def test_what_waits_for_a_full_gateway_fills_no_more_than_every_other_claim(
    make_world: Callable[..., Any], new_event: Any
) -> None:
    """However urgent and many they are: another office's gateway is idle."""
    world = make_world(gateways=BOTH)
    sender = world.context.sender
    sender.pool.size = 8
    routes.give("lai-thieu", TWILIO, by=None, wiring=world.wiring)
    world.post(*(new_event(f"e{n}", code=f"c{n}", priority="urgent") for n in range(60)))
    other = world.post(new_event("other", code="other", priority="bulk"))[0].messages[0].id
    moved = "UPDATE messages SET office_id = 'thuan-an' WHERE id = :id"
    world.execute(moved, id=other)
    points: list[str] = []
    sender.probe = points.append

    def stopping() -> bool:
        time.sleep(0.02)  # calls end: there is always a place at the full gateway too
        world.clock.advance(timedelta(seconds=0.1))
        return points.count("after_claim") >= 3

    sender.run(slice_s=30, stopping=stopping)
    assert [a.gateway for a in world.message(other).attempts] == ["simulator"]
    assert len(world.ledger()) < 30


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
    assert [one.why for one in way.choices] == [
        "failing for 0 s: refused; tried again in 1 s",
        "the first that can",
    ]


def test_a_preview_tells_shares_and_who_takes_registered_words_only(
    make_world: Callable[..., Any],
) -> None:
    world = make_world(gateways=("simulator", "twilio", "zalo"))
    shared = NewRoute([{"gateways": {"zalo": 1}}, {"gateways": {"twilio": 1, "simulator": 3}}])
    routes.give("lai-thieu", shared, by=None, wiring=world.wiring)
    way = routes.preview(Question("lai-thieu", "vi", "gsm7"), wiring=world.wiring)
    assert [(one.gateway, one.taken, one.why) for one in way.choices] == [
        ("zalo", True, "the first that can, with words that are registered there"),
        ("simulator", False, "after it; 3 of 4 messages of its step"),
        ("twilio", False, "after it; 1 of 4 messages of its step"),
    ]


def test_a_preview_says_what_the_sender_does(make_world: Callable[..., Any]) -> None:
    """Whatever the route, the message, and what is paused, fails or asked to be let be."""
    names = ("simulator", "esms", "fpt", "speedsms")
    world = make_world(gateways=names)
    phones = {one: f"phone of {one}".encode() for one in Operator}
    with world.wiring.sessions.begin() as session:
        operators.keep(session, [_told_operator(world, *one) for one in phones.items()])
    chance = random.Random(6)  # noqa: S311 - the same cases each time
    found = Counter[str | None]()
    for number in range(80):
        asked = _anything(world, names, chance)
        told_phone = phones[Operator(asked.operator)] if asked.operator else b"nobody told"
        message = claimed(world, asked, told_phone)
        sender = world.context.sender
        sender.traffic.look()
        with world.wiring.sessions.read() as session:
            places = sender.traffic.places(session, sender.pool, now=world.clock.now())
        plan = sender.planner.plan([message], places)
        way = routes.preview(asked, wiring=world.wiring)
        told = next((one.gateway for one in way.choices if one.taken), None)
        assert [call.gateway for call in plan.calls] == ([told] if told else []), (number, way)
        found[told] += 1
    assert found.keys() == {*names, None}


def _told_operator(world: Any, operator: Operator, phone_hash: bytes) -> dict[str, object]:
    now = world.clock.now()
    told = {"operator": operator, "told_by": "fpt", "told_at": now, "purge_after": now}
    return {"phone_hash": phone_hash, **told}


def _anything(world: Any, names: tuple[str, ...], chance: random.Random) -> Question:
    """Some route, some gateways that take nothing now, and a question."""

    def some(of: Iterable[str]) -> list[str]:
        return [one for one in of if chance.random() < 0.4]

    conditions = {"languages": Language, "encodings": Encoding, "operators": Operator}
    steps = [
        {"gateways": {chance.choice(names): 1}, **{key: some(of) for key, of in conditions.items()}}
        for _ in range(chance.randint(1, 5))
    ]
    route = NewRoute(steps, cheapest_first=chance.random() < 0.3)
    routes.give("lai-thieu", route, by=None, wiring=world.wiring)
    shut = {name: chance.choice(["paused", "failing", "probe", "waits", "", ""]) for name in names}
    world.pass_waits(timedelta(seconds=100))
    now, before = world.clock.now(), world.clock.now() - timedelta(minutes=1)
    opened = {"failing": Breaker(opened_at=now, probed_at=now, reason="refused")}
    opened["probe"] = Breaker(opened_at=before, probed_at=before, reason="refused")
    with world.wiring.sessions.begin() as session:
        for name, how in shut.items():
            store_pauses.resume(session, name)
            if how == "paused":
                store_pauses.pause(session, name, reason="103", now=world.clock.now())
        rows.lock(session, names)
        rows.put(session, {name: opened.get(how, HEALTHY) for name, how in shut.items()})
    for name in (name for name, how in shut.items() if how == "waits"):
        world.context.sender.traffic.pacing.ask_to_wait(name, 100)
    return Question(
        "lai-thieu",
        chance.choice(list(Language)),
        chance.choice(list(Encoding)),
        chance.choice([1, 2, 4, 11]),
        chance.choice([None, *Operator]),
    )


def claimed(world: Any, asked: Question, phone_hash: bytes) -> Claimed:
    """The message that is asked about, in a worker's hands."""
    now = world.clock.now()
    return Claimed(
        id="msg",
        event_id="evt",
        event_type="result_ready",
        office_id=asked.office,
        phone_cipher=b"",
        phone_hash=phone_hash,
        text_cipher=b"",
        values_cipher=None,
        template_version_id=None,
        encoding=asked.encoding,
        segments=asked.segments,
        sender="",
        tries=0,
        language=asked.language,
        priority=1,
        send_at=now,
        released_at=None,
        created_at=now,
    )


def test_what_is_not_there_is_not_found_or_refused(world: Any) -> None:
    with pytest.raises(NotFound):
        routes.show("nowhere", wiring=world.wiring)
    with pytest.raises(RouteError):
        routes.give("lai-thieu", TWILIO, by=None, wiring=world.wiring)


CHILD = "phuong-duoi"  # below lai-thieu, which is below thuan-an


def test_each_of_three_levels_may_have_its_own_way_and_loses_it_alone(
    make_world: Callable[..., Any], new_event: Any
) -> None:
    world = make_world(gateways=("simulator", "twilio", "speedsms"))
    told = {"id": CHILD, "parent": "lai-thieu", "name": "Dưới", "phone": "02743800000"}
    offices.import_offices([Row("office 1", told)], wiring=world.wiring)

    def said() -> list[tuple[str, list[str]]]:
        views = [routes.show(one, wiring=world.wiring) for one in ("thuan-an", "lai-thieu", CHILD)]
        return [(one.said_by, list(one.steps[0]["gateways"])) for one in views]

    routes.give("thuan-an", TWILIO, by=None, wiring=world.wiring)
    assert said() == [("thuan-an", ["twilio"])] * 3
    own = NewRoute([{"gateways": {"speedsms": 1}}], on_unknown=OnUnknown.OTHER_GATEWAY)
    routes.give(CHILD, own, by=None, wiring=world.wiring)
    between = NewRoute([{"gateways": {"simulator": 1}}])
    routes.give("lai-thieu", between, by=None, wiring=world.wiring)
    assert said() == [
        ("thuan-an", ["twilio"]),
        ("lai-thieu", ["simulator"]),
        (CHILD, ["speedsms"]),
    ]
    # A route is taken whole: what the parent says of unknown outcomes holds for its own route only.
    assert routes.show("lai-thieu", wiring=world.wiring).on_unknown is None
    routes.take_away("lai-thieu", by=None, wiring=world.wiring)
    assert said()[1:] == [("thuan-an", ["twilio"]), (CHILD, ["speedsms"])]
    routes.take_away(CHILD, by=None, wiring=world.wiring)
    routes.take_away("thuan-an", by=None, wiring=world.wiring)
    assert said() == [("default", ["simulator"])] * 3


@pytest.mark.parametrize(
    "steps",
    [
        [{"gateways": {"twilio": 1}}],  # out of use since
        [{"gateways": {"twilio": 1}, "languages": ["en"]}],  # and so is what English ones take
        [{"gateways": {"simulator": 1}, "languages": ["en"]}],  # nothing for Vietnamese ones
    ],
)
def test_a_route_that_has_nothing_for_a_message_lets_it_go_by_the_default_order(
    make_world: Callable[..., Any], new_event: Any, steps: Any
) -> None:
    before = make_world(gateways=BOTH)
    routes.give("lai-thieu", NewRoute(steps), by=None, wiring=before.wiring)
    world = make_world(gateways=("speedsms", "simulator"))
    pauses.pause("speedsms", by=None, wiring=world.wiring)
    (shown,) = [
        one.gateway
        for one in routes.preview(Question("lai-thieu", "vi", "gsm7"), wiring=world.wiring).choices
        if one.taken
    ]
    assert shown == "simulator"
    assert send_some(world, new_event) == {"simulator": 1}


def row_of(world: Any) -> Any:
    with world.wiring.sessions.read() as session:
        return session.execute(
            text("SELECT state, reason, tries, send_at FROM messages ORDER BY id")
        ).all()


@pytest.mark.parametrize("shut", ["paused", "failing", "asked to wait"])
def test_what_no_gateway_of_its_way_takes_says_so_and_waits_for_one_to_open(
    make_world: Callable[..., Any], new_event: Any, shut: str
) -> None:
    """Other messages of its office go elsewhere meanwhile; it is not claimed each second."""
    world = make_world(gateways=BOTH)
    for_english = {"gateways": {"simulator": 1}, "languages": ["en"]}
    for_others = {"gateways": {"twilio": 1}, "languages": ["vi"]}
    routes.give("lai-thieu", NewRoute([for_english, for_others]), by=None, wiring=world.wiring)
    match shut:
        case "paused":
            pauses.pause("twilio", by=None, wiring=world.wiring)
        case "failing":
            opened = breaker.opened(breaker.HEALTHY, at=world.clock.now(), code="refused")
            with world.wiring.sessions.begin() as session:
                rows.lock(session, ["twilio"])
                rows.put(session, {"twilio": opened})
        case _:
            world.context.sender.traffic.pacing.ask_to_wait("twilio", 30)
    made = world.post(
        *(new_event(f"v{n}", code=f"v{n}") for n in range(20)),
        *(new_event(f"e{n}", code=f"e{n}", language="en") for n in range(5)),
    )
    stuck, gone = made[0].messages[0].id, made[-1].messages[0].id
    world.send()
    assert world.message(gone).state == "sent"
    told = {(one.state, one.reason) for one in map(world.message, [stuck])}
    assert told == {("queued", "no_gateway")}
    before = row_of(world)
    world.clock.advance(timedelta(seconds=2))
    world.send()
    assert row_of(world) == before  # nothing was claimed and put back
    if shut == "paused":
        pauses.resume("twilio", by=None, wiring=world.wiring)
    world.pass_waits(timedelta(seconds=31))
    for _ in range(4):  # one that comes back gets few at first
        world.send()
        world.clock.advance(timedelta(seconds=2))
    assert {(one[0], one[1]) for one in row_of(world)} == {("sent", None)}
