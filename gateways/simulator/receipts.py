"""What becomes of a message, and how the receipts that tell of it are posted.

Twilio posts a status callback once. Here a receiver that is down is asked again for a minute,
so that a demo outlives a restart of its API.
"""

import asyncio
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from gateways.simulator.behaviour import Receipts
from gateways.simulator.numbers import MAGIC, Magic
from gateways.simulator.posting import Courier, Post, Unreachable
from gateways.simulator.rows import Fate, Row, Status
from gateways.simulator.trouble import Record

_SENT_S = (0.02, 0.3)  # after the message was taken
_FINAL_S = (0.4, 1.5)
_LATE_SENT_S = (10.0, 14.0)
_LATE_FINAL_S = (15.0, 20.0)
_REPEATS = 3  # of each receipt, for "duplicate"
_BETWEEN_S = 0.1  # repeats, and a shuffled "sent" behind its "delivered"

_COURIERS = 32
_TRY_FOR_S = 60.0
_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 8.0
_OK = range(200, 300)
_TRY_AGAIN = frozenset({408, 425, 429, *range(500, 600)})


@dataclass(frozen=True, slots=True)
class Step:
    """One receipt to post at an instant (Unix seconds)."""

    at: float
    status: Status


def fate(
    to: str, at: float, receipts: Receipts, codes: Mapping[Magic, str], chance: random.Random
) -> Fate:
    """Settle what becomes of a message to `to` taken `at`; `codes` are the dialect's words."""
    late = receipts is Receipts.LATE
    sent_at = at + chance.uniform(*(_LATE_SENT_S if late else _SENT_S))
    final_at = at + chance.uniform(*(_LATE_FINAL_S if late else _FINAL_S))
    magic = MAGIC.get(to)
    if magic is Magic.SILENT:
        return Fate(sent_at, sent_at, None)
    if magic is not None and magic in codes:
        return Fate(sent_at, final_at, Status.UNDELIVERED, codes[magic])
    return Fate(sent_at, final_at, Status.DELIVERED)


def steps(row: Row, receipts: Receipts) -> list[Step]:
    """The receipts to post for a message, in the order in which they go out."""
    fate = row.fate
    if fate.final is None or receipts is Receipts.NONE or not row.order.callback_url:
        return []
    sent, final = Step(fate.sent_at, Status.SENT), Step(fate.final_at, fate.final)
    match receipts:
        case Receipts.NORMAL | Receipts.LATE:
            return [sent, final]
        case Receipts.DUPLICATE:
            return [
                Step(step.at + _BETWEEN_S * repeat, step.status)
                for step in (sent, final)
                for repeat in range(_REPEATS)
            ]
        case Receipts.SHUFFLED:
            return [final, Step(final.at + _BETWEEN_S, Status.SENT)]


@dataclass(slots=True)
class _Round:
    """The receipts of one message still to post; one step at a time, so they keep their order."""

    row: Row
    steps: Sequence[Step]
    tries: int = 0
    first_tried_at: float = 0.0  # monotonic


class Postman:
    """Posts receipts through a few couriers. Start it inside the event loop."""

    def __init__(self, gateway: str, write: Callable[[Row, Step], Post | None]) -> None:
        self.record = Record(gateway)
        self._write = write  # the dialect's words for a receipt
        self._due: asyncio.Queue[_Round] = asyncio.Queue()
        self._couriers: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to post."""
        self._couriers = [asyncio.create_task(self._work()) for _ in range(_COURIERS)]

    async def stop(self) -> None:
        """Stop at once; what is due stays unposted."""
        for courier in self._couriers:
            courier.cancel()
        await asyncio.gather(*self._couriers, return_exceptions=True)

    def follow(self, row: Row, receipts: Receipts) -> None:
        """Post the message's receipts when they fall due. Never waits."""
        planned = steps(row, receipts)
        if planned:
            self._wait(_Round(row, planned), planned[0].at - time.time())

    def _wait(self, round_: _Round, pause_s: float) -> None:
        asyncio.get_running_loop().call_later(max(0.0, pause_s), self._due.put_nowait, round_)

    async def _work(self) -> None:
        courier = Courier()
        try:
            while True:
                round_ = await self._due.get()
                if await self._told(courier, round_):
                    round_.steps, round_.tries = round_.steps[1:], 0
                    if round_.steps:
                        self._wait(round_, round_.steps[0].at - time.time())
                else:
                    round_.tries += 1
                    pause_s = _FIRST_PAUSE_S * 2 ** (round_.tries - 1)
                    self._wait(round_, min(_LONGEST_PAUSE_S, pause_s))
        finally:
            courier.close()

    async def _told(self, courier: Courier, round_: _Round) -> bool:
        """Whether this step is over: taken, refused for good, or tried for long enough."""
        if not round_.tries:
            round_.first_tried_at = time.monotonic()
        post = self._write(round_.row, round_.steps[0])
        if post is None:
            return True  # the provider tells nothing of this step
        try:
            status = await courier.post(post)
        except Unreachable as problem:
            why, again = str(problem), True
        else:
            if status in _OK:
                self.record.posted()
                return True
            why, again = f"http_{status}", status in _TRY_AGAIN
        self.record.failed(post.url, why, time.time())
        over = not again or time.monotonic() - round_.first_tried_at > _TRY_FOR_S
        if over:
            self.record.gave_up()
        return over
