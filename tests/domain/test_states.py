"""Every pair of states is a row: allowed by a named move, or not."""

from datetime import UTC, datetime, timedelta
from itertools import combinations_with_replacement, product

import pytest

from notifier.domain import timing
from notifier.domain.clock import ManualClock
from notifier.domain.ids import IdSource
from notifier.domain.states import MOVES, State

S = State

ALLOWED = {
    "claim": {(S.QUEUED, S.SENDING)},
    "requeue": {(S.SENDING, S.QUEUED), (S.UNKNOWN, S.QUEUED)},
    "hold": {(S.QUEUED, S.HELD), (S.SENDING, S.HELD)},
    "release": {(S.HELD, S.QUEUED)},
    "accept": {(was, S.SENT) for was in (S.SENDING, S.UNKNOWN, S.QUEUED, S.HELD)},
    "lose_sight": {(S.SENDING, S.UNKNOWN)},
    "fail": {(S.SENDING, S.FAILED), (S.UNKNOWN, S.FAILED)},
    "deliver": {
        (was, S.DELIVERED) for was in State if was not in {S.DELIVERED, S.SUPPRESSED, S.CANCELLED}
    },
    "undeliver": {(was, S.UNDELIVERED) for was in (S.SENDING, S.SENT, S.UNKNOWN)},
    "suppress": {(S.QUEUED, S.SUPPRESSED), (S.HELD, S.SUPPRESSED)},
    "cancel": {(S.QUEUED, S.CANCELLED), (S.HELD, S.CANCELLED)},
    "expire": {(S.QUEUED, S.EXPIRED), (S.HELD, S.EXPIRED)},
}


@pytest.mark.parametrize(("was", "to"), list(product(S, S)))
def test_a_state_changes_by_the_named_moves_only(was: State, to: State) -> None:
    by_code = {name for name, move in MOVES.items() if was in move.allowed_from and move.to is to}
    assert by_code == {name for name, pairs in ALLOWED.items() if (was, to) in pairs}


@pytest.mark.parametrize("final", [S.DELIVERED, S.SUPPRESSED, S.CANCELLED])
def test_nothing_leaves_a_final_state(final: State) -> None:
    assert all(final not in move.allowed_from for move in MOVES.values())


def test_the_times_hold_together() -> None:
    assert timing.CALL_DEADLINE < timing.LEASE
    assert timing.LEASE + timing.SWEEP_EVERY + timing.UPKEEP_SLICE <= timing.STUCK_AT_MOST


def test_a_backoff_grows_to_ten_seconds_and_is_spread() -> None:
    full = [timing.backoff(tries, 1.0).total_seconds() for tries in range(1, 12)]
    assert full[:5] == [1, 2, 4, 8, 10]
    assert max(full) == 10 < timing.STUCK_AT_MOST.total_seconds()
    assert timing.backoff(3, 0.0) == timedelta(seconds=2)


def test_ids_sort_as_they_were_made_even_when_the_clock_goes_back() -> None:
    clock = ManualClock(datetime(2026, 11, 24, tzinfo=UTC))
    source = IdSource(clock)
    made = [source.message() for _ in range(50)]
    clock.jump(timedelta(days=-1))
    made += [source.message() for _ in range(50)]
    clock.jump(timedelta(days=2))
    made.append(source.message())
    assert all(a < b or a == b for a, b in combinations_with_replacement(made, 2))
    assert len(set(made)) == 101
    assert all(len(one) == len("msg_") + 26 for one in made)
