"""One run: an older release at work, migrated under it, then replaced by this one, and a verdict.

Every process of the older release is also started again over the newer tables: it has to find
its way there too, for nobody replaces all processes in one moment.
"""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select

from notifier.store import migrate
from notifier.store.tables import Message
from tests.installation.front import told
from tests.installation.installation import Installation
from tests.installation.poster import Poster


@dataclass(slots=True)
class Outcome:
    """What a run showed."""

    database: str
    release: str
    steps: tuple[str, str] = ("", "")  # the newest migration before and after
    migrate_s: float = 0.0
    posted: int = 0
    sent: dict[str, int] = field(default_factory=dict)  # by who was at work when it was posted
    failed_requests: list[str] = field(default_factory=list)
    answers: dict[str, Any] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    not_delivered: dict[str, int] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)
    took_s: float = 0.0

    @property
    def failures(self) -> list[str]:
        """Why the run failed; empty when all held."""
        found = {
            "failed requests": self.failed_requests,
            "lost": self.lost,
            "doubled": self.doubled,
            "not delivered": self.not_delivered,
            "complaints in the logs": self.complaints,
            "no migration was due": self.steps[0] == self.steps[1],
            "nothing was sent": [name for name, count in self.sent.items() if not count],
        }
        return [f"{name}: {str(what)[:300]}" for name, what in found.items() if what]

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "failures": self.failures}


class Run:
    """The installation, the interpreters of both releases, and what is done with them."""

    def __init__(self, office: Installation, older: Path, outcome: Outcome) -> None:
        self._office, self._fleet = office, office.fleet
        self._newer, self._older = office.fleet.python, older
        self._outcome = outcome
        self._since: list[tuple[str, int]] = []  # a part of the run, the first number posted in it

    def carry_out(self, *, rate: float, calm_s: float, say: Callable[[str], None]) -> None:
        """Migrate and replace under load, and judge."""
        began = time.monotonic()
        self._fleet.python = self._older
        poster = self._office.poster(rate, self._office.install())
        self._fleet.start()
        poster.start()

        def part(name: str) -> None:
            say(name)
            self._since.append((name, poster.posted))

        part("the older release")
        time.sleep(calm_s)
        part("the older release, migrated meanwhile")
        self._migrate()
        time.sleep(calm_s)
        part("the older release, started again over the newer tables")
        self._fleet.restart()
        part("this release takes over, process by process")
        self._fleet.python = self._newer
        self._fleet.restart()
        part("this release")
        time.sleep(calm_s)
        poster.stop()
        self._office.settle()
        self._judge(poster)
        self._outcome.took_s = time.monotonic() - began

    def _migrate(self) -> None:
        before = self._step()
        began = time.monotonic()
        self._fleet.python = self._newer
        self._fleet.command("migrate")
        self._fleet.python = self._older
        self._outcome.migrate_s = time.monotonic() - began
        self._outcome.steps = before, self._step()

    def _step(self) -> str:
        sessions = self._office.sessions()
        step = migrate.revision(sessions.engine) or ""
        sessions.engine.dispose()
        return step

    def _judge(self, poster: Poster) -> None:
        outcome, front = self._outcome, self._office.front
        outcome.posted = len(poster.taken) + len(poster.failed)
        outcome.failed_requests = list(poster.failed)
        if front.seen["receipts"].failed:
            outcome.failed_requests.append(f"{front.seen['receipts'].failed} receipts")
        outcome.answers = told(front.seen)
        numbers = self._office.sent()
        outcome.lost = [f"e{n}" for n in sorted(poster.taken - numbers.keys())]
        outcome.doubled = [f"e{n}" for n, count in numbers.items() if count > 1]
        ends = [first for _, first in self._since[1:]] + [poster.posted]
        for (name, first), end in zip(self._since, ends, strict=True):
            outcome.sent[name] = sum(numbers[n] > 0 for n in range(first, end))
        # Older releases locked attempts crosswise with upkeep now and then, over any tables.
        found = self._office.complaints()
        outcome.complaints = [line for line in found if "deadlock detected" not in line]
        outcome.not_delivered = self._open()

    def _open(self) -> dict[str, int]:
        """How many messages did not come to their end, by state."""
        sessions = self._office.sessions()
        with sessions.read() as session:
            states = Counter(session.scalars(select(Message.state)))
        sessions.engine.dispose()
        return {state: count for state, count in states.items() if state != "delivered"}
