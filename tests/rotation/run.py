"""One run: an installation under load, everything in it rotated meanwhile, and the verdict.

The steps are those of docs/production.md, "Rotation".
"""

import json
import math
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select

from config.readers import keys as read_ring
from notifier.store import resealing
from notifier.store.sealing import SealBroken, Sealer
from notifier.store.tables import Case, Event, Message
from notifier.up import env_file, secrets
from tests.installation.front import told
from tests.installation.installation import FIRST_TOKEN, SECOND_TOKEN, Installation, Key
from tests.installation.poster import Poster
from tests.rotation import older

_AT_ONCE = 1000


@dataclass(slots=True)
class Outcome:
    """What a run showed."""

    database: str
    posted: int = 0
    failed_requests: list[str] = field(default_factory=list)
    answers: dict[str, Any] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    not_delivered: dict[str, int] = field(default_factory=dict)
    sealed_values: int = 0
    unreadable: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    restarts: int = 0
    resealed: dict[str, int] = field(default_factory=dict)
    reseal_s: float = 0.0
    p99_s: dict[str, float] = field(default_factory=dict)  # of intake, by step
    took_s: float = 0.0

    @property
    def failures(self) -> list[str]:
        """Why the run failed; empty when all held."""
        found = {
            "failed requests": self.failed_requests,
            "lost": self.lost,
            "doubled": self.doubled,
            "not delivered": self.not_delivered,
            "unreadable": self.unreadable,
            "complaints in the logs": self.complaints,
        }
        return [f"{name}: {str(what)[:300]}" for name, what in found.items() if what]

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "failures": self.failures}


class Run:
    """The installation, and what is done with it."""

    def __init__(self, folder: Path, database_url: str, redis_url: str, say: Callable[[str], None]):
        self._say = say
        self._place = folder, database_url, redis_url
        self.steps: list[tuple[str, float]] = []
        self.outcome = Outcome(database_url.partition(":")[0])

    def carry_out(self, *, rate: float, filled: int, calm_s: float) -> Outcome:
        """Rotate everything under load, and judge."""
        began = time.monotonic()
        with Installation(*self._place) as office:
            key = office.install()
            ids = self._fill(office, filled)
            office.fleet.start()
            poster = office.poster(rate, key)
            poster.start()
            self._rotate(office, key, calm_s)
            poster.stop()
            office.settle()
            self._judge(office, poster, ids)
        self.outcome.took_s = time.monotonic() - began
        return self.outcome

    def _rotate(self, office: Installation, key: Key, calm_s: float) -> None:
        run, file = office.fleet.command, str(office.file)
        self._step("before")
        time.sleep(calm_s)
        self._step("a second encryption key")
        run("secrets", "add-key", "k2", "--file", file)
        office.fleet.restart()
        run("secrets", "use-key", "k2", "--file", file)
        office.fleet.restart()
        self._step("resealing")
        began = time.monotonic()
        self.outcome.resealed = json.loads(run("secrets", "reseal", "--json"))["resealed"]
        self.outcome.reseal_s = time.monotonic() - began
        self._step("another API key")
        made = json.loads(run("keys", "rotate", key.id, "--keep", "1h", "--json"))
        time.sleep(calm_s / 2)  # the case system still posts with the old one
        old, key.id, key.token = key.id, made["id"], made["key"]
        time.sleep(calm_s / 2)
        run("keys", "revoke", old)
        self._step("other gateway secrets")
        office.account(auth_token=FIRST_TOKEN, auth_token_old=SECOND_TOKEN)
        held = env_file.read(office.file)
        changed = {
            "BAOTIN_TWILIO_AUTH_TOKEN": SECOND_TOKEN,
            "BAOTIN_TWILIO_AUTH_TOKEN_OLD": FIRST_TOKEN,
            "BAOTIN_WEBHOOK_SECRET": secrets.fresh()["BAOTIN_WEBHOOK_SECRET"],
            "BAOTIN_WEBHOOK_SECRET_OLD": held["BAOTIN_WEBHOOK_SECRET"],
        }
        env_file.put(office.file, changed)
        office.fleet.restart()
        office.account(auth_token=SECOND_TOKEN, auth_token_old=FIRST_TOKEN)
        time.sleep(calm_s)  # what is under way was given the old address: its receipts come
        self._step("the old ones away")
        office.account(auth_token=SECOND_TOKEN, auth_token_old="")
        env_file.put(
            office.file, {"BAOTIN_TWILIO_AUTH_TOKEN_OLD": "", "BAOTIN_WEBHOOK_SECRET_OLD": ""}
        )
        run("secrets", "drop-key", "k1", "--file", file)
        office.fleet.restart()
        time.sleep(calm_s / 2)
        self._step("")

    def _step(self, name: str) -> None:
        self.steps.append((name, time.time()))
        if name:
            self._say(name)

    def _fill(self, office: Installation, count: int) -> frozenset[str]:
        """So many delivered messages of last week with their events; the messages' ids."""
        began = datetime.now(UTC) - timedelta(days=7)
        sessions, sealer = office.sessions(), _sealer(office)
        made: set[str] = set()
        for start in range(0, count, _AT_ONCE):
            numbers = range(start, min(count, start + _AT_ONCE))
            cases, events, messages = older.rows(numbers, began, sealer)
            with sessions.begin() as session:
                session.execute(insert(Case), cases)
                session.execute(insert(Event), events)
                session.execute(insert(Message), messages)
            made |= {one["id"] for one in messages}
        sessions.engine.dispose()
        return frozenset(made)

    def _judge(self, office: Installation, poster: Poster, filled: frozenset[str]) -> None:
        outcome, front = self.outcome, office.front
        outcome.posted = len(poster.taken) + len(poster.failed)
        outcome.failed_requests = list(poster.failed)
        if front.seen["receipts"].failed:
            outcome.failed_requests.append(f"{front.seen['receipts'].failed} receipts")
        outcome.answers = told(front.seen)
        numbers = office.sent()
        outcome.lost = [f"e{n}" for n in sorted(poster.taken - numbers.keys())]
        outcome.doubled = [f"e{n}" for n, count in numbers.items() if count > 1]
        self._judge_rows(office, filled)
        outcome.restarts = office.fleet.restarts
        outcome.complaints = office.complaints()
        for (name, since), (_, until) in zip(self.steps, self.steps[1:], strict=False):
            outcome.p99_s[name] = _p99(front.seen["events"].took_s, since, until)

    def _judge_rows(self, office: Installation, filled: frozenset[str]) -> None:
        """With the new key alone, every value opens; and every message came to its end."""
        sealer, sessions = _sealer(office), office.sessions()
        states: Counter[str] = Counter()
        with sessions.read() as session:
            for message_id, state in session.execute(select(Message.id, Message.state)):
                if message_id not in filled and state != "delivered":
                    states[state] += 1
            for table in resealing.tables():
                (key,) = table.primary_key
                columns = resealing.columns(table)
                for row, *values in session.execute(select(key, *columns)):
                    for column, value in zip(columns, values, strict=True):
                        if value is None:
                            continue
                        self.outcome.sealed_values += 1
                        try:
                            sealer.open(
                                value,
                                table=table.name,
                                column=resealing.sealed_as(column.name),
                                row=row,
                            )
                        except SealBroken:
                            self.outcome.unreadable.append(f"{table.name}.{column.name} {row}")
        sessions.engine.dispose()
        self.outcome.not_delivered = dict(states)


def _sealer(office: Installation) -> Sealer:
    return Sealer(read_ring(office.fleet.env["BAOTIN_ENCRYPTION_KEYS"]))


def _p99(took_s: Sequence[tuple[float, float]], since: float, until: float) -> float:
    found = sorted(took for began, took in took_s if since <= began < until)
    return found[math.ceil(len(found) * 0.99) - 1] if found else 0.0
