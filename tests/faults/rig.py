"""The drilled installation: `baotin up` on a scratch folder, and a second send worker beside it.

Processes are found as children of the one we started, and only those are ever signalled.
"""

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.faults.probe import ORDERS

_STARTS_WITHIN_S = 60.0
_STOPS_WITHIN_S = 20.0
_LOOK_EVERY_S = 0.05
_ROLES: Mapping[str, tuple[str, ...]] = {
    "worker": ("notifier.cli", "worker", "send"),
    "upkeep": ("notifier.cli", "worker", "upkeep"),
    "scheduler": ("notifier.cli", "scheduler"),
    "api": ("notifier.cli", "api"),
    "simulator": ("notifier.cli", "simulator"),
    "valkey": ("-server ",),  # it writes its address over its command line
}


class Rig:
    """An installation under drill."""

    def __init__(self, folder: Path, *, gateway: str, database_url: str | None) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.orders = folder / "orders.json"
        self._env = {
            **{k: v for k, v in os.environ.items() if not k.startswith("BAOTIN_")},
            "BAOTIN_DATA": str(self.data),
            "BAOTIN_LISTEN": f"127.0.0.1:{_free_port()}",
            "BAOTIN_SIMULATOR_LISTEN": f"127.0.0.1:{_free_port()}",
            "BAOTIN_GATEWAY": gateway,
            "BAOTIN_PROBE": "tests.faults.probe:passed",
            ORDERS: str(self.orders),
        }
        self._env.pop("REDIS_URL", None)
        self._env.pop("DATABASE_URL", None)
        if database_url:
            self._env["DATABASE_URL"] = database_url
        self.sqlite_lock = None if database_url else self.data / "baotin.sqlite3.lock"
        self._up: subprocess.Popen[bytes] | None = None
        self._second: subprocess.Popen[bytes] | None = None
        self._second_env: dict[str, str] = {}
        self._guard = threading.Lock()
        self._closing = threading.Event()
        self.ready: dict[str, Any] = {}

    def start(self) -> None:
        """Start everything and wait until ready.json says that it answers."""
        with (self.folder / "up.log").open("ab") as log:
            self._up = subprocess.Popen(
                [sys.executable, "-m", "notifier.cli", "up"],
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        ready = self.data / "ready.json"
        ends = time.monotonic() + _STARTS_WITHIN_S
        while not ready.exists():
            if self._up.poll() is not None or time.monotonic() > ends:
                raise RuntimeError(f"not ready; see {self.folder}")
            time.sleep(_LOOK_EVERY_S)
        self.ready = json.loads(ready.read_text())
        first = self.pid("worker")
        assert first is not None
        # As on another machine: the same settings, one more worker.
        self._second_env = {**_environment(first), "BAOTIN_PARENT_PID": str(os.getpid())}
        self._start_second()
        threading.Thread(target=self._keep_second, args=(self._up,), daemon=True).start()

    def kill_everything(self) -> None:
        """SIGKILL to `baotin up`, which takes everything with it; then all of it again."""
        assert self._up is not None
        with self._guard:
            children = _children(self._up.pid)
            os.kill(self._up.pid, signal.SIGKILL)
            self._up.wait()
            self._kill_second()
        _wait_gone(children)
        (self.data / "ready.json").unlink()  # nobody was left to do so
        self.start()

    def stop(self) -> list[int]:
        """Ctrl-C. The processes that are left of it: none, or something is wrong."""
        self._closing.set()
        if self._up is None:
            return []
        children = _children(self._up.pid)
        with self._guard:
            self._kill_second()
            self._up.send_signal(signal.SIGINT)
            try:
                self._up.wait(_STOPS_WITHIN_S)
            except subprocess.TimeoutExpired:
                self._up.kill()
                self._up.wait()
        return _wait_gone(children)

    def pid(self, role: str) -> int | None:
        """The process that plays this role now; `second` is our own send worker."""
        if role == "second":
            return self._second.pid if self._second and self._second.poll() is None else None
        if role == "up":
            return self._up.pid if self._up else None
        assert self._up is not None
        for child in _children(self._up.pid):
            line = _command_line(child)
            if all(any(word in part for part in line) for word in _ROLES[role]):
                return child
        return None

    def signal(self, role: str, number: signal.Signals) -> int | None:
        """Signal a role's process; its id, or nothing if it is away."""
        pid = self.pid(role)
        if pid is not None:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                return None
        return pid

    @property
    def redis_url(self) -> str:
        """Where the workers' Redis is."""
        return self._second_env["REDIS_URL"]

    def writes_are_locked(self, for_s: float) -> bool:
        """Whether somebody holds SQLite's write lock all this time."""
        if self.sqlite_lock is None:
            return False
        ends = time.monotonic() + for_s
        with self.sqlite_lock.open("rb") as file:
            while time.monotonic() < ends:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    time.sleep(0.02)
                else:
                    return False
        return True

    def _start_second(self) -> None:
        with (self.folder / "second.log").open("ab") as log:
            self._second = subprocess.Popen(
                [sys.executable, "-m", "notifier.cli", "worker", "send"],
                env=self._second_env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _keep_second(self, up: subprocess.Popen[bytes]) -> None:
        while not self._closing.wait(_LOOK_EVERY_S):
            with self._guard:
                if self._up is not up:
                    return
                if up.poll() is None and self._second and self._second.poll() is not None:
                    self._start_second()

    def _kill_second(self) -> None:
        if self._second is not None:
            self._second.kill()
            self._second.wait()


def _children(pid: int) -> list[int]:
    found: list[int] = []
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
    except FileNotFoundError:
        return found
    for task in tasks:
        try:
            found += [int(child) for child in (task / "children").read_text().split()]
        except OSError:
            continue
    return [one for child in found for one in (child, *_children(child))]


def _command_line(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return []


def _environment(pid: int) -> dict[str, str]:
    pairs = Path(f"/proc/{pid}/environ").read_bytes().decode().split("\0")
    return dict(pair.split("=", 1) for pair in pairs if "=" in pair)


def is_alive(pid: int) -> bool:
    """Whether the process runs; a dead one that nobody has asked after yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def _wait_gone(pids: list[int], within_s: float = 5.0) -> list[int]:
    ends = time.monotonic() + within_s
    while (left := [pid for pid in pids if is_alive(pid)]) and time.monotonic() < ends:
        time.sleep(_LOOK_EVERY_S)
    return left


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
