"""A gateway's circuit breaker: when it is left alone, and how it is tried again.

It works at five messages an hour and at five hundred a second: a few failures in a row are
enough, however far apart, and so is a short time in which nothing else came. While it is open
the gateway is tried by single probes, further and further apart; their answers alone count,
since calls that began before it opened tell of the past.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from notifier.domain.timing import CLOCK_JUMP

FAILURES_IN_A_ROW = 3
FAILING_FOR = timedelta(seconds=5)
FIRST_WAIT = timedelta(seconds=1)
LONGEST_WAIT = timedelta(hours=1)  # at a few messages an hour, where each probe costs one
LONGEST_FREE_WAIT = timedelta(minutes=10)  # where a probe costs nothing
LONGEST_ALONE = timedelta(seconds=10)  # where no other gateway takes what waits
PROBE_TAKES = timedelta(seconds=12)  # a lease: then whoever held the probe is dead
_HANGS_FROM_MS = 2000  # an answer "not now" that took so long is a failure
_RELAPSE_WITHIN = timedelta(minutes=1)
_RAMP_BEGINS_WITH = 4
_RAMP_DOUBLES_EVERY_S = 0.5
_RATIO_OVER_S = 10.0
_RATIO_FROM_CALLS = 20
_RATIO = 0.5


class Answer(StrEnum):
    """What a call tells about its gateway."""

    GOOD = "good"  # the provider answered; a refusal of one message is an answer too
    NOT_NOW = "not_now"  # it asked us to wait: a failure only when nothing else comes
    FAILED = "failed"  # no connection, no answer, a broken one


@dataclass(frozen=True, slots=True)
class Heard:
    """One call that ended, as the breaker sees it."""

    answer: Answer
    code: str = ""
    ms: int = 0  # how long it took
    is_probe: bool = False

    @property
    def failed(self) -> bool:
        """Whether it came to nothing; an answer that hangs and then says "not now" did."""
        hung = self.ms >= _HANGS_FROM_MS
        return self.answer is Answer.FAILED or (self.answer is Answer.NOT_NOW and hung)


@dataclass(frozen=True, slots=True)
class Breaker:
    """What all workers know of one gateway; closed unless `opened_at` is set."""

    failures: int = 0  # in a row
    failing_since: datetime | None = None  # the first call that came to nothing
    opened_at: datetime | None = None
    reason: str = ""  # the code of the failure that opened it
    probed_at: datetime | None = None  # while open: the last probe, or the opening
    probe_until: datetime | None = None  # somebody probes, at most until then
    wait: timedelta = FIRST_WAIT  # from the last probe to the next
    closed_at: datetime | None = None  # when it closed again: traffic returns by and by

    @property
    def is_open(self) -> bool:
        return self.opened_at is not None

    @property
    def is_quiet(self) -> bool:
        """Whether a good answer would change nothing."""
        return not (self.is_open or self.failures or self.failing_since)


HEALTHY = Breaker()


def after(breaker: Breaker, heard: Heard, *, at: datetime) -> Breaker:
    """The breaker after one more call, which ended now."""
    if breaker.is_open:
        return _after_probe(breaker, heard, at=at) if heard.is_probe else breaker
    began_at = at - timedelta(milliseconds=heard.ms)
    closed_at = _closed_at(breaker, at)
    if closed_at is not None and began_at < closed_at:
        return breaker
    if heard.answer is Answer.GOOD:
        return breaker if breaker.is_quiet else replace(breaker, failures=0, failing_since=None)
    since = breaker.failing_since or at
    worse = replace(breaker, failures=breaker.failures + heard.failed, failing_since=since)
    if worse.failures >= FAILURES_IN_A_ROW or at - since >= FAILING_FOR:
        return opened(worse, at=at, code=heard.code)
    return worse


def _closed_at(breaker: Breaker, at: datetime) -> datetime | None:
    """When it closed again; nothing where only a clock that went back makes that lie ahead."""
    closed_at = breaker.closed_at
    return None if closed_at is not None and closed_at > at + CLOCK_JUMP else closed_at


def _after_probe(breaker: Breaker, heard: Heard, *, at: datetime) -> Breaker:
    if heard.answer is Answer.GOOD:
        return Breaker(closed_at=at, wait=breaker.wait)
    wait = min(breaker.wait * 2, LONGEST_WAIT)
    return replace(breaker, probed_at=at, probe_until=None, wait=wait)


def opened(breaker: Breaker, *, at: datetime, code: str) -> Breaker:
    """Open it, for this reason; one that is open stays as it is.

    The first wait is as long as the gateway had been failing, so that at a few messages an hour
    not each of them is a probe; one that fails again soon after a good probe waits on as before.
    """
    if breaker.is_open:
        return breaker
    wait = max(FIRST_WAIT, at - (breaker.failing_since or at))
    closed_at = _closed_at(breaker, at)
    if closed_at is not None and at - closed_at < _RELAPSE_WITHIN:
        wait = max(wait, breaker.wait * 2)
    return replace(
        breaker,
        opened_at=at,
        reason=code,
        wait=min(wait, LONGEST_WAIT),
        probed_at=at,
        probe_until=None,
        closed_at=None,
    )


def left_alone(others: Iterable[Breaker], *, elsewhere: timedelta = LONGEST_WAIT) -> timedelta:
    """How long an open one waits for its probe at the most: shortly where nothing else goes."""
    return LONGEST_ALONE if all(one.is_open for one in others) else elsewhere


def may_probe(breaker: Breaker, *, at: datetime, longest: timedelta = LONGEST_WAIT) -> bool:
    """Whether one probe may begin now, when it need not wait longer than `longest`."""
    if breaker.opened_at is None:
        return False
    if breaker.probe_until is not None and at < breaker.probe_until <= at + PROBE_TAKES:
        return False
    since = breaker.probed_at or breaker.opened_at
    return at >= next_probe(breaker, longest=longest) or at < since - CLOCK_JUMP


def next_probe(breaker: Breaker, *, longest: timedelta = LONGEST_WAIT) -> datetime:
    """When an open one is probed next, if nobody probes it now."""
    since = breaker.probed_at or breaker.opened_at
    if since is None:
        raise ValueError("a closed breaker is not probed")
    return since + min(breaker.wait, longest)


def probing(breaker: Breaker, *, at: datetime) -> Breaker:
    """Someone probes: nobody else does, until that one must be dead."""
    return replace(breaker, probed_at=at, probe_until=at + PROBE_TAKES)


def places(breaker: Breaker, *, at: datetime, share: int) -> int:
    """How many calls may be in flight, of a full `share`: few at first after it closed again."""
    if breaker.is_open:
        return 0
    closed_at = _closed_at(breaker, at)
    if closed_at is None:
        return share
    since_s = max(0.0, (at - closed_at).total_seconds())
    doublings = int(since_s / _RAMP_DOUBLES_EVERY_S)
    if doublings >= share.bit_length():
        return share
    return min(share, _RAMP_BEGINS_WITH << doublings)


@dataclass(slots=True)
class Lately:
    """One process's own view of a gateway's last seconds: which share of its calls failed."""

    _calls: deque[tuple[float, int, int]] = field(default_factory=deque)  # at, calls, failures

    def note(self, heard: Sequence[Heard], *, at: float) -> bool:
        """Count these calls, ended at this monotonic second; whether too many of the last failed.

        Once it was so, the count starts anew.
        """
        self._calls.append((at, len(heard), sum(one.failed for one in heard)))
        while self._calls[0][0] < at - _RATIO_OVER_S:
            self._calls.popleft()
        calls = sum(count for _, count, _ in self._calls)
        failures = sum(count for _, _, count in self._calls)
        too_many = calls >= _RATIO_FROM_CALLS and failures >= calls * _RATIO
        if too_many:
            self._calls.clear()
        return too_many
