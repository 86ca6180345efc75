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

_FIRST_PHONE = 920_000_000
_LOOK_EVERY_S = 0.5
_PAGE = 1000


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


def event(number: int, office: str, priority: str = "normal") -> dict[str, Any]:
    """An event whose message goes to `phone(number)`, and nobody else's does."""
    return {
        "id": f"drill-{number}",
        "type": "result_ready",
        "occurred_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "priority": priority,
        "case": {"code": f"DRILL-{number:07}", "office": office, "channel": "counter"},
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


@dataclass(frozen=True, slots=True)
class Sms:
    """One SMS that a provider took."""

    gateway: str
    to: str
    at: float  # Unix seconds


class Phones:
    """The simulator's ledger as it grows: the judge of what was sent."""

    def __init__(self, where: Stage) -> None:
        self._stage = where
        self._after = ""
        self.all: list[Sms] = []

    def look(self) -> list[Sms]:
        """What came since the last look."""
        new: list[Sms] = []
        while True:
            answer = self._stage.ask(
                "GET", f"{self._stage.simulator}/sim/messages?after={self._after}"
            )
            rows = json.loads(answer)["messages"]
            new += [
                Sms(r["gateway"], r["to"], datetime.fromisoformat(r["received_at"]).timestamp())
                for r in rows
            ]
            if rows:
                self._after = rows[-1]["id"]
            if len(rows) < _PAGE:
                self.all += new
                return new

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


def messages(where: Stage) -> list[dict[str, Any]]:
    """All messages, as the API tells them, with their attempts."""
    told: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        query = {"limit": str(_PAGE), **({"cursor": cursor} if cursor else {})}
        reply = where.http.request(
            "GET",
            f"{where.api}/v1/messages",
            fields=query,
            headers={"Authorization": f"Bearer {where.key}"},
        )
        assert reply.status == 200, reply.data
        page = reply.json()
        told += page["messages"]
        cursor = page["next_cursor"]
    return told
