"""The claim: no message twice, none before its time, none before an earlier one of its case."""

import itertools
import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text, update
from sqlalchemy.orm import Session

from notifier.domain.timing import LEASE
from notifier.services.composing import read_body
from notifier.services.intake import Submitted
from notifier.services.views import Caller
from notifier.services.wiring import Wiring
from notifier.store import claims, messages
from notifier.store.tables import Message

OCCURRED = datetime(2026, 11, 24, 2, tzinfo=UTC)
TOKEN = "claim-1"
Post = Callable[..., list[str]]


@pytest.fixture
def post(wiring: Wiring, caller: Caller) -> Post:
    """Queues messages, `(case, minutes)` each; the same case may come again. Their ids."""

    fresh = itertools.count()

    def do(*wanted: tuple[str, int]) -> list[str]:
        submitted = []
        for case, minutes in wanted:
            event = {
                "id": f"event-{next(fresh)}",
                "type": "refused",
                "occurred_at": (OCCURRED + timedelta(minutes=minutes)).isoformat(),
                "case": {"code": case, "office": "lai-thieu", "channel": "counter"},
                "recipient": {"phone": "0912345678"},
            }
            body = json.dumps(event)
            submitted.append(Submitted(read_body(body), body))
        return [one.messages[0].id for one in wiring.intake.accept(caller, submitted)]

    return do


def claim(
    wiring: Wiring, *, limit: int = 100, token: str = TOKEN, now: datetime | None = None
) -> list[str]:
    with wiring.sessions.begin() as session:
        now = now or wiring.sessions.now(session)
        claimed = claims.claim(session, now=now, token=token, lease=LEASE, limit=limit)
    return [one.id for one in claimed]


def execute(wiring: Wiring, statement: str, **values: Any) -> None:
    with wiring.sessions.begin() as session:
        session.execute(text(statement), values)


def test_a_claim_takes_what_is_due_under_its_token_and_until_its_lease(
    wiring: Wiring, post: Post
) -> None:
    ids = post(("a", 0), ("b", 0))
    with wiring.sessions.read() as session:
        before = wiring.sessions.now(session)
    assert set(claim(wiring, token="mine")) == set(ids)
    assert claim(wiring) == []
    with wiring.sessions.read() as session:
        rows = session.execute(text("SELECT state, claim_token FROM messages")).all()
        leases = session.execute(
            text("SELECT count(*) FROM messages WHERE lease_until IS NOT NULL")
        ).scalar_one()
        freed = claims.free_unattempted(session, now=before + LEASE, lease=LEASE)
    assert ({tuple(row) for row in rows}, leases, freed) == ({("sending", "mine")}, 2, [])


def test_a_claim_takes_no_more_than_it_is_told_and_the_longest_waiting_first(
    wiring: Wiring, post: Post
) -> None:
    ids = [post((case, 0))[0] for case in "abcd"]
    assert set(claim(wiring, limit=2)) == set(ids[:2])
    assert set(claim(wiring, limit=2)) == set(ids[2:])


@pytest.mark.parametrize(
    "changed",
    [
        "state = 'held'", "state = 'cancelled'", "state = 'unknown'", "superseded_by = 'evt_x'",
        "valid_until = send_at",
    ],
)  # fmt: skip
def test_what_may_not_go_is_not_claimed(wiring: Wiring, post: Post, changed: str) -> None:
    post(("a", 0))
    execute(wiring, f"UPDATE messages SET {changed}")  # noqa: S608 - our own words
    assert claim(wiring) == []


def test_nothing_is_claimed_before_its_time(wiring: Wiring, post: Post) -> None:
    with wiring.sessions.read() as session:
        before = wiring.sessions.now(session) - timedelta(seconds=1)
    post(("a", 0))
    assert claim(wiring, now=before) == []
    assert len(claim(wiring)) == 1


def test_of_a_case_only_the_earliest_is_claimed_whatever_came_first(
    wiring: Wiring, post: Post
) -> None:
    """By when it happened, then by arrival."""
    later, same, earliest, other = (
        post(one)[0] for one in (("a", 9), ("a", 9), ("a", 1), ("b", 5))
    )
    assert set(claim(wiring)) == {earliest, other}
    assert claim(wiring) == []
    execute(wiring, "UPDATE messages SET state = 'sent' WHERE id = :id", id=earliest)
    assert claim(wiring) == [later]
    execute(wiring, "UPDATE messages SET state = 'held' WHERE id = :id", id=later)
    assert claim(wiring) == [same]


def test_an_unknown_message_blocks_its_case_only_until_it_says(wiring: Wiring, post: Post) -> None:
    first, second = post(("a", 1))[0], post(("a", 2))[0]
    with wiring.sessions.begin() as session:
        now = wiring.sessions.now(session)
        session.execute(
            update(Message)
            .where(Message.id == first)
            .values(state="unknown", blocks_until=now + timedelta(minutes=1))
        )
    assert claim(wiring, now=now + timedelta(seconds=59)) == []
    assert claim(wiring, now=now + timedelta(seconds=61)) == [second]


def test_many_claims_at_once_take_each_message_once_and_keep_every_case_in_order(
    wiring: Wiring, post: Post
) -> None:
    """30 cases of 4 messages that arrived last first; what is claimed is settled for the next."""
    wanted = [(f"case-{n % 30}", 3 - n // 30) for n in range(120)]
    place = dict(zip(post(*wanted), wanted, strict=True))
    taken: list[str] = []
    lock, start = threading.Lock(), threading.Barrier(8)

    def work(token: str) -> None:
        start.wait()
        idle = 0
        while idle < 20 and len(taken) < len(place):
            claimed = claim(wiring, limit=5, token=token)
            idle = 0 if claimed else idle + 1
            with lock:
                taken.extend(claimed)
            for message_id in claimed:
                execute(wiring, "UPDATE messages SET state = 'sent' WHERE id = :id", id=message_id)

    threads = [threading.Thread(target=work, args=(f"t{n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == sorted(place)
    for case in {case for case, _ in wanted}:
        minutes = [place[one][1] for one in taken if place[one][0] == case]
        assert minutes == sorted(minutes)


def place(wiring: Wiring, ids: list[str], office: str, priority: int = 1) -> None:
    """Make the messages another office's."""
    execute(
        wiring,
        "INSERT INTO offices (id, name, phone, reply_number, sender, vietnamese_form)"
        " SELECT :office, name, phone, reply_number, sender, vietnamese_form FROM offices"
        " WHERE id = 'lai-thieu' ON CONFLICT DO NOTHING",
        office=office,
    )
    for id in ids:
        execute(
            wiring,
            "UPDATE messages SET office_id = :office, priority = :priority WHERE id = :id",
            office=office,
            priority=priority,
            id=id,
        )


def test_what_is_urgent_goes_first_and_offices_take_turns(wiring: Wiring, post: Post) -> None:
    flood = post(*((f"x{n}", 0) for n in range(12)))
    place(wiring, flood[:6], "x", 1)
    place(wiring, flood[6:], "x", 2)
    normal, bulk, urgent = post(("y1", 0), ("y2", 0), ("y3", 0))
    place(wiring, [normal], "y")
    place(wiring, [bulk], "y", 2)
    place(wiring, [urgent], "z", 0)
    first, *others = claim(wiring, limit=3)
    assert first == urgent
    assert set(others) == {flood[0], normal}
    assert claim(wiring, limit=5) == flood[1:6]
    assert set(claim(wiring, limit=2)) == {flood[6], bulk}


def test_no_office_is_passed_over_however_many_there_are(wiring: Wiring, post: Post) -> None:
    ids = post(*((f"c{n}", 0) for n in range(40)))
    for n, id in enumerate(ids):
        place(wiring, [id], f"office-{n:02}")
    turn, seen = claims.Turn(), set[str]()
    for _ in range(3):
        with wiring.sessions.begin() as session:
            now = wiring.sessions.now(session)
            found = claims.claim(session, now=now, token="t", lease=LEASE, limit=16, turn=turn)
            session.execute(text("UPDATE messages SET state = 'queued'"))  # still in the way
        seen |= {one.office_id for one in found}
    assert len(seen) == 40


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_workers_that_put_off_the_same_kinds_never_wait_for_each_other(
    wiring: Wiring, post: Post
) -> None:
    """Whatever the order in which each came to them: two that wait would be a deadlock."""
    ids = post(*((f"case-{n}", 0) for n in range(4)))
    place(wiring, ids[:2], "x")
    with wiring.sessions.read() as session:
        now = wiring.sessions.now(session)
        kind = session.execute(text("SELECT DISTINCT language, encoding FROM messages")).one()
    until = now + timedelta(seconds=30)
    with wiring.sessions.begin() as one, wiring.sessions.begin() as other:
        for session, office in ((one, "x"), (other, "lai-thieu"), (one, "lai-thieu"), (other, "x")):
            session.execute(text("SET LOCAL lock_timeout = '2s'"))
            claims.put_off_kind(session, office, *kind, until=until, now=now)
    assert claim(wiring) == []
    assert sorted(claim(wiring, now=until)) == sorted(ids)


_IN_AN_HOUR = timedelta(hours=1)
_Many = Callable[[Session, datetime], object]


@pytest.mark.parametrize("database_kind", ["postgresql"])
@pytest.mark.parametrize(
    ("once", "many"),
    [
        ("", lambda s, now: claims.put_off(s, {"lai-thieu": now + _IN_AN_HOUR}, now=now)),
        (
            "UPDATE messages SET send_at = valid_until",
            lambda s, now: claims.bring_forward(s, {"lai-thieu": now + _IN_AN_HOUR}, now=now),
        ),
        (
            "UPDATE messages SET send_at = send_at + interval '20 s', reason = 'no_gateway'",
            lambda s, now: claims.look_again(s, now=now),
        ),
        ("UPDATE messages SET valid_until = state_at", lambda s, now: messages.expire(s, now=now)),
        (
            "UPDATE messages SET superseded_by = event_id",
            lambda s, now: messages.suppress_superseded(s, at=now),
        ),
        (
            "UPDATE messages SET state = 'sending', claim_token = 'gone', lease_until = state_at",
            lambda s, now: claims.free_unattempted(s, now=now + LEASE, lease=LEASE),
        ),
        (
            "UPDATE messages SET phone_hash = (SELECT phone_hash FROM opt_outs)",
            lambda s, now: claims.suppress_unwanted(s, at=now),
        ),
    ],
)
def test_what_changes_many_messages_waits_for_none_that_another_holds(
    wiring: Wiring, post: Post, once: str, many: _Many
) -> None:
    """It holds others by then, in its own order: whoever holds that one may wait for them."""
    first, *others = post(*((f"case-{n}", 0) for n in range(3)))
    execute(wiring, "INSERT INTO opt_outs VALUES ('somebody', true, now())")
    if once:
        execute(wiring, once)

    def read(session: Session) -> dict[str, object]:
        asked = session.execute(text("SELECT id, state || send_at AS told FROM messages"))
        return {row.id: row.told for row in asked}

    with wiring.sessions.begin() as holder, wiring.sessions.begin() as session:
        before = read(session)
        holder.execute(text("SELECT id FROM messages WHERE id = :id FOR UPDATE"), {"id": first})
        session.execute(text("SET LOCAL lock_timeout = '2s'"))
        many(session, wiring.sessions.now(session))
        after = read(session)
    assert {id for id in before if after[id] != before[id]} == set(others)
