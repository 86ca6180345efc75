"""The times that a message's life is built on. They hold together: see the assertions in tests."""

from datetime import timedelta

CALL_DEADLINE = timedelta(seconds=8)  # a gateway call in total, at the most
LEASE = timedelta(seconds=12)  # a claim: no call begins unless its deadline ends before this
SWEEP_EVERY = timedelta(seconds=2)
ONE_LOOK = 2 * SWEEP_EVERY  # from when "absent" counts until it was asked for and acted upon
STUCK_AT_MOST = timedelta(seconds=15)  # stuck work moves again within
CLOCK_JUMP = timedelta(seconds=1)  # wall against monotonic, between two sweeps
UPKEEP_SLICE = timedelta(seconds=1)  # no upkeep job runs longer
MATCH_RECEIPTS_FOR = timedelta(hours=24)
UNREPORTED_AFTER = timedelta(hours=24)  # sent, and no receipt: marked so
MARK_UNREPORTED_EVERY = timedelta(hours=1)
POLL_FOR = timedelta(hours=24)  # from the attempt: then it stays `sent`, marked so
NIGHTLY_LOOK_EVERY = timedelta(seconds=10)  # whether the night's work is due, or goes on
RESEAL_LOOK_EVERY = timedelta(seconds=10)  # whether old keys are needed, or a slice goes on
RING_EXPIRES = timedelta(seconds=5)

_FIRST_POLL_WAIT = timedelta(seconds=5)  # most are delivered by then
_LONGEST_POLL_WAIT = timedelta(hours=1)
_FIRST_BACKOFF_S = 1.0
_LONGEST_BACKOFF_S = 10.0  # a gateway that is back is found in less than STUCK_AT_MOST


def backoff(tries: int, spread: float) -> timedelta:
    """How long a deferred message waits after its nth try, `spread` (0 to 1) apart.

    Doubles from one second to ten; between half and all of that, so that messages
    deferred together do not come back together.
    """
    full = min(_LONGEST_BACKOFF_S, _FIRST_BACKOFF_S * 2 ** min(max(tries - 1, 0), 10))
    return timedelta(seconds=full * (0.5 + spread / 2))


def poll_wait(polls: int) -> timedelta:
    """How long after acceptance, or after the nth poll, a provider is asked what became of it."""
    return min(_LONGEST_POLL_WAIT, _FIRST_POLL_WAIT * (1 << min(polls, 10)))
