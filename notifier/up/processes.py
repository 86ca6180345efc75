"""Child processes: started, watched, started again when they die, stopped in order."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from notifier.up.parent import PARENT_VARIABLE, kill_with_parent

_QUICK_DEATH_S = 2.0  # a process that lived shorter waits before it is started again
_LONGEST_WAIT_S = 2.0


@dataclass(frozen=True, slots=True)
class Spec:
    """One process to keep alive. `before` runs ahead of each start."""

    name: str
    arguments: Callable[[], Sequence[str]]
    env: Mapping[str, str] = field(repr=False)
    log: Path
    ours: bool = True  # follows its parent by itself; another's program is told by the kernel
    died_at_start: Callable[[], None] | None = None


@dataclass(slots=True)
class Child:
    """A process and how it has fared."""

    spec: Spec
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_again_at: float = 0.0
    quick_deaths: int = 0

    @property
    def pid(self) -> int | None:
        return self.process.pid if self.process and self.process.poll() is None else None

    def start(self) -> None:
        """Start it, in a session of its own, so that Ctrl-C reaches only its parent."""
        spec = self.spec
        env = {**spec.env, PARENT_VARIABLE: str(os.getpid())}
        with spec.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - our own arguments
                list(spec.arguments()),
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=None if spec.ours else kill_with_parent,  # noqa: PLW1509 - no threads yet
            )
        self.started_at = time.monotonic()

    def restart_if_dead(self) -> bool:
        """Start it again if it died and its wait is over; whether it was started."""
        if self.process is None or self.process.poll() is None:
            return False
        now = time.monotonic()
        if not self.start_again_at:
            quick = now - self.started_at < _QUICK_DEATH_S
            self.quick_deaths = self.quick_deaths + 1 if quick else 0
            wait = min(_LONGEST_WAIT_S, 0.25 * 2**self.quick_deaths) if quick else 0.0
            self.start_again_at = now + wait
            if quick and self.spec.died_at_start is not None:
                self.spec.died_at_start()
        if now < self.start_again_at:
            return False
        self.start_again_at = 0.0
        self.start()
        return True

    def terminate(self) -> None:
        if self.pid is not None and self.process is not None:
            self.process.terminate()

    def kill(self) -> None:
        """Kill it and whatever it started: they share its session."""
        if self.process is None:
            return
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return

    def wait(self, until: float) -> bool:
        """Whether it ended before `until` (monotonic)."""
        if self.process is None:
            return True
        try:
            self.process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            return False
        return True


def descendants(pid: int) -> list[int]:
    """A process and the children it has, as the kernel tells them."""
    found = [pid]
    tasks = Path(f"/proc/{pid}/task")
    if tasks.exists():
        for task in tasks.iterdir():
            try:
                children = (task / "children").read_text().split()
            except OSError:
                continue
            found.extend(int(child) for child in children)
    return found
