"""What the drills stand on: a running installation, events posted to it, and who got what when."""

import json
import os
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from notifier.bench import stage
from notifier.bench.stage import Stage
from tests.faults import world
from tests.faults.world import Row

_FIRST_PHONE = 920_000_000
_CASE = "DRILL-"
_LOOK_EVERY_S = 0.5


@dataclass(frozen=True, slots=True)
class Town:
    """The installation, and the folder that its data folder lies in."""

    stage: Stage
    folder: Path

    @property
    def database(self) -> Path:
        return next(self.folder.glob("data-bench-*/baotin.sqlite3"))


@contextmanager
def town(env: Mapping[str, str]) -> Iterator[Town]:
    """Run the product with these variables, and none of ours; nothing is left at the end."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("BAOTIN_")}
    with tempfile.TemporaryDirectory(prefix="baotin-drill-") as name:
        folder = Path(name)
        with stage.running(folder, {**ours, **env}) as running:
            yield Town(running, folder)


def phone(number: int) -> str:
    return f"+84{_FIRST_PHONE + number}"


def number_of(case: str) -> int:
    """The number of the event about this case."""
    return int(case.removeprefix(_CASE))


def event(number: int, office: str, priority: str = "normal") -> dict[str, Any]:
    """An event whose message goes to `phone(number)`, and nobody else's does."""
    return {
        "id": f"drill-{number}",
        "type": "result_ready",
        "occurred_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "priority": priority,
        "case": {"code": f"{_CASE}{number:07}", "office": office, "channel": "counter"},
        "recipient": {"phone": phone(number)},
        "data": {"noi_nhan": "Quầy 3"},
    }


def post(where: Stage, events: Sequence[Mapping[str, Any]]) -> None:
    """Post them at once. Every one must be accepted."""
    reply = where.http.request(
        "POST",
        f"{where.api}/v1/events",
        body=json.dumps({"events": list(events)}),
        headers={"Authorization": f"Bearer {where.key}", "Content-Type": "application/json"},
    )
    assert reply.status == 202, (reply.status, reply.data)
    told = reply.json()["events"]
    assert all(one["outcome"] == "accepted" for one in told), told


class Phones:
    """The simulator's ledger as it grows: the judge of what was sent."""

    def __init__(self, where: Stage) -> None:
        self._simulator = where.simulator
        self.all: list[Row] = []

    def look(self) -> None:
        """Read what came since the last look."""
        self.all += world.ledger(self._simulator, after=self.all[-1].id if self.all else "")

    def await_all(self, wanted: set[str], *, within_s: float) -> set[str]:
        """Wait until these phones have their SMS; answers those that still lack it."""
        ends = time.monotonic() + within_s
        while True:
            self.look()
            missing = wanted - {sms.to for sms in self.all}
            if not missing or time.monotonic() > ends:
                return missing
            time.sleep(_LOOK_EVERY_S)

    def doubled(self) -> list[str]:
        """Phones with more than one SMS."""
        seen: set[str] = set()
        twice: list[str] = []
        for sms in self.all:
            if sms.to in seen:
                twice.append(sms.to)
            seen.add(sms.to)
        return twice
