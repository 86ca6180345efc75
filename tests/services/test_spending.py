"""What a provider took is counted once, whoever tells of it first; budgets bound what is below."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateways.base import Receipt, Report
from notifier.domain.budgets import Budget, Spent
from notifier.services import budgets, messages
from workers.worker import build_context

MIDNIGHT = datetime(2026, 11, 30, 17, tzinfo=UTC)  # of the last day of November, in Vietnam
ONE = Spent(1, 1, 500, 500)


def receipt(reference: str, report: Report = Report.DELIVERED) -> Receipt:
    return Receipt("simulator", report, provider_id="theirs", reference=reference)


def spent(world: Any, office: str = "lai-thieu") -> Spent:
    return budgets.show(office, wiring=world.wiring).spent


def limit(world: Any, office: str = "lai-thieu", **limits: int) -> None:
    budgets.give(office, Budget(**limits), by=None, wiring=world.wiring)


def post(world: Any, new_event: Any, names: Sequence[object]) -> list[str]:
    made = world.post(*(new_event(f"e{name}", code=f"e{name}") for name in names))
    return [one.messages[0].id for one in made]


def states(world: Any, ids: Sequence[str]) -> Counter[str]:
    return Counter(world.message(one).state for one in ids)


@pytest.mark.parametrize("fault", ["http_429", "reset"])  # taken for absent; unknown
def test_what_only_a_receipt_proves_is_counted_once(world: Any, new_event: Any, fault: str) -> None:
    world.behave(faults=[{"kind": fault}])
    (message,) = post(world, new_event, "a")
    world.send()
    assert spent(world) == Spent()
    attempt = world.message(message).attempts[0].id
    for report in (Report.SENT, Report.DELIVERED, Report.DELIVERED):
        world.wiring.receipts([receipt(attempt, report), receipt(attempt, Report.DELIVERED)])
        assert spent(world) == ONE


def test_a_receipt_that_overtakes_the_answer_is_counted_once(world: Any, new_event: Any) -> None:
    def probe(at: str) -> None:
        if at == "before_record":
            row = world.ledger()[0]
            told = Receipt("simulator", Report.DELIVERED, row["id"], row["reference"])
            world.wiring.receipts([told])

    post(world, new_event, "a")
    world.context.sender.probe = probe
    world.send()
    assert spent(world) == ONE


def test_what_was_refused_costs_nothing_whatever_its_receipt_says(
    world: Any, new_event: Any
) -> None:
    made = world.post(new_event(phone="0900000003"))  # whose words the simulator refuses
    message = made[0].messages[0].id
    world.send()
    for attempt in world.message(message).attempts:
        world.wiring.receipts([receipt(attempt.id, Report.UNDELIVERED)])
    assert spent(world) == Spent()


def test_a_resend_costs_once_more_and_keeps_to_the_budget(world: Any, new_event: Any) -> None:
    limit(world, daily_segments=2)
    (message,) = post(world, new_event, "a")
    world.send()
    again = []
    for _ in range(2):
        message = messages.resend(world.caller, message, wiring=world.wiring).id
        again.append(message)
        world.send()
    assert states(world, again) == {"sent": 1, "held": 1}
    assert spent(world) == Spent(2, 2, 1000, 1000)


def test_a_budget_bounds_what_is_below_together_and_says_so(world: Any, new_event: Any) -> None:
    limit(world, "thuan-an", daily_segments=2)
    limit(world, daily_segments=9)
    ids = post(world, new_event, range(4))
    world.send()
    assert states(world, ids) == {"sent": 2, "held": 2}
    above = budgets.show("thuan-an", wiring=world.wiring)
    assert (above.spent, above.own) == (Spent(2, 2, 1000, 1000), Spent())
    assert above.left == {"daily_segments": 0}
    assert budgets.show("lai-thieu", wiring=world.wiring).above == {
        "thuan-an": {"daily_segments": 0}
    }


def test_a_parent_with_room_lets_a_child_beyond_its_own_budget_wait(
    world: Any, new_event: Any
) -> None:
    limit(world, "thuan-an", daily_segments=100)
    limit(world, daily_dong=500)
    ids = post(world, new_event, range(3))
    world.send()
    assert states(world, ids) == {"sent": 1, "held": 2}


def test_unknown_outcomes_count_until_nobody_can_tell(
    make_world: Callable[..., Any], new_event: Any
) -> None:
    world = make_world({"BAOTIN_SPEEDSMS_PER_SECOND": "0"}, gateways=("speedsms",))
    limit(world, monthly_segments=1)
    world.behave("speedsms", faults=[{"kind": "reset"}])
    (first,) = post(world, new_event, "a")
    world.send()
    world.behave("speedsms")
    (second,) = post(world, new_event, "b")
    world.send()
    assert states(world, [first, second]) == {"unknown": 1, "held": 1}
    world.clock.advance(timedelta(days=1, minutes=1))
    (third,) = post(world, new_event, "c")
    world.send()
    assert states(world, [third]) == {"sent": 1}


def test_midnight_and_the_months_end_are_those_of_vietnam(
    make_world: Callable[..., Any], new_event: Any
) -> None:
    world = make_world(now=MIDNIGHT - timedelta(seconds=1))
    limit(world, daily_segments=1, monthly_segments=1)
    ids = post(world, new_event, "ab")
    world.send()
    assert states(world, ids) == {"sent": 1, "held": 1}
    world.clock.advance(timedelta(seconds=1))
    later = post(world, new_event, "cd")
    world.send()
    assert states(world, later) == {"sent": 1, "held": 1}
    assert spent(world) == ONE


def test_several_workers_together_spend_exactly_what_may_be_spent(
    make_world: Callable[..., Any], new_event: Any
) -> None:
    world = make_world()
    limit(world, "thuan-an", daily_segments=20, monthly_dong=20 * 500)
    ids = post(world, new_event, range(50))
    workers = [
        world.context,
        *(build_context(world.wiring, threading.Event()) for _ in range(2)),
    ]
    for _ in range(10):  # what waits for another worker's calls is due a second later
        threads = [
            threading.Thread(
                target=one.sender.run, kwargs={"slice_s": 30, "stopping": lambda: False}
            )
            for one in workers
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        world.clock.advance(timedelta(seconds=2))
    for one in workers[1:]:
        one.sender.pool.close()
    assert states(world, ids) == {"sent": 20, "held": 30}
    assert spent(world) == Spent(20, 20, 10_000, 10_000)
