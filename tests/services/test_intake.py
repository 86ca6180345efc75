"""Intake: kept before it is answered, once, and in the order of the case."""

import json
import threading
from typing import Any

import pytest
from sqlalchemy import text

from notifier.services.composing import read_body
from notifier.services.intake import Submitted
from notifier.services.views import EventResult
from notifier.services.wiring import Wiring, wire


def count(world: Any, table: str) -> int:
    with world.wiring.sessions.read() as session:
        found: int = session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()  # noqa: S608
    return found


def test_an_event_makes_a_queued_message(world: Any, new_event: Any) -> None:
    result = world.post(new_event())[0]
    assert (result.outcome, result.messages[0].state) == ("accepted", "queued")
    assert (result.messages[0].to, result.messages[0].encoding) == ("+84912***678", "gsm7")


def test_the_same_event_again_answers_with_the_first_message(world: Any, new_event: Any) -> None:
    first = world.post(new_event())[0]
    world.send()
    again = world.post(new_event(), new_event())
    assert [one.outcome for one in again] == ["duplicate", "duplicate"]
    assert {one.messages[0].id for one in again} == {first.messages[0].id}
    assert again[0].messages[0].state == "sent"
    assert count(world, "messages") == 1


def test_the_same_id_with_another_body_is_a_conflict(world: Any, new_event: Any) -> None:
    world.post(new_event())
    result = world.post(new_event(phone="0987654321"))[0]
    assert (result.outcome, result.errors[0].code) == ("invalid", "event_conflict")


def test_50_duplicates_at_once_on_two_processes_make_one_message(
    world: Any, new_event: Any
) -> None:
    other = wire(world.wiring.settings, clock=world.clock)
    body = json.dumps(new_event(), sort_keys=True)
    results: list[EventResult] = []
    start = threading.Barrier(50)

    def post(wiring: Wiring) -> None:
        start.wait()
        results.extend(wiring.intake.accept(world.caller, [Submitted(read_body(body), body)]))

    threads = [
        threading.Thread(target=post, args=((world.wiring, other)[n % 2],)) for n in range(50)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    assert sorted(one.outcome for one in results) == ["accepted"] + ["duplicate"] * 49
    assert len({one.messages[0].id for one in results}) == 1
    assert count(world, "messages") == count(world, "events") == count(world, "cases") == 1


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"phone": "0274 3755555"}, "phone"),
        ({"phone": ""}, "phone"),
        ({"type": "fee_due", "data": {"le_phi": "x"}}, "missing_value"),
        (
            {"type": "extended", "data": {"ly_do": "x" * 25, "ngay_hen_moi": "2026-12-01"}},
            "missing_value",
        ),
    ],
)
def test_what_only_a_person_can_mend_is_held(
    world: Any, new_event: Any, changes: dict[str, Any], reason: str
) -> None:
    result = world.post(new_event(**changes))[0]
    assert (result.outcome, result.reason, result.messages[0].state) == ("held", reason, "held")


def test_a_silent_situation_keeps_the_event_without_a_message(world: Any, new_event: Any) -> None:
    result = world.post(new_event(type="received"))[0]
    assert (result.outcome, result.messages) == ("silent", ())


def test_an_office_not_ours_is_told_as_unknown(world: Any, new_event: Any) -> None:
    world.execute("DELETE FROM source_offices WHERE office_id = 'thuan-an'")
    world.execute("UPDATE revisions SET value = value + 1")
    for office in ("thuan-an", "nowhere"):
        result = world.post(new_event(case={**new_event()["case"], "office": office}))[0]
        assert (result.outcome, result.errors[0].code) == ("invalid", "unknown_office")
    assert count(world, "events") == 0


def test_a_later_event_suppresses_what_it_makes_moot(world: Any, new_event: Any) -> None:
    ready = world.post(new_event("a"))[0].messages[0]
    world.post(new_event("b", "returned", occurred_at="2026-11-24T09:05:00+07:00"))
    shown = world.message(ready.id)
    assert (shown.state, shown.reason) == ("suppressed", "superseded")


def test_within_one_batch_the_moot_message_is_answered_as_it_stands(
    world: Any, new_event: Any
) -> None:
    results = world.post(
        new_event("a"), new_event("b", "returned", occurred_at="2026-11-24T09:05:00+07:00")
    )
    assert results[0].messages[0].state == "suppressed"
    assert results[1].messages[0].state == "queued"


def test_an_event_that_comes_after_what_makes_it_moot_has_no_message(
    world: Any, new_event: Any
) -> None:
    world.post(new_event("b", "returned", occurred_at="2026-11-24T09:05:00+07:00"))
    result = world.post(new_event("a"))[0]
    assert (result.outcome, result.messages) == ("superseded", ())


def test_another_case_is_never_superseded(world: Any, new_event: Any) -> None:
    ready = world.post(new_event("a"))[0].messages[0]
    world.post(new_event("b", "returned", code="other", occurred_at="2026-11-24T09:05:00+07:00"))
    assert world.message(ready.id).state == "queued"


def test_a_superseded_message_in_a_workers_hands_is_not_sent_again(
    world: Any, new_event: Any
) -> None:
    world.behave(faults=[{"kind": "http_429"}])
    ready = world.post(new_event("a"))[0].messages[0]

    def probe(at: str) -> None:
        if at == "before_record":
            world.post(new_event("b", "returned", occurred_at="2026-11-24T09:05:00+07:00"))

    world.context.sender.probe = probe
    world.send()
    world.context.sender.probe = lambda _: None
    world.sweep()
    assert world.message(ready.id).state == "suppressed"


def test_english_words_go_to_whoever_asked_for_english(world: Any, new_event: Any) -> None:
    world.post(new_event(language="en", data={}, code="H29-1"))
    world.send()
    assert world.ledger()[0]["text"] == (
        "UBND P.Lai Thieu: your case H29-1 is ready. "
        "Please collect it at the one-stop desk with your receipt. Call 0274 3755555."
    )


def test_a_long_case_code_is_sent_whole_in_a_second_segment(world: Any, new_event: Any) -> None:
    code = "000.00.16.H29-261123-0001-" + "9" * 38
    message = world.post(new_event(code=code))[0].messages[0]
    assert message.segments == 2
    world.send()
    assert code in world.ledger()[0]["text"]


def test_a_bad_event_of_a_group_harms_no_other(world: Any, new_event: Any) -> None:
    results = world.post(
        new_event("a"), new_event("b", case={**new_event()["case"], "office": "nowhere"})
    )
    assert [one.outcome for one in results] == ["accepted", "invalid"]
