"""Drives `baotin up` from outside, as a person does: by what it prints and where it listens."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import urllib3

from tests.waiting import eventually

COMMAND = [sys.executable, "-m", "notifier.cli", "up"]
READY_WITHIN_S = 120  # generous: the machine may be busy; what must be quick says so itself


def environment(folder: Path, given: Mapping[str, str]) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder.parent),
        "BAOTIN_DATA": str(folder),
        "BAOTIN_LISTEN": "127.0.0.1:0",
        "BAOTIN_SIMULATOR_LISTEN": "127.0.0.1:0",
        **given,
    }


@dataclass
class Up:
    """A running `baotin up`."""

    folder: Path
    process: subprocess.Popen[str]
    out: Path
    env: dict[str, str]
    told: dict[str, Any] = field(default_factory=dict)

    @property
    def ready_file(self) -> Path:
        return self.folder / "ready.json"

    @property
    def printed(self) -> str:
        return self.out.read_text()

    def wait_ready(self) -> None:
        def look() -> bool:
            assert self.process.poll() is None, self.printed
            return "is running" in self.printed

        eventually(look, within_s=READY_WITHIN_S, what=self.printed)
        self.told = json.loads(self.ready_file.read_text())

    def pids(self) -> list[int]:
        """Every process that belongs to this folder, `up` itself included."""
        return [int(path.name) for path in Path("/proc").glob("[0-9]*") if self._is_ours(path)]

    def _is_ours(self, process: Path) -> bool:
        """By its environment; Valkey writes its title over that, and works in the folder."""
        mark = f"BAOTIN_DATA={self.folder}\0".encode()
        try:
            in_folder = (process / "cwd").readlink().is_relative_to(self.folder)
            return in_folder or mark in (process / "environ").read_bytes() + b"\0"
        except OSError:
            return False

    def interrupt(self) -> None:
        """Ctrl-C: the terminal tells the whole foreground group."""
        os.killpg(self.process.pid, signal.SIGINT)
        self.process.wait(30)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(30)

    def ask(self, method: str, path: str, **request: Any) -> urllib3.BaseHTTPResponse:
        headers = {
            "Authorization": f"Bearer {self.told['api_key']}",
            **({"Content-Type": "application/json"} if "json" not in request else {}),
            **request.pop("headers", {}),
        }
        return urllib3.request(
            method, f"{self.told['api']}{path}", headers=headers, timeout=10, **request
        )

    def post(self, event_id: str, **changes: Any) -> dict[str, Any]:
        """One event of a case of its own; the answer to it."""
        event = {
            "id": event_id,
            "type": "result_ready",
            "occurred_at": "2026-11-24T09:00:00+07:00",
            "case": {"code": f"H29-{event_id}", "office": "lai-thieu", "channel": "counter"},
            "recipient": {"phone": "0912345678"},
            **changes,
        }
        reply = self.ask("POST", "/v1/events", json=event)
        assert reply.status == 202, reply.data
        answer: dict[str, Any] = reply.json()["events"][0]
        return answer

    def message(self, message_id: str) -> dict[str, Any]:
        shown: dict[str, Any] = self.ask("GET", f"/v1/messages/{message_id}").json()
        return shown

    def comes_to(self, state: str, answer: dict[str, Any]) -> dict[str, Any]:
        """The event's message, once it is in this state."""
        message_id = answer["messages"][0]["id"]
        shown: dict[str, Any] = {}

        def look() -> bool:
            shown.update(self.message(message_id))
            return bool(shown["state"] == state)

        eventually(look, what=shown)
        return shown

    def ledger(self, code: str) -> list[dict[str, Any]]:
        """The SMS that the world got with this in their words."""
        rows = urllib3.request("GET", f"{self.told['simulator']}/sim/messages", timeout=10)
        return [row for row in rows.json()["messages"] if code in row["text"]]


@contextmanager
def running(folder: Path, given: Mapping[str, str]) -> Iterator[Up]:
    """`baotin up` over a folder, which may hold an earlier run's data; killed at the end."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    out = folder.with_name(f"{folder.name}-{time.monotonic_ns()}.out")
    env = environment(folder, given)
    with out.open("w") as file:
        process = subprocess.Popen(
            COMMAND,
            cwd=folder.parent,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            text=True,
            start_new_session=True,
        )
    up = Up(folder, process, out, env)
    try:
        yield up
    finally:
        process.kill()
        process.wait()
        eventually(lambda: not up.pids(), what="all gone")
