"""What is measured: `baotin up` in a scratch folder, and the ways to look at it."""

import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from shutil import rmtree
from typing import Any

import urllib3

from notifier.bench.failing import BenchFailed
from notifier.up.processes import Child, Spec

_STARTS_WITHIN_S = 90.0
_STOPS_WITHIN_S = 20.0
_LOOK_EVERY_S = 0.1
_OK = 200

# What would make the bench touch an installation, or measure another thing than it says.
_OURS = ("BAOTIN_DATA", "BAOTIN_ENV", "BAOTIN_PUBLIC_URL", "DATABASE_URL", "REDIS_URL")


@dataclass(frozen=True, slots=True)
class Stage:
    """A running installation, with the parts and pids that its ready.json names."""

    api: str
    simulator: str
    key: str = field(repr=False)
    gateways: tuple[str, ...]
    processes: Mapping[str, tuple[int, ...]]
    http: urllib3.PoolManager = field(repr=False)

    def behave(self, *, latency_ms: float, receipts: bool) -> None:
        """Tell every gateway how to behave from now on."""
        wanted = {"latency_ms": latency_ms, "receipts": "normal" if receipts else "none"}
        for gateway in self.gateways:
            self.ask("PUT", f"{self.simulator}/sim/behaviour/{gateway}", body=wanted)

    def counts(self) -> dict[str, int]:
        """Messages by state, as the product's own metrics tell."""
        counts = {}
        for line in self.ask("GET", f"{self.api}/metrics").decode().splitlines():
            name, _, value = line.rpartition(" ")
            if name.startswith('baotin_messages{state="'):
                counts[name.split('"')[1]] = round(float(value))
        return counts

    def ask(self, method: str, url: str, *, body: object = None) -> bytes:
        """The answer's body. Raises `BenchFailed` for anything but 200."""
        try:
            reply = self.http.request(
                method,
                url,
                body=None if body is None else json.dumps(body).encode(),
                headers={"Content-Type": "application/json"},
            )
        except urllib3.exceptions.HTTPError as problem:
            raise BenchFailed(f"{url} does not answer: {type(problem).__name__}") from None
        if reply.status != _OK:
            raise BenchFailed(f"{url} answered {reply.status}")
        return reply.data

    @contextmanager
    def paused(self, part: str) -> Iterator[None]:
        """The part's processes stand still while the block runs. Pause only one that is idle:
        it may hold a lock otherwise."""
        self._signal(part, signal.SIGSTOP)
        try:
            yield
        finally:
            self._signal(part, signal.SIGCONT)

    def _signal(self, part: str, name: signal.Signals) -> None:
        for pid in self.processes[part]:
            with suppress(ProcessLookupError):  # at Ctrl-C it may be gone by now
                os.kill(pid, name)


@contextmanager
def running(parent: Path, env: Mapping[str, str], *, database_url: str = "") -> Iterator[Stage]:
    """Run everything in a folder of its own under `parent`; nothing of it is left at the end.

    Raises `BenchFailed` when it does not come up.
    """
    folder = Path(tempfile.mkdtemp(prefix="data-bench-", dir=parent))
    child = Child(_spec(folder, env, database_url))
    try:
        child.start()
        told = _ready(folder, child)
        with urllib3.PoolManager(retries=False, timeout=10) as http:
            yield Stage(
                api=told["api"],
                simulator=told["simulator"],
                key=told["api_key"],
                gateways=tuple(told["dialects"]),
                processes={name: tuple(pids) for name, pids in told["processes"].items()},
                http=http,
            )
    finally:
        try:
            child.terminate()
            child.wait(time.monotonic() + _STOPS_WITHIN_S)
        finally:  # a second Ctrl-C lands here; all processes die with their parent
            child.kill()
            child.wait(time.monotonic() + 1)
            rmtree(folder, ignore_errors=True)


def _spec(folder: Path, env: Mapping[str, str], database_url: str) -> Spec:
    given = {name: value for name, value in env.items() if name not in _OURS}
    given |= {
        "BAOTIN_DATA": str(folder),
        "BAOTIN_LISTEN": "127.0.0.1:0",
        "BAOTIN_SIMULATOR_LISTEN": "127.0.0.1:0",
        "DATABASE_URL": database_url,
    }
    line = [sys.executable, "-m", "notifier.cli", "up"]
    return Spec("up", lambda: line, given, folder / "up.log", ours=False)


def _ready(folder: Path, child: Child) -> dict[str, Any]:
    """What ready.json says once it is there."""
    ends = time.monotonic() + _STARTS_WITHIN_S
    ready = folder / "ready.json"
    while not ready.exists():
        if child.pid is None or time.monotonic() > ends:
            said = (folder / "up.log").read_text(errors="replace").strip().splitlines()
            raise BenchFailed(f"nothing came up: {said[-1] if said else 'no word why'}")
        time.sleep(_LOOK_EVERY_S)
    told: dict[str, Any] = json.loads(ready.read_text())
    return told
