"""The processes of an installation, each restarted by itself, as systemd would."""

import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import urllib3

from notifier import pulses, queue
from notifier.up import env_file

_STARTS_WITHIN_S = 90.0
_STOPS_WITHIN_S = 40.0
_COMMANDS = {
    "api-1": ("api",),
    "api-2": ("api",),
    "send": ("worker", "send"),
    "upkeep": ("worker", "upkeep"),
    "scheduler": ("scheduler",),
}


class Fleet:
    """The processes over one environment file. API processes come first in every round."""

    def __init__(self, folder: Path, file: Path, ports: tuple[int, int], pem: Path) -> None:
        self.file = file
        self.restarts = 0
        self.python = Path(sys.executable)  # that the next to start runs with: its release
        self._folder = folder
        self._ports = dict(zip(("api-1", "api-2"), ports, strict=True))
        self._outer = {"PATH": os.environ["PATH"], "SSL_CERT_FILE": str(pem)}
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        for role in _COMMANDS:
            self._start(role)
        for role in _COMMANDS:
            self._wait_ready(role)

    def restart(self) -> None:
        """Each after the one before it answers again."""
        for role in _COMMANDS:
            self._stop(role)
            self._start(role)
            self._wait_ready(role)
            self.restarts += 1

    def stop(self) -> None:
        for role in list(self._running):
            self._stop(role)

    def command(self, *arguments: str) -> str:
        """What a command prints that succeeds."""
        done = subprocess.run(
            [self.python, "-m", "notifier.cli", *arguments],
            env=self.env,
            cwd=self._folder,  # where no release lies that would be taken for the one asked for
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(arguments[:2])}: {done.stderr.strip()}")
        return done.stdout

    @property
    def env(self) -> dict[str, str]:
        return {**self._outer, **env_file.read(self.file)}

    def logs(self) -> str:
        return "".join(path.read_text() for path in sorted(self._folder.glob("*.log")))

    def _start(self, role: str) -> None:
        env = self.env
        if role in self._ports:
            env["BAOTIN_LISTEN"] = f"127.0.0.1:{self._ports[role]}"
        with (self._folder / f"{role}.log").open("ab") as log:
            self._running[role] = subprocess.Popen(
                [self.python, "-m", "notifier.cli", *_COMMANDS[role]],
                env=env,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def _stop(self, role: str) -> None:
        process = self._running.pop(role)
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_STOPS_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise RuntimeError(f"{role} did not end when it was told to") from None

    def _wait_ready(self, role: str) -> None:
        ends = time.monotonic() + _STARTS_WITHIN_S
        while not self._is_ready(role):
            if self._running[role].poll() is not None or time.monotonic() > ends:
                raise RuntimeError(f"{role} is not ready; see {self._folder}/{role}.log")
            time.sleep(0.05)

    def _is_ready(self, role: str) -> bool:
        if role in self._ports:
            url = f"http://127.0.0.1:{self._ports[role]}/healthz"
            try:
                return urllib3.request("GET", url, retries=False, timeout=2).status == 200
            except urllib3.exceptions.HTTPError:
                return False
        with closing(queue.connect(self.env["REDIS_URL"])) as redis:
            pids = {one.about.pid for one in pulses.living(redis) if one.about}
        return self._running[role].pid in pids
