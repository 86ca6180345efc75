"""The figures: what is open by small indexes, what only grows added up as it is recorded."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import func, select

from notifier.domain.states import State
from notifier.services import figures, metrics
from notifier.services.figures import Histogram
from notifier.services.wiring import Wiring
from notifier.store import counting
from notifier.store import figures as store
from notifier.store.tables import Message

OPEN = {State.QUEUED, State.SENDING, State.UNKNOWN, State.HELD}
SIMULATOR = frozenset({"simulator"})

Samples = dict[tuple[str, frozenset[str]], float]


def scraped(world: Any) -> Samples:
    """Every sample, by its name and the values of its labels."""
    text = metrics.exposition(wiring=world.wiring).decode()
    return {
        (sample.name, frozenset(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_calls_are_counted_by_gateway_and_outcome(world: Any, new_event: Any) -> None:
    world.behave(faults=[{"kind": "http_429"}])
    world.post(new_event())
    world.send()
    world.behave()
    for _ in range(3):
        world.pass_waits(timedelta(seconds=5))
        world.send()
    told = scraped(world)
    assert told["baotin_calls_total", SIMULATOR | {"deferred"}] == 1
    assert told["baotin_calls_total", SIMULATOR | {"accepted"}] == 1
    assert told["baotin_call_seconds_count", SIMULATOR] == 2
    assert told["baotin_handover_seconds_count", SIMULATOR] == 1
    assert 5 <= told["baotin_handover_seconds_sum", SIMULATOR] <= 15  # from its arrival on
    assert told["baotin_calls_open", SIMULATOR] == 0
    assert told["baotin_messages", frozenset({"queued"})] == 0


def test_what_waited_for_an_opening_is_measured_from_then_on(world: Any, new_event: Any) -> None:
    message = world.post(new_event())[0].messages[0]
    with world.wiring.sessions.begin() as session:
        due = world.clock.now() + timedelta(hours=9)
        session.query(Message).filter(Message.id == message.id).update({"send_at": due})
    world.clock.advance(timedelta(hours=9, seconds=2))
    world.send()
    assert scraped(world)["baotin_handover_seconds_sum", SIMULATOR] == pytest.approx(2, abs=0.1)


def test_what_is_open_is_what_a_count_of_all_would_say(world: Any, new_event: Any) -> None:
    posted = world.post(*(new_event(f"e{n}", code=f"{n}") for n in range(3 * len(State))))
    for number, one in enumerate(posted):
        state = list(State)[number % len(State)]
        if number < len(State) * 2 or state in {State.HELD, State.UNKNOWN}:
            world.execute(
                "UPDATE messages SET state = :state WHERE id = :id",
                state=state,
                id=one.messages[0].id,
            )
    with world.wiring.sessions.read() as session:
        rows = session.execute(select(Message.state, func.count()).group_by(Message.state))
        by_state = {state: count for state, count in rows}  # noqa: C416 - rows are not tuples
        assert counting.open_messages(session) == {one: by_state[one] for one in OPEN}
    assert len(set(by_state.values())) > 1


def test_processes_that_add_at_once_lose_nothing(wiring: Wiring) -> None:
    def add(share: int) -> None:
        for _ in range(20):
            with wiring.sessions.begin() as session:
                store.add(session, {("b", "g", ""): 1, ("a", "g", "x"): 0.5}, share=share)

    adding = [threading.Thread(target=add, args=(share,)) for share in (0, 0, 1, 7)]
    for one in adding:
        one.start()
    for one in adding:
        one.join()
    with wiring.sessions.read() as session:
        assert store.all_of(session) == {("b", "g", ""): 80, ("a", "g", "x"): 40}


@pytest.mark.parametrize(
    ("seconds", "at_most"),
    [
        ([], {}),
        ([0.0, 0.5], {"0.5": 2, "2": 2, "+Inf": 2}),
        ([0.51, 2.0, 2.1], {"0.5": 0, "2": 2, "+Inf": 3}),
    ],
)
def test_a_histogram_holds_what_is_at_most_its_ends(
    seconds: list[float], at_most: dict[str, float]
) -> None:
    histogram = Histogram("h", (0.5, 2))
    counted = figures.tally(each for one in seconds for each in histogram.count("g", one))
    buckets, total = histogram.buckets(counted, "g")
    assert dict(buckets) == (at_most or {"0.5": 0, "2": 0, "+Inf": 0})
    assert total == pytest.approx(sum(seconds))
    assert histogram.gateways(counted) == (["g"] if seconds else [])
