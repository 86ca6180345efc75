"""A gateway that fails is left alone, its messages go elsewhere, and it comes back by and by."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from notifier.domain.alerts import AlertKind
from notifier.domain.breaker import may_probe
from notifier.services import pauses
from workers.worker import build_context

SECOND = timedelta(seconds=1)
CUT_SHORT = {"BAOTIN_TWILIO_DEADLINE_S": "2"}  # only that one is ever left hanging
BOTH = ("twilio", "simulator")


def post(world: Any, new_event: Any, *names: str) -> list[str]:
    made = world.post(*(new_event(name, code=f"c-{name}") for name in names))
    return [one.messages[0].id for one in made]


def gateways_of(world: Any, ids: list[str]) -> list[list[str]]:
    return [[a.gateway for a in world.message(one).attempts] for one in ids]


def open_alerts(world: Any) -> list[tuple[str, str, str]]:
    with world.wiring.sessions.read() as session:
        rows = session.execute(
            text("SELECT kind, subject, detail FROM alerts WHERE closed_at IS NULL")
        )
        return [tuple(row) for row in rows]


def fail_three_times(world: Any, new_event: Any, gateway: str, kind: str) -> list[str]:
    """Three messages one after the other, to a gateway that fails: its breaker opens."""
    world.behave(gateway, faults=[{"kind": kind}])
    made = []
    for name in ("f1", "f2", "f3"):
        made += post(world, new_event, name)
        world.send()
    return made


@pytest.mark.parametrize("kind", ["http_503", "timeout_before"])
def test_after_three_failures_messages_go_elsewhere_at_once(
    make_world: Callable[..., Any], new_event: Any, kind: str
) -> None:
    world = make_world(CUT_SHORT, gateways=BOTH)
    failed = fail_three_times(world, new_event, "twilio", kind)
    assert open_alerts(world)[0][:2] == (AlertKind.GATEWAY_FAILING, "twilio")
    later = post(world, new_event, "g1", "g2", "g3")
    world.send()
    assert gateways_of(world, later) == [["simulator"]] * 3
    assert {world.message(one).state for one in failed} == {"unknown"}


def test_a_refused_connection_costs_no_wait_where_another_gateway_is_free(
    make_world: Callable[..., Any], new_event: Any
) -> None:
    world = make_world({"BAOTIN_TWILIO_BASE_URL": "http://127.0.0.1:1"}, gateways=BOTH)
    ids = post(world, new_event, *(f"e{n}" for n in range(8)))
    world.send()
    assert {world.message(one).state for one in ids} == {"sent"}
    assert len(world.ledger()) == 8


def test_a_probe_takes_an_unknown_message_where_the_gateway_deduplicates(
    make_world: Callable[..., Any], new_event: Any
) -> None:
    world = make_world(gateways=("simulator", "twilio"))
    failed = fail_three_times(world, new_event, "simulator", "reset")
    for n in range(4):
        world.clock.advance(SECOND * 20)
        (passed,) = post(world, new_event, f"p{n}")
        world.send()
        assert gateways_of(world, [passed]) == [["twilio"]]
    world.behave("simulator")
    world.clock.advance(SECOND * 60)
    world.send()
    assert open_alerts(world) == []
    assert {world.message(one).state for one in failed} == {"sent"}
    assert Counter(row["gateway"] for row in world.ledger()) == {"twilio": 4, "simulator": 3}
    (back,) = post(world, new_event, "back")
    world.send()
    assert gateways_of(world, [back]) == [["simulator"]]


def test_elsewhere_a_probe_takes_one_message_and_the_others_pass(
    make_world: Callable[..., Any], new_event: Any
) -> None:
    world = make_world(gateways=BOTH)
    fail_three_times(world, new_event, "twilio", "http_503")
    world.clock.advance(SECOND)
    ids = post(world, new_event, *(f"p{n}" for n in range(6)))
    world.send()
    assert Counter(first for first, *_ in gateways_of(world, ids)) == {"twilio": 1, "simulator": 5}


def test_of_workers_that_would_probe_at_once_one_does_though_it_was_just_started(
    make_world: Callable[..., Any], new_event: Any
) -> None:
    world = make_world(CUT_SHORT, gateways=BOTH)
    fail_three_times(world, new_event, "twilio", "http_503")
    fresh = build_context(world.wiring, threading.Event()).sender.traffic.breakers
    breakers = [fresh, world.context.sender.traffic.breakers]

    def look() -> bool:
        with world.wiring.sessions.read() as session:
            for one in breakers:
                one.read(session)
        return may_probe(fresh.of("twilio"), at=world.clock.now())

    def probe() -> list[bool]:
        took = []
        for one in breakers:
            with world.wiring.sessions.begin() as session:
                took.append(one.take_probe(session, "twilio", at=world.clock.now()))
        return took

    world.clock.advance(60 * SECOND)
    assert look()
    assert fresh.of("twilio").reason == "http_503"
    assert probe() == [True, False]
    assert not look()
    world.clock.advance(13 * SECOND)  # whoever took it is dead
    assert look()
    assert probe() == [True, False]


def test_what_is_back_is_not_stormed(make_world: Callable[..., Any], new_event: Any) -> None:
    world = make_world(gateways=("simulator",))
    fail_three_times(world, new_event, "simulator", "http_503")
    post(world, new_event, *(f"e{n}" for n in range(40)))
    world.behave("simulator")
    in_flight: list[int] = []
    world.context.sender.probe = lambda at: (
        in_flight.append(world.context.sender.pool.in_flight) if at == "before_record" else None
    )
    world.clock.advance(SECOND * 2)
    world.send()
    assert max(in_flight) <= 4
    world.clock.advance(SECOND * 2)  # on a slow machine some are put back for a second
    world.send()
    assert len(world.ledger()) == 43


def test_one_that_hangs_holds_no_more_than_its_share_of_the_pool(
    make_world: Callable[..., Any], new_event: Any
) -> None:
    world = make_world(CUT_SHORT, gateways=BOTH)
    world.behave("twilio", faults=[{"kind": "timeout_before"}])
    ids = post(world, new_event, *(f"e{n}" for n in range(60)))
    world.send()
    firsts = Counter(first for first, *_ in gateways_of(world, ids))
    assert firsts["twilio"] == 8  # half of the pool
    assert sum(row["gateway"] == "simulator" for row in world.ledger()) == 52


def test_unknown_elsewhere_never_goes_back_to_where_it_may_lie(
    make_world: Callable[..., Any], new_event: Any
) -> None:
    world = make_world(gateways=BOTH)
    world.behave("twilio", faults=[{"kind": "truncate"}])
    (id,) = post(world, new_event, "e1")
    world.send()
    world.behave("twilio")
    world.execute("UPDATE messages SET state = 'queued' WHERE id = :id", id=id)
    world.execute("UPDATE attempts SET resolve_at = NULL")
    world.send()
    assert gateways_of(world, [id]) == [["twilio", "simulator"]]


@pytest.mark.parametrize("becomes", ["paused", "refuses"])
def test_what_goes_elsewhere_without_knowing_and_finds_no_way_waits_for_one(
    make_world: Callable[..., Any], new_event: Any, becomes: str
) -> None:
    gateways = ("speedsms", "simulator")
    elsewhere = {"BAOTIN_SPEEDSMS_ON_UNKNOWN": "other_gateway"}
    shut = {"BAOTIN_SIMULATOR_BASE_URL": "http://127.0.0.1:1"} if becomes == "refuses" else {}
    world = make_world({**elsewhere, **shut}, gateways=gateways)
    world.behave("speedsms", faults=[{"kind": "reset"}])
    if becomes == "paused":
        pauses.pause("simulator", by=None, wiring=world.wiring)
    (id,) = post(world, new_event, "e1")
    for _ in range(3):
        world.send()
        world.pass_waits(timedelta(seconds=6))  # what settles is found out, and a lease is not out
    assert world.message(id).state == "queued"
    world.pass_waits(timedelta(seconds=15))
    world.sweep()
    world.send()
    assert world.message(id).state == "queued"
    assert {a.outcome for a in world.message(id).attempts} <= {"unknown", "deferred"}


def test_a_rate_is_kept_and_nothing_of_it_is_lost(
    make_world: Callable[..., Any], new_event: Any
) -> None:
    world = make_world({"BAOTIN_SIMULATOR_PER_SECOND": "40"})
    ids = post(world, new_event, *(f"e{n}" for n in range(40)))
    began = time.monotonic()
    while len(world.ledger()) < 40:
        world.send()
    took = time.monotonic() - began
    assert took > 39 / 40 * 0.98
    assert took < 10
    assert {len(one) for one in gateways_of(world, ids)} == {1}  # none was put off


def test_segments_can_be_what_is_counted(make_world: Callable[..., Any], new_event: Any) -> None:
    options = {"BAOTIN_SIMULATOR_PER_SECOND": "10", "BAOTIN_SIMULATOR_RATE_UNIT": "segments"}
    world = make_world(options)
    data = {"noi_nhan": "Quầy 3, tầng 2, khu B, cửa bên phải"}
    world.post(*(new_event(f"e{n}", code="H29-" + f"{n}" * 60, data=data) for n in range(4)))
    began = time.monotonic()
    while len(world.ledger()) < 4:
        world.send()
    assert time.monotonic() - began > 0.55  # two segments each


def test_the_same_request_again_keeps_to_the_rate_too(
    make_world: Callable[..., Any], new_event: Any
) -> None:
    world = make_world({"BAOTIN_SIMULATOR_PER_SECOND": "20"})
    ids = post(world, new_event, *(f"e{n}" for n in range(20)))
    while len(world.ledger()) < 20:
        world.send()
    world.execute("UPDATE messages SET state = 'unknown'")
    world.execute(
        "UPDATE attempts SET outcome = 'unknown', provider_id = NULL, resolve_at = started_at,"
        " absent_counts_at = started_at"
    )
    began = time.monotonic()
    while any(world.message(one).state == "unknown" for one in ids):
        world.clock.advance(SECOND)
        world.send()
    assert time.monotonic() - began > 19 / 20 * 0.98
    assert gateways_of(world, ids) == [["simulator"]] * 20


def test_while_it_asks_to_wait_no_worker_calls_it(
    make_world: Callable[..., Any], new_event: Any
) -> None:
    world = make_world()
    other = build_context(world.wiring, threading.Event()).sender
    for tries in range(1, 11):
        before = len(world.ledger())
        world.behave(faults=[{"kind": "http_429"}])
        post(world, new_event, f"first-{tries}")
        began = time.monotonic()
        world.send()
        world.behave()
        post(world, new_event, f"second-{tries}")
        other.run(slice_s=5, stopping=lambda: False)
        called = len(world.ledger()) - before
        if time.monotonic() - began < 1:
            break
        time.sleep(1)  # the machine stalled for longer than was to be waited: once more
        world.clock.advance(SECOND)
    assert called == 0
    time.sleep(1)
    world.clock.advance(SECOND)
    other.run(slice_s=5, stopping=lambda: False)
    other.pool.close()
    assert len(world.ledger()) == 2 * tries
