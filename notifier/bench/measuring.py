"""The measurements, in order. All run on one machine, which the bench itself shares."""

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from notifier.bench.events import Events, Posting
from notifier.bench.failing import BenchFailed
from notifier.bench.figures import Figure, Meter, percentile_ms
from notifier.bench.ledger import Ledger
from notifier.bench.posting import post_all, post_steadily
from notifier.bench.stage import Stage

_SENT_PER_S = 1000
_STEADY_PER_S = 50
_STEADY_CONNECTIONS = 8
_STEADY_P99_MS = 2000
_WARM_UP = 500
_SETTLES_WITHIN_S = 60.0
_LOOK_EVERY_S = 0.5
_RECEIPTS_WITHIN_S = 2.0  # as the simulator promises

Progress = Callable[[int], None]
Bar = Callable[[str, int], AbstractContextManager[Progress]]
"""Shows a label while its block runs, and how many of so many are done."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured."""

    messages: int  # in each measurement but the steady one
    latency_ms: float  # of the gateway
    steady_s: float


@dataclass(frozen=True, slots=True)
class Intake:
    """A way of posting events, and how many a second it should reach."""

    name: str
    size: int  # events a request
    connections: int  # kept alive, one request at a time on each
    target_per_s: int

    @property
    def words(self) -> str:
        each = "one by one" if self.size == 1 else f"in batches of {self.size:,}"
        return f"events posted {each} on {self.connections} connections"


ONE_BY_ONE = Intake("one_by_one", 1, 32, 500)
BATCHES_OF_500 = Intake("batches_of_500", 500, 4, 3000)
BATCHES_OF_1000 = Intake("batches_of_1000", 1000, 4, 3000)


class Bench:
    """Runs the measurements on one stage."""

    def __init__(self, stage: Stage, plan: Plan, bar: Bar) -> None:
        self._stage = stage
        self._plan = plan
        self._bar = bar
        self._events = Events()
        self._ledger = Ledger(stage)

    def run(self) -> Generator[Figure]:
        """Each figure as soon as it is there. Raises `BenchFailed`."""
        self._warm_up()
        yield from self._intake_then_sending(ONE_BY_ONE, receipts=False)
        yield from self._intake_then_sending(BATCHES_OF_500, receipts=True)
        yield from self._both_at_once(ONE_BY_ONE)
        yield from self._both_at_once(BATCHES_OF_1000)
        yield self._steady()

    def sending(self) -> Generator[Figure]:
        """The hand-over of a backlog alone: what differs between adapters."""
        self._warm_up()
        _, sent = self._intake_then_sending(BATCHES_OF_500, receipts=False)
        yield sent

    def _warm_up(self) -> None:
        """Connections, caches and the first growth of files are not measured."""
        self._behave(receipts=True)
        count = min(_WARM_UP, self._plan.messages)
        postings = self._events.in_requests(count, of=50)
        with self._bar("warming up", count) as progress:
            post_all(self._stage, postings, connections=4, progress=lambda _: None)
            self._ledger.await_phones(_phones(postings), progress=progress)
        self._settle()

    def _intake_then_sending(self, intake: Intake, *, receipts: bool) -> Iterator[Figure]:
        """Events are posted while the send worker stands still; then it is let go."""
        self._behave(receipts=receipts)
        postings = self._postings(intake)
        with self._stage.paused("worker"):
            yield self._post(intake, postings, intake.name, f"{intake.words}; nothing is sent")
            meter, began = Meter(self._stage), time.time()
        name, told = ("sending_with_receipts", "on") if receipts else ("sending", "off")
        with self._bar(f"sending, receipts {told}", self._plan.messages) as progress:
            taken = self._ledger.await_phones(_phones(postings), progress=progress)
        what = f"from the first claim of a backlog to the ledger, receipts {told}"
        yield self._sent(name, what, max(taken.values()) - began, meter)
        self._settle()

    def _both_at_once(self, intake: Intake) -> Iterator[Figure]:
        """Events are posted while those before them are sent, receipts on."""
        self._behave(receipts=True)
        postings = self._postings(intake)
        meter, began = Meter(self._stage), time.time()
        name = f"{intake.name}_while_sending"
        yield self._post(intake, postings, name, f"{intake.words} while the worker sends")
        with self._bar("sending what is left", self._plan.messages) as progress:
            taken = self._ledger.await_phones(_phones(postings), progress=progress)
        if intake.target_per_s >= _SENT_PER_S:  # else it is intake that sets the pace
            what = "from the first event posted in batches to the ledger, receipts on"
            yield self._sent("end_to_end", what, max(taken.values()) - began, meter)
        self._settle()

    def _steady(self) -> Figure:
        """How long a message takes from its event to the gateway when nothing piles up."""
        self._behave(receipts=True)
        postings = self._events.in_requests(round(_STEADY_PER_S * self._plan.steady_s), of=1)
        meter = Meter(self._stage)
        with self._bar(f"{_STEADY_PER_S} events/s", len(postings)) as progress:
            posted = post_steadily(
                self._stage,
                postings,
                per_s=_STEADY_PER_S,
                connections=_STEADY_CONNECTIONS,
                progress=progress,
            )
            taken = self._ledger.await_phones(_phones(postings), progress=lambda _: None)
        took = [taken[phone] - one.due_at for one in posted for phone in one.phones]
        seconds = max(taken.values()) - min(one.due_at for one in posted)
        p99_ms = percentile_ms(took, 0.99)
        return Figure(
            name="latency",
            what=f"from an event posted to its message at the gateway, {_STEADY_PER_S} events/s",
            events=len(postings),
            seconds=round(seconds, 3),
            per_s=round(len(postings) / seconds, 1),
            p50_ms=percentile_ms(took, 0.5),
            p99_ms=p99_ms,
            target=f"p99 {_STEADY_P99_MS:,} ms",
            reached=p99_ms < _STEADY_P99_MS,
            costs=meter.read(len(postings)),
        )

    def _post(self, intake: Intake, postings: Sequence[Posting], name: str, what: str) -> Figure:
        meter, began = Meter(self._stage), time.monotonic()
        with self._bar(intake.words, self._plan.messages) as progress:
            posted = post_all(
                self._stage, postings, connections=intake.connections, progress=progress
            )
        seconds = time.monotonic() - began
        took = [one.took_s for one in posted]
        per_s = self._plan.messages / seconds
        return Figure(
            name=name,
            what=what,
            events=self._plan.messages,
            seconds=round(seconds, 3),
            per_s=round(per_s, 1),
            p50_ms=percentile_ms(took, 0.5),
            p99_ms=percentile_ms(took, 0.99),
            target=f"{intake.target_per_s:,}/s",
            reached=per_s >= intake.target_per_s,
            costs=meter.read(self._plan.messages),
        )

    def _sent(self, name: str, what: str, seconds: float, meter: Meter) -> Figure:
        per_s = self._plan.messages / seconds
        return Figure(
            name=name,
            what=f"{what}, {self._plan.latency_ms:g} ms at the gateway",
            events=self._plan.messages,
            seconds=round(seconds, 3),
            per_s=round(per_s, 1),
            p50_ms=None,
            p99_ms=None,
            target=f"{_SENT_PER_S:,}/s",
            reached=per_s >= _SENT_PER_S,
            costs=meter.read(self._plan.messages),
        )

    def _behave(self, *, receipts: bool) -> None:
        self._stage.behave(latency_ms=self._plan.latency_ms, receipts=receipts)

    def _postings(self, intake: Intake) -> list[Posting]:
        return self._events.in_requests(self._plan.messages, of=intake.size)

    def _settle(self) -> None:
        """Wait until nothing is under way: no measurement pays for the one before it."""
        ends = time.monotonic() + _SETTLES_WITHIN_S
        while True:
            counts = self._stage.counts()
            if not counts["queued"] + counts["sending"] + counts["unknown"]:
                time.sleep(_RECEIPTS_WITHIN_S)
                return
            if time.monotonic() > ends:
                raise BenchFailed(f"messages are still under way: {counts}")
            time.sleep(_LOOK_EVERY_S)


def _phones(postings: Sequence[Posting]) -> list[str]:
    return [phone for posting in postings for phone in posting.phones]
