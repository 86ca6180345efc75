"""The case systems: they post their stories, retry with the same id until a 202, and keep a list
of every 202 of their own. That list, and nothing of ours, says what was promised.
"""

import heapq
import itertools
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import urllib3

from tests.faults.stories import PostedEvent, Story

_THREADS = 12
_RETRY_S = (0.3, 1.0)
_RETRIED = frozenset({429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Promise:
    """A 202 for an event: when it was read, and what it said."""

    at: float  # Unix seconds
    outcome: str
    message_ids: tuple[str, ...]
    tries: int


@dataclass(slots=True)
class Intake:
    """How the API answered, over the whole run."""

    answers: Counter[str] = field(default_factory=Counter)
    took: list[tuple[float, float]] = field(default_factory=list)  # at, seconds: the 202s
    refused: list[str] = field(default_factory=list)  # answers that no retry mends


@dataclass(order=True, slots=True)
class _Turn:
    due: float  # monotonic
    number: int
    story: Story = field(compare=False)
    place: int = field(compare=False)


class Sender:
    """Posts stories from a few threads until all are promised or it is told to give up."""

    def __init__(self, stories: Sequence[Story], *, url: str, key: str, seed: int) -> None:
        self.promises: dict[str, Promise] = {}
        self.intake = Intake()
        self._url = f"{url}/v1/events"
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self._http = urllib3.PoolManager(maxsize=_THREADS, retries=False)
        self._chance = random.Random(seed)  # noqa: S311 - waits that repeat
        self._number = itertools.count()
        self._turn = threading.Condition()
        self._left = len(stories)
        self._gives_up = threading.Event()
        began = time.monotonic()
        self._turns = [
            _Turn(began + story.starts_s, next(self._number), story, 0) for story in stories
        ]
        heapq.heapify(self._turns)
        self._threads = [
            threading.Thread(target=self._work, name=f"sender-{n}", daemon=True)
            for n in range(_THREADS)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def finish(self, within_s: float) -> bool:
        """Wait until every story is promised; whether they all were."""
        ends = time.monotonic() + within_s
        for thread in self._threads:
            thread.join(max(0.0, ends - time.monotonic()))
        self._gives_up.set()
        with self._turn:
            self._turn.notify_all()
            return self._left == 0

    def _work(self) -> None:
        while (turn := self._next()) is not None:
            whole = turn.story.at_once
            events = turn.story.events if whole else (turn.story.events[turn.place],)
            if not self._post(events):
                return
            with self._turn:
                place = len(turn.story.events) if whole else turn.place + 1
                if place < len(turn.story.events):
                    due = time.monotonic() + self._chance.uniform(0.0, 0.5)
                    following = _Turn(due, next(self._number), turn.story, place)
                    heapq.heappush(self._turns, following)
                else:
                    self._left -= 1
                self._turn.notify_all()

    def _next(self) -> _Turn | None:
        """The next turn once it is due; none when all is told."""
        with self._turn:
            while self._left and not self._gives_up.is_set():
                wait = self._turns[0].due - time.monotonic() if self._turns else 1.0
                if self._turns and wait <= 0:
                    return heapq.heappop(self._turns)
                self._turn.wait(min(wait, 1.0))
        return None

    def _post(self, events: Sequence[PostedEvent]) -> bool:
        bodies = [event.body for event in events]
        body = json.dumps(bodies[0] if len(bodies) == 1 else {"events": bodies})
        for tries in itertools.count(1):
            began = time.time()
            try:
                reply = self._http.request(
                    "POST",
                    self._url,
                    body=body,
                    headers=self._headers,
                    timeout=urllib3.Timeout(connect=3, read=20),
                )
            except urllib3.exceptions.HTTPError as problem:
                self.intake.answers[type(problem).__name__] += 1
            else:
                self.intake.answers[str(reply.status)] += 1
                if reply.status == 202:
                    now = time.time()
                    self.intake.took.append((began, now - began))
                    self._promised(reply.json()["events"], now, tries)
                    return True
                if reply.status not in _RETRIED:
                    self.intake.refused.append(f"{reply.status} {events[0].id}")
                    return True
            if self._gives_up.wait(self._chance.uniform(*_RETRY_S)):
                return False
        raise AssertionError("unreachable")

    def _promised(self, answers: Sequence[dict[str, object]], at: float, tries: int) -> None:
        for answer in answers:
            event_id, outcome = str(answer["id"]), str(answer["outcome"])
            if outcome == "invalid":
                self.intake.refused.append(f"invalid {event_id}")
                continue
            listed = answer["messages"]
            assert isinstance(listed, list)
            ids = tuple(str(message["id"]) for message in listed)
            self.promises[event_id] = Promise(at, outcome, ids, tries)
