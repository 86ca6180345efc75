"""Sources are told of alerts that touch their offices, signed, until they take it or time is up."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from sqlalchemy import event, text

from notifier.domain import callbacks as rules
from notifier.domain.alerts import AlertKind
from notifier.services import callbacks, pauses, sources
from notifier.services.calling_back import AT_ONCE, CalledBack
from notifier.services.pool import Ended
from notifier.services.seed import DEMO_SOURCE
from notifier.services.views import BadFields, NotFound
from notifier.services.wiring import wire
from notifier.store import alerts
from notifier.store import callbacks as rows
from notifier.store.callbacks import Due
from tests.waiting import eventually

SECOND = timedelta(seconds=1)


class Receiver:
    """A case system's end: takes what comes and answers as told."""

    def __init__(self) -> None:
        self.status = 204
        self.location = ""
        self.body = b""
        self.answers = threading.Event()  # until then it hangs
        self.answers.set()
        self.came: list[tuple[dict[str, str], bytes]] = []
        self.came_to: list[tuple[str, bytes]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.came.append((headers, body))
                receiver.came_to.append((self.path, body))
                receiver.answers.wait(30)
                self.send_response(receiver.status)
                if receiver.location:
                    self.send_header("Location", receiver.location)
                self.send_header("Content-Length", str(len(receiver.body)))
                self.end_headers()
                self.wfile.write(receiver.body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/bao-tin"
        self._thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self._thread.start()

    def close(self) -> None:
        self.answers.set()
        self.server.shutdown()
        self._thread.join()
        self.server.server_close()

    def told(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.came]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


def raise_paused(world: Any) -> None:
    world.execute(
        "INSERT INTO gateway_pauses (gateway, reason, paused_at)"
        " SELECT 'simulator', 'no_balance', MIN(created_at) FROM sources"
    )


def work(world: Any, after: timedelta = 2 * SECOND) -> None:
    """A sweep and a send job, so much later."""
    world.clock.advance(after)
    world.sweep()
    world.send()


def open_alerts(world: Any) -> list[tuple[str, str]]:
    with world.wiring.sessions.read() as session:
        rows = session.execute(text("SELECT kind, subject FROM alerts WHERE closed_at IS NULL"))
        return sorted(tuple(row) for row in rows)


def test_a_source_is_told_that_an_alert_began_and_ended_each_once_and_signed(
    world: Any, receiver: Receiver
) -> None:
    given = callbacks.give(DEMO_SOURCE, receiver.url, by=None, wiring=world.wiring)
    assert given.secret is not None
    raise_paused(world)
    for _ in range(3):
        work(world)
    pauses.resume("simulator", by=None, wiring=world.wiring)
    for _ in range(3):
        work(world)
    began, ended = receiver.told()
    assert (began["type"], ended["type"]) == ("vn.baotin.alert.raised", "vn.baotin.alert.closed")
    assert began["alert"]["offices"] == ["lai-thieu", "thuan-an"]
    assert (began["alert"]["kind"], began["alert"]["subject"], began["alert"]["detail"]) == (
        *("gateway_paused", "simulator"),
        "no_balance",
    )
    assert began["alert"]["closed_at"] is None
    assert ended["alert"]["closed_at"] is not None
    for headers, body in receiver.came:
        assert headers["webhook-id"] == json.loads(body)["id"]
        assert headers["webhook-signature"] == rules.sign(
            rules.secret_of(given.secret),
            delivery=headers["webhook-id"],
            at_s=int(headers["webhook-timestamp"]),
            body=body,
        )
    shown = callbacks.show(DEMO_SOURCE, by=None, wiring=world.wiring)
    assert (shown.waiting, shown.last_problem, shown.secret) == (0, None, None)
    assert shown.last_delivered_at is not None


@pytest.mark.parametrize("how", [500, 404, 302])
def test_what_is_not_taken_comes_again_under_the_same_id_and_goes_nowhere_else(
    world: Any, receiver: Receiver, how: int
) -> None:
    callbacks.give(DEMO_SOURCE, receiver.url, by=None, wiring=world.wiring)
    receiver.status, receiver.location = how, receiver.url
    raise_paused(world)
    work(world)
    work(world, 5 * SECOND)
    assert len(receiver.came) == 1
    shown = callbacks.show(DEMO_SOURCE, by=None, wiring=world.wiring)
    assert (shown.waiting, shown.last_problem) == (1, f"http_{how}")
    receiver.status, receiver.location = 200, ""
    work(world, 6 * SECOND)
    first, second = receiver.came
    assert first[0]["webhook-id"] == second[0]["webhook-id"]
    work(world, 60 * SECOND)
    assert len(receiver.came) == 2


def test_a_2xx_is_delivered_however_long_its_body(world: Any, receiver: Receiver) -> None:
    callbacks.give(DEMO_SOURCE, receiver.url, by=None, wiring=world.wiring)
    receiver.status, receiver.body = 200, b"<p>OK</p>" * 10_000
    raise_paused(world)
    work(world)
    shown = callbacks.show(DEMO_SOURCE, by=None, wiring=world.wiring)
    assert (shown.waiting, shown.last_problem) == (0, None)


class Nothing(Ended):
    """What a call that fills a pool hands back."""


def test_a_pool_full_of_sends_starves_no_callback(world: Any, receiver: Receiver) -> None:
    callbacks.give(DEMO_SOURCE, receiver.url, by=None, wiring=world.wiring)
    raise_paused(world)
    world.sweep()
    sender, over = world.context.sender, threading.Event()

    def hang() -> Nothing:
        over.wait(30)
        return Nothing()

    for _ in range(sender.pool.size):
        sender.pool.submit("simulator", hang)
    assert sender.callbacks.start_due(sender.pool) == 1
    eventually(lambda: bool(receiver.came))
    over.set()


def test_a_source_that_hangs_takes_no_place_of_sends_and_holds_up_no_slice(
    world: Any, receiver: Receiver, new_event: Any
) -> None:
    callbacks.give(DEMO_SOURCE, receiver.url, by=None, wiring=world.wiring)
    receiver.answers.clear()
    raise_paused(world)
    world.sweep()
    sender = world.context.sender
    assert sender.callbacks.start_due(sender.pool) == 1
    assert (sender.pool.free, sender.pool.in_flight_beside) == (sender.pool.size, 1)
    sender.run(slice_s=0, stopping=lambda: False)
    assert sender.pool.in_flight_beside == 1  # left to the next run, in which its end is noted
    receiver.answers.set()
    sender.run(slice_s=0, stopping=lambda: True)  # the last waits for what began
    assert sender.pool.in_flight_beside == 0
    assert callbacks.show(DEMO_SOURCE, by=None, wiring=world.wiring).waiting == 0


def test_dead_sources_with_much_to_be_told_keep_none_from_the_others(
    world: Any, receiver: Receiver
) -> None:
    every = {f"source-{number}" for number in range(AT_ONCE + 1)}
    for source in every:
        made = {"name": "x", "intake_per_minute": None, "wiring": world.wiring}
        sources.create(source, offices=["thuan-an"], **made)
        callbacks.give(source, receiver.url, by=None, wiring=world.wiring)
    raise_paused(world)
    world.sweep()
    pauses.resume("simulator", by=None, wiring=world.wiring)
    world.sweep()  # two wait for each
    world.clock.advance(SECOND)
    first = claim(world, AT_ONCE)
    ended = [CalledBack(one, "timeout", delivered=False) for one in first]
    world.context.sender.callbacks.record(ended)
    dead = {one.source_id for one in first}
    assert len(dead) == AT_ONCE
    assert {one.source_id for one in claim(world, AT_ONCE)} == every - dead


def test_a_try_whose_worker_died_is_made_again(world: Any, receiver: Receiver) -> None:
    callbacks.give(DEMO_SOURCE, receiver.url, by=None, wiring=world.wiring)
    raise_paused(world)
    world.sweep()
    taken = world.context.sender.callbacks
    world.clock.advance(2 * SECOND)

    class Nowhere:
        def submit_beside(self, *_: object) -> None:
            """Dies before its call."""

    assert taken.start_due(Nowhere()) == 1
    taken._in_flight.clear()
    work(world, 5 * SECOND)
    assert receiver.came == []
    work(world, 8 * SECOND)
    assert len(receiver.came) == 1


def test_what_waits_goes_to_a_new_address_at_once(world: Any, receiver: Receiver) -> None:
    callbacks.give(DEMO_SOURCE, "http://127.0.0.1:9/", by=None, wiring=world.wiring)
    raise_paused(world)
    for _ in range(6):
        work(world, timedelta(minutes=20))
    callbacks.give(DEMO_SOURCE, receiver.url, by=None, wiring=world.wiring)
    work(world)
    assert len(receiver.came) == 1


def test_a_clock_that_was_a_day_ahead_puts_no_source_off_for_a_day(
    world: Any, receiver: Receiver
) -> None:
    callbacks.give(DEMO_SOURCE, receiver.url, by=None, wiring=world.wiring)
    receiver.status = 500
    world.clock.jump(timedelta(days=1))
    raise_paused(world)
    work(world)
    assert len(receiver.came) == 1
    receiver.status = 200
    world.clock.jump(-timedelta(days=1))
    work(world)
    work(world)
    assert len(receiver.came) == 2
    assert callbacks.show(DEMO_SOURCE, by=None, wiring=world.wiring).waiting == 0


def test_it_is_given_up_after_a_day_which_an_alert_says_until_one_is_taken(
    world: Any, receiver: Receiver
) -> None:
    callbacks.give(DEMO_SOURCE, receiver.url, by=None, wiring=world.wiring)
    receiver.status = 500
    raise_paused(world)
    work(world)
    for _ in range(40):
        work(world, timedelta(hours=1))
    assert 20 < len(receiver.came) < 40
    assert open_alerts(world) == [
        ("callback_given_up", DEMO_SOURCE),
        ("gateway_paused", "simulator"),
    ]
    receiver.status = 200
    came = len(receiver.came)
    pauses.resume("simulator", by=None, wiring=world.wiring)
    work(world)
    (ended,) = receiver.told()[came:]
    assert ended["type"] == "vn.baotin.alert.closed"
    assert open_alerts(world) == []


def test_only_sources_that_post_for_an_office_it_touches_are_told(
    world: Any, receiver: Receiver, new_event: Any
) -> None:
    other = "other"
    made = {"name": "x", "intake_per_minute": None, "wiring": world.wiring}
    sources.create(other, offices=["thuan-an"], **made)
    for source in (other, DEMO_SOURCE):
        callbacks.give(source, f"{receiver.url}/{source}", by=None, wiring=world.wiring)
    message = world.post(new_event())[0].messages[0]
    world.execute("UPDATE messages SET state = 'held', reason = 'phone_cap'")
    work(world)
    work(world)
    (told,) = receiver.told()
    assert told["alert"]["offices"] == ["lai-thieu"]
    assert told["alert"]["detail"] == message.id
    assert receiver.came[0][1].decode().count("+84") == 0


def test_a_source_learns_of_no_message_of_another_at_the_same_office(
    world: Any, receiver: Receiver, new_event: Any
) -> None:
    made = {"name": "x", "intake_per_minute": None, "wiring": world.wiring}
    sources.create("other", offices=["lai-thieu"], **made)
    for source in ("other", DEMO_SOURCE):
        callbacks.give(source, f"{receiver.url}/{source}", by=None, wiring=world.wiring)
    message = world.post(new_event())[0].messages[0]
    world.execute("UPDATE messages SET state = 'held', reason = 'phone_cap'")
    work(world)
    told = {path: json.loads(body)["alert"]["detail"] for path, body in receiver.came_to}
    assert told == {f"/bao-tin/{DEMO_SOURCE}": message.id, "/bao-tin/other": ""}


def test_a_callback_that_is_taken_away_is_called_no_more(world: Any, receiver: Receiver) -> None:
    callbacks.give(DEMO_SOURCE, receiver.url, by=None, wiring=world.wiring)
    raise_paused(world)
    world.sweep()
    for _ in range(2):
        gone = callbacks.take_away(DEMO_SOURCE, by=None, wiring=world.wiring)
        assert (gone.url, gone.waiting) == (None, 0)
    work(world)
    assert receiver.came == []


def claim(world: Any, limit: int = 1) -> list[Due]:
    """What a worker takes to call."""
    with world.wiring.sessions.begin() as session:
        now = world.wiring.sessions.now(session)
        return rows.claim(session, now=now, until=now + 60 * SECOND, limit=limit, but_of=())


def test_one_that_is_taken_away_during_its_last_call_is_not_given_up(
    world: Any, receiver: Receiver
) -> None:
    callbacks.give(DEMO_SOURCE, receiver.url, by=None, wiring=world.wiring)
    raise_paused(world)
    world.sweep()
    (due,) = claim(world)
    callbacks.take_away(DEMO_SOURCE, by=None, wiring=world.wiring)
    old = replace(due, made_at=due.made_at - timedelta(days=2))
    world.context.sender.callbacks.record([CalledBack(old, "timeout", delivered=False)])
    assert open_alerts(world) == [("gateway_paused", "simulator")]


def test_two_workers_end_the_alerts_of_the_same_sources_at_once(
    world: Any, receiver: Receiver
) -> None:
    wiring, both = world.wiring, ("other", DEMO_SOURCE)
    made = {"name": "x", "intake_per_minute": None, "wiring": wiring}
    sources.create("other", offices=["thuan-an"], **made)
    for source in both:
        callbacks.give(source, receiver.url, by=None, wiring=wiring)
    raise_paused(world)
    world.sweep()
    pauses.resume("simulator", by=None, wiring=wiring)
    world.sweep()  # each source is told twice: of its beginning and of its end
    with wiring.sessions.begin() as session:
        for source in both:
            kind, now = AlertKind.CALLBACK_GIVEN_UP, wiring.sessions.now(session)
            about = {"kind": kind, "subject": source, "detail": "timeout", "now": now}
            alerts.raise_alert(session, wiring.ids.new("alt"), **about)
    first = claim(world, 2)
    world.execute("UPDATE alert_callbacks SET due_at = NULL WHERE tries = 1")
    second = claim(world, 2)
    second.sort(key=lambda due: due.source_id, reverse=True)
    first.sort(key=lambda due: due.source_id)
    assert [len(first), len(second)] == [2, 2]
    each_holds_one, errors = threading.Barrier(2), list[str]()

    def meet(_c: object, _k: object, statement: str, *_: object) -> None:
        if statement.startswith("UPDATE alerts"):
            with suppress(threading.BrokenBarrierError):  # the other waits for ours: so it should
                each_holds_one.wait(0.5)

    def run(taken: list[Due]) -> None:
        ended = [CalledBack(due, "http_200", delivered=True) for due in taken]
        try:
            world.context.sender.callbacks.record(ended)
        except Exception as problem:  # noqa: BLE001 - the test shows it
            errors.append(type(problem).__name__)

    event.listen(wiring.sessions.engine, "after_cursor_execute", meet)
    threads = [threading.Thread(target=run, args=(taken,)) for taken in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    event.remove(wiring.sessions.engine, "after_cursor_execute", meet)
    assert errors == []
    assert open_alerts(world) == []


def test_the_secret_stays_unless_a_new_one_is_wanted_and_is_sealed(world: Any) -> None:
    def give(url: str, **how: Any) -> str | None:
        return callbacks.give(DEMO_SOURCE, url, by=None, wiring=world.wiring, **how).secret

    first = give("http://127.0.0.1:9/a")
    assert first is not None
    assert give("http://127.0.0.1:9/a") is None
    assert give("http://127.0.0.1:9/b") is None
    assert give("http://127.0.0.1:9/b", new_secret=True) not in {None, first}
    with world.wiring.sessions.read() as session:
        dump = str(session.execute(text("SELECT * FROM source_callbacks")).all())
        trail = str(session.execute(text("SELECT * FROM audit")).all())
    assert "whsec_" not in dump + trail


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://203.162.4.190/", "https"),
        ("https://127.0.0.1/", "not public"),
        ("https://[::1]/", "not public"),
        ("https://localhost/", "not public"),
        ("https://169.254.169.254/latest", "not public"),
        ("https://nobody.invalid/", "no name server"),
    ],
)
def test_in_production_a_place_where_none_may_go_is_refused_when_it_is_set(
    production_settings: Any, url: str, why: str
) -> None:
    wiring = wire(production_settings)
    with pytest.raises(BadFields, match=why):
        callbacks.give(DEMO_SOURCE, url, by=None, wiring=wiring)
    assert callbacks.show(DEMO_SOURCE, by=None, wiring=wiring).url is None
    wiring.close()


def test_a_name_that_leads_elsewhere_by_the_time_of_the_call_is_not_followed(
    make_world: Callable[..., Any], receiver: Receiver
) -> None:
    world = make_world()
    world.context.sender.callbacks.caller._may_connect = rules.Reach(frozenset()).may_connect
    callbacks.give(DEMO_SOURCE, receiver.url, by=None, wiring=world.wiring)
    raise_paused(world)
    work(world)
    work(world)
    assert receiver.came == []
    shown = callbacks.show(DEMO_SOURCE, by=None, wiring=world.wiring)
    assert shown.last_problem == "not_allowed"


def test_a_source_that_is_none_is_not_found(world: Any) -> None:
    with pytest.raises(NotFound):
        callbacks.give("nobody", "http://127.0.0.1:9/", by=None, wiring=world.wiring)
