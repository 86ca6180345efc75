"""A message's life after intake, through real adapters, a real simulator and both databases."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from sqlalchemy import select

from config.settings import Key
from gateways.simulator.behaviour import TAKING
from notifier.domain.restraint import Restraint
from notifier.domain.timing import LEASE, ONE_LOOK
from notifier.store import claims as store
from notifier.store import pauses
from notifier.store.engine import StoreUnavailable
from notifier.store.sealing import Sealer
from notifier.store.tables import Alert
from tests.waiting import eventually
from workers.worker import build_context

SECOND = timedelta(seconds=1)
HANDED_OVER = {"sent", "delivered"}  # a look-up tells of delivery too
NEVER_ANSWERED = {"timeout_before", "timeout_after", "drip"}


def test_a_due_message_is_handed_over_once(world: Any, new_event: Any) -> None:
    message = world.post(new_event(code="H29-1"))[0].messages[0]
    world.send()
    world.send()
    assert world.message(message.id).state == "sent"
    assert [row["text"] for row in world.ledger()] == [
        "UBND P.Lai Thieu kinh bao Ong/Ba: ho so H29-1 da co ket qua. "
        "Kinh moi mang giay hen den Quay 3 nhan. LH 0274 3755555."
    ]


def test_a_worker_that_lacks_a_key_sends_nothing_and_leaves_it_to_one_that_has_it(
    world: Any, make_world: Callable[..., Any], new_event: Any
) -> None:
    message = world.post(new_event())[0].messages[0]
    lacking = make_world(sealer=Sealer([Key("k9", b"9" * 32)]))
    lacking.send()
    shown = world.message(message.id)
    assert (shown.state, [one.outcome for one in shown.attempts]) == ("queued", ["deferred"])
    assert world.ledger() == []
    world.clock.advance(SECOND * 30)  # its clock began later, on a slow machine much
    world.send()
    assert world.message(message.id).state == "sent"
    assert len(world.ledger()) == 1


@pytest.mark.parametrize("kind", ["http_429", "http_500"])
def test_a_whole_group_is_recorded_whatever_became_of_each(
    world: Any, new_event: Any, kind: str
) -> None:
    world.behave(faults=[{"kind": kind, "share": 0.5}])
    posted = world.post(*(new_event(f"e{n}", code=f"{n}") for n in range(40)))
    world.send()
    world.behave()
    for _ in range(4):
        world.pass_waits(SECOND * 2)
        world.send()
    assert {world.message(one.messages[0].id).state for one in posted} == {"sent"}
    assert len(world.ledger()) == 40


@pytest.mark.parametrize(
    ("phone", "state", "reason"),
    [
        ("0900000001", "failed", "number_refused"),
        ("0900000003", "held", "content_refused"),
    ],
)
def test_a_refusal_ends_where_its_fault_says(
    world: Any, new_event: Any, phone: str, state: str, reason: str
) -> None:
    message = world.post(new_event(phone=phone))[0].messages[0]
    world.send()
    shown = world.message(message.id)
    assert (shown.state, shown.reason) == (state, reason)
    assert [attempt.outcome for attempt in shown.attempts] == ["rejected"]
    assert world.ledger() == []


def test_an_account_fault_pauses_the_gateway_and_the_message_waits(
    make_world: Callable[..., Any], new_event: Any
) -> None:
    world = make_world({"BAOTIN_SIMULATOR_TOKEN": "wrong"})
    message = world.post(new_event())[0].messages[0]
    world.send()
    assert world.message(message.id).state == "queued"
    with world.wiring.sessions.read() as session:
        assert pauses.paused(session, now=world.clock.now()) == {"simulator"}
    world.send()
    assert len(world.message(message.id).attempts) == 1


def test_a_content_refusal_takes_the_next_route(
    make_world: Callable[..., Any], new_event: Any
) -> None:
    world = make_world(gateways=("simulator", "twilio"))
    message = world.post(new_event(phone="0900000003"))[0].messages[0]
    world.send()
    shown = world.message(message.id)
    assert [(a.gateway, a.outcome) for a in shown.attempts] == [
        ("simulator", "rejected"),
        ("twilio", "accepted"),
    ]


def test_429_is_surely_not_sent_and_waits_as_long_as_asked(world: Any, new_event: Any) -> None:
    world.behave(faults=[{"kind": "http_429"}])
    message = world.post(new_event())[0].messages[0]
    world.send()
    shown = world.message(message.id)
    assert (shown.state, shown.attempts[0].outcome) == ("queued", "deferred")
    assert shown.send_at == world.clock.now() + SECOND
    world.behave()
    world.pass_waits(SECOND)
    world.send()
    assert world.message(message.id).state == "sent"
    assert len(world.ledger()) == 1


@pytest.mark.parametrize("gateway", ["simulator", "twilio"])
@pytest.mark.parametrize(
    "kind",
    [
        "http_400", "http_500", "http_503", "reset", "timeout_before",
        "timeout_after", "drip", "truncate", "garbage", "huge",
    ],
)  # fmt: skip
def test_an_unknown_outcome_is_resolved_without_a_second_sms(
    make_world: Callable[..., Any], new_event: Any, gateway: str, kind: str
) -> None:
    world = make_world(gateways=(gateway,))
    world.behave(gateway, faults=[{"kind": kind}])
    message = world.post(new_event())[0].messages[0]
    if kind in NEVER_ANSWERED:
        world.send_in_vain(message.id)
        if kind in TAKING:
            eventually(world.ledger, what="the provider takes it")
    else:
        world.send()
    shown = world.message(message.id)
    assert (shown.state, shown.attempts[-1].outcome) == ("unknown", "unknown")
    world.behave(gateway)
    for _ in range(3):
        world.clock.advance(SECOND * 2)
        world.send()
    shown = world.message(message.id)
    assert (shown.state in HANDED_OVER, len(world.ledger())) == (True, 1)
    assert not shown.possible_double


def test_a_refused_connection_is_tried_again_at_once_elsewhere(
    make_world: Callable[..., Any], new_event: Any
) -> None:
    options = {"BAOTIN_SIMULATOR_BASE_URL": "http://127.0.0.1:1"}
    world = make_world(options, gateways=("simulator", "twilio"))
    message = world.post(new_event())[0].messages[0]
    world.send()
    world.clock.advance(SECOND * 2)
    world.send()
    assert [(a.gateway, a.outcome) for a in world.message(message.id).attempts] == [
        ("simulator", "deferred"),
        ("twilio", "accepted"),
    ]


def test_unknown_never_moves_to_another_gateway_by_itself(
    make_world: Callable[..., Any], new_event: Any
) -> None:
    world = make_world(gateways=("twilio", "simulator"))
    world.behave("twilio", faults=[{"kind": "reset"}])
    message = world.post(new_event())[0].messages[0]
    world.send()
    world.clock.advance(timedelta(milliseconds=500))
    world.send()
    assert [a.gateway for a in world.message(message.id).attempts] == ["twilio"]


def test_messages_of_a_case_go_in_the_order_of_events(world: Any, new_event: Any) -> None:
    world.post(
        new_event("b", "stopped", occurred_at="2026-11-24T11:00:00+07:00"),
        new_event("a", "refused", occurred_at="2026-11-24T10:00:00+07:00"),
    )
    world.send()
    told = [("khong duoc tiep nhan" in row["text"]) for row in world.ledger()]
    assert told == [True, False]


def test_an_earlier_unknown_holds_its_case_only_for_a_while(world: Any, new_event: Any) -> None:
    world.behave(faults=[{"kind": "http_500"}])
    world.post(new_event("a", "refused"))
    world.send()
    world.post(new_event("b", "stopped", occurred_at="2026-11-24T11:00:00+07:00"))
    later = world.post(new_event("b", "stopped", occurred_at="2026-11-24T11:00:00+07:00"))
    world.send()
    assert world.message(later[0].messages[0].id).attempts == ()
    world.clock.advance(SECOND * 2 + ONE_LOOK)
    world.send()
    assert len(world.message(later[0].messages[0].id).attempts) == 1


def test_a_case_waits_until_its_earlier_unknown_could_be_looked_up(
    make_world: Callable[..., Any], new_event: Any
) -> None:
    world = make_world(gateways=("twilio",))
    first = world.post(new_event("a", "refused"))[0].messages[0]
    dying = build_context(world.wiring, threading.Event()).sender

    def probe(at: str) -> None:
        if at == "after_open":
            raise _Killed

    dying.probe = probe
    with pytest.raises(_Killed):
        dying.run(slice_s=30, stopping=lambda: False)
    world.post(new_event("b", "stopped", occurred_at="2026-11-24T11:00:00+07:00"))
    world.clock.advance(LEASE + SECOND)
    world.sweep()
    assert world.message(first.id).state == "unknown"
    world.send()
    told = [("khong duoc tiep nhan" in row["text"]) for row in world.ledger()]
    assert told == [True, False]


def test_a_lease_that_ran_out_without_an_attempt_is_queued_again(
    world: Any, new_event: Any
) -> None:
    message = world.post(new_event())[0].messages[0]
    with world.wiring.sessions.begin() as session:
        assert store.claim(session, now=world.clock.now(), token="t", lease=LEASE, limit=5)
    world.sweep()
    assert world.message(message.id).state == "sending"
    world.clock.advance(LEASE + SECOND)
    world.sweep()
    assert world.message(message.id).state == "queued"


class _Killed(BaseException):
    """Stands for SIGKILL: nothing of the process runs after it."""


@pytest.mark.parametrize("gateway", ["simulator", "twilio"])
@pytest.mark.parametrize(
    ("point", "state"),
    [
        ("before_claim", "queued"),
        ("after_claim", "queued"),
        ("after_open", "unknown"),
        ("before_record", "unknown"),
        ("after_record", "sent"),
    ],
)
def test_a_death_at_any_step_loses_nothing_and_doubles_nothing(
    make_world: Callable[..., Any], new_event: Any, gateway: str, point: str, state: str
) -> None:
    world = make_world(gateways=(gateway,))
    message = world.post(new_event())[0].messages[0]

    def probe(at: str) -> None:
        if at == point:
            raise _Killed

    world.context.sender.probe = probe
    with pytest.raises(_Killed):
        world.send()
    world.context.sender.pool.drain(0.5)
    world.context.sender.probe = lambda _: None
    world.clock.advance(LEASE + SECOND)
    world.sweep()
    assert world.message(message.id).state == state
    for _ in range(3):
        world.send()
        world.clock.advance(SECOND)
    handed_over = world.message(message.id).state in HANDED_OVER
    assert (handed_over, len(world.ledger())) == (True, 1)


def test_a_worker_that_wakes_up_in_its_call_makes_a_double_that_says_so(
    make_world: Callable[..., Any], new_event: Any
) -> None:
    """Frozen after the lease was checked: no provider that only looks up can stop it."""
    world = make_world(gateways=("twilio",))
    message = world.post(new_event())[0].messages[0]
    frozen, wakes = threading.Event(), threading.Event()

    def probe(at: str) -> None:
        if at == "before_call":
            frozen.set()
            wakes.wait(30)

    world.context.sender.probe = probe
    sleeper = threading.Thread(
        target=partial(world.context.sender.run, slice_s=30, stopping=frozen.is_set)
    )
    sleeper.start()
    assert frozen.wait(30)
    other = build_context(world.wiring, threading.Event())
    world.clock.advance(LEASE + SECOND)
    world.sweep()
    for _ in range(3):
        other.sender.run(slice_s=30, stopping=lambda: False)
        world.clock.advance(SECOND)
    assert [world.message(message.id).possible_double, len(world.ledger())] == [False, 1]
    wakes.set()
    sleeper.join()
    other.sender.pool.close()
    assert [world.message(message.id).possible_double, len(world.ledger())] == [True, 2]


def test_a_call_never_begins_when_its_deadline_would_end_after_the_lease(
    world: Any, new_event: Any
) -> None:
    message = world.post(new_event())[0].messages[0]

    def probe(at: str) -> None:
        if at == "after_open":  # the process slept between opening and calling
            world.clock.advance(timedelta(seconds=5))

    world.context.sender.probe = probe
    world.context.sender.run(slice_s=3, stopping=lambda: False)
    shown = world.message(message.id)
    assert (shown.attempts[0].outcome, shown.attempts[0].code) == ("deferred", "lease_too_short")
    assert world.ledger() == []


def test_after_a_clock_jump_no_lease_is_judged_for_one_lease(world: Any, new_event: Any) -> None:
    message = world.post(new_event())[0].messages[0]
    world.sweep()
    with world.wiring.sessions.begin() as session:
        store.claim(session, now=world.clock.now(), token="t", lease=LEASE, limit=5)
    world.clock.jump(timedelta(minutes=10))
    world.sweep()
    assert world.message(message.id).state == "sending"
    world.clock.advance(LEASE)
    world.sweep()
    assert world.message(message.id).state == "queued"


def test_after_a_clock_jump_absent_is_not_believed_for_one_lease(
    make_world: Callable[..., Any], new_event: Any
) -> None:
    world = make_world({"BAOTIN_TWILIO_SETTLE_S": "60"}, gateways=("twilio",))
    world.behave("twilio", faults=[{"kind": "reset"}])
    message = world.post(new_event())[0].messages[0]
    world.send()
    world.behave("twilio")
    world.clock.jump(timedelta(minutes=10))
    world.send()
    assert world.message(message.id).state == "unknown"
    world.clock.advance(LEASE + SECOND)
    world.send()
    world.send()
    assert world.message(message.id).state in HANDED_OVER


def test_what_ended_while_the_database_was_away_is_recorded_later(
    world: Any, new_event: Any
) -> None:
    message = world.post(new_event())[0].messages[0]
    recorder = world.context.sender.recorder

    class Away:
        def record(self, finished: Any) -> None:
            raise StoreUnavailable("away")

    world.context.sender.recorder = Away()
    with pytest.raises(StoreUnavailable):
        world.send()
    world.context.sender.recorder = recorder
    world.send()
    assert [a.outcome for a in world.message(message.id).attempts] == ["accepted"]
    assert len(world.ledger()) == 1


def test_a_lease_that_ends_impossibly_late_counts_as_out(world: Any, new_event: Any) -> None:
    message = world.post(new_event())[0].messages[0]
    with world.wiring.sessions.begin() as session:
        store.claim(
            session, now=world.clock.now() + timedelta(0), token="t", lease=LEASE * 9, limit=5
        )
    world.sweep()
    assert world.message(message.id).state == "queued"


def test_what_was_never_handed_over_in_its_time_expires(world: Any, new_event: Any) -> None:
    message = world.post(new_event())[0].messages[0]
    world.clock.advance(timedelta(hours=73))
    world.send()
    world.sweep()
    assert world.message(message.id).state == "expired"
    assert world.ledger() == []


def test_in_the_quiet_hours_it_waits_for_the_opening(
    make_world: Callable[..., Any], new_event: Any
) -> None:
    noon = datetime(2026, 11, 24, 5, tzinfo=UTC)  # in Vietnam
    world = make_world(restraint=Restraint(quiet_hours=True, phone_cap=None), now=noon)
    world.clock.advance(timedelta(hours=9, minutes=30))  # 21:30 in Vietnam
    message = world.post(new_event())[0].messages[0]
    world.send()
    assert world.ledger() == []
    world.clock.advance(timedelta(hours=9, minutes=31))  # 07:01
    world.send()
    assert world.message(message.id).state == "sent"


def test_beyond_the_phone_cap_it_is_held_and_an_alert_is_raised(
    make_world: Callable[..., Any], new_event: Any
) -> None:
    world = make_world(restraint=Restraint(quiet_hours=False, phone_cap=2))
    made = [world.post(new_event(f"e{n}", code=f"c{n}"))[0].messages[0] for n in range(3)]
    for _ in range(3):
        world.send()
    states = sorted(world.message(one.id).state for one in made)
    assert states == ["held", "sent", "sent"]
    world.sweep()
    with world.wiring.sessions.read() as session:
        alert = session.scalars(select(Alert).where(Alert.closed_at.is_(None))).one()
        assert (alert.kind, alert.subject) == ("phone_cap", "lai-thieu")


def test_an_opt_out_after_intake_stops_the_message(world: Any, new_event: Any) -> None:
    message = world.post(new_event())[0].messages[0]
    world.execute(
        "INSERT INTO opt_outs (phone_hash, covers_all, created_at) "
        "SELECT phone_hash, true, created_at FROM messages"
    )
    world.send()
    world.sweep()
    shown = world.message(message.id)
    assert (shown.state, shown.reason) == ("suppressed", "opted_out")
    assert world.ledger() == []


def test_many_claims_at_once_never_take_a_message_twice(world: Any, new_event: Any) -> None:
    world.post(*(new_event(f"e{n}", code=f"c{n}") for n in range(60)))
    taken: list[str] = []
    start = threading.Barrier(6)

    def claim(token: str) -> None:
        start.wait()
        for _ in range(6):
            with world.wiring.sessions.begin() as session:
                claimed = store.claim(
                    session, now=world.clock.now(), token=token, lease=LEASE, limit=3
                )
            taken.extend(one.id for one in claimed)

    threads = [threading.Thread(target=claim, args=(f"t{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken)) == 60


def test_claims_at_once_never_take_more_for_a_phone_than_its_cap(
    make_world: Callable[..., Any], new_event: Any
) -> None:
    world = make_world(restraint=Restraint(quiet_hours=False, phone_cap=5))
    world.post(*(new_event(f"e{n}", code=f"c{n}") for n in range(24)))
    sender, start, taken = world.context.sender, threading.Barrier(6), list[str]()

    def claim(token: str) -> None:
        start.wait()
        for turn in range(4):
            taken.extend(one.id for one in sender._claim(f"{token}-{turn}", 2))

    threads = [threading.Thread(target=claim, args=(f"t{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken)) == 5


def test_a_message_that_alone_must_wait_holds_up_no_other(
    make_world: Callable[..., Any], new_event: Any, httpserver: HTTPServer
) -> None:
    lately = {"msgid": "", "error": 1, "error_code": -16}  # these words, to this phone
    taken = {"msgid": "m1", "error": 0, "error_code": 0}
    httpserver.expect_ordered_request("/api/index.php").respond_with_json(lately)
    httpserver.expect_ordered_request("/api/index.php").respond_with_json(taken)
    url = httpserver.url_for("").rstrip("/")
    account = {"BAOTIN_VIETGUYS_USERNAME": "office", "BAOTIN_VIETGUYS_PASSWORD": "pass"}
    world = make_world({**account, "BAOTIN_VIETGUYS_BASE_URL": url}, gateways=("vietguys",))
    ids = []
    for name in ("e1", "e2"):
        ids.append(world.post(new_event(name, code=f"c-{name}"))[0].messages[0].id)
        world.send()
    assert [world.message(one).state for one in ids] == ["queued", "sent"]
