"""Carries a plan out, on real processes, and keeps a log of what it did and when."""

import itertools
import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import urllib3
from redis import Redis

from tests.faults.plan import Phase, Step
from tests.faults.probe import taken_name
from tests.faults.rig import Rig, is_alive

_OBEYED_WITHIN_S = 30.0
_THERE_WITHIN_S = 10.0
_LOOK_S = 0.02


@dataclass(frozen=True, slots=True)
class Disturbance:
    """Something that was done: an instant, or from when until when. Unix seconds."""

    kind: str
    began: float
    ended: float


@dataclass(slots=True)
class Nemesis:
    """Does what the plan says."""

    rig: Rig
    gateways: Sequence[str]
    tell: Callable[[str], None]
    done: list[Disturbance] = field(default_factory=list)
    log: list[dict[str, Any]] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    _guard: threading.Lock = field(default_factory=threading.Lock)
    _orders: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _http: urllib3.PoolManager = field(
        default_factory=lambda: urllib3.PoolManager(retries=urllib3.Retry(5, backoff_factor=0.1))
    )

    def carry_out(self, phases: Sequence[Phase]) -> None:
        """All phases, one after another; a track that fails ends the drill."""
        for phase in phases:
            self.tell(f"{phase.name}")
            failures: list[BaseException] = []
            threads = [
                threading.Thread(target=self._run, args=(track, failures), daemon=True)
                for track in phase.tracks
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            if failures:
                raise failures[0]

    def _run(self, track: Sequence[Step], failures: list[BaseException]) -> None:
        try:
            for step in track:
                time.sleep(step.after_s)
                began = time.time()
                getattr(self, f"_{step.verb}")(step)
                with self._guard:
                    self.log.append({"at": round(began, 3), **step.as_json()})
        except BaseException as problem:  # noqa: BLE001 - told to the drill, which ends
            failures.append(problem)

    def _did(self, kind: str, began: float, ended: float | None = None) -> None:
        with self._guard:
            self.done.append(Disturbance(kind, began, began if ended is None else ended))

    def _miss(self, what: str) -> None:
        with self._guard:
            self.missed.append(what)

    # Processes

    def _rest(self, _step: Step) -> None:
        """Nothing: what is stuck must move by itself."""

    def _kill(self, step: Step) -> None:
        pid = self._present(step.target)
        if pid is None:
            self._miss(f"kill {step.target}")
            return
        self._did(f"kill {step.target}", time.time())
        _signal(pid, signal.SIGKILL)

    def _kill_at(self, step: Step) -> None:
        told = self._order(step, "KILL")
        if told is not None:
            self._did(f"kill at {step.target}", told["at"])

    def _freeze_at(self, step: Step) -> None:
        told = self._order(step, "STOP")
        if told is not None:
            self._frozen(f"at {step.target}", step.lasts_s, told["pid"], told["at"])

    def _freeze(self, step: Step) -> None:
        pid = self._present(step.target)
        if pid is None:
            self._miss(f"freeze {step.target}")
            return
        began = time.time()
        _signal(pid, signal.SIGSTOP)
        self._frozen(step.target, step.lasts_s, pid, began)

    def _frozen(self, which: str, lasts_s: float, pid: int, began: float) -> None:
        """Frozen within a write on SQLite, it holds up all writers until it wakes."""
        holds_up_all = self.rig.writes_are_locked(1.0)
        time.sleep(max(0.0, began + lasts_s - time.time()))
        woke = time.time()
        _signal(pid, signal.SIGCONT)
        if holds_up_all:
            self._did(f"freeze {which} within a write", began, woke)
        else:
            self._did(f"freeze {which}", began)
            self._did(f"wake {which}", woke)

    def _kill_everything(self, _step: Step) -> None:
        began = time.time()
        self.rig.kill_everything()
        self._did("kill everything", began, time.time())

    def _order(self, step: Step, number: str) -> dict[str, Any] | None:
        """Order a worker to die or freeze at a point; what it wrote down when it did."""
        orders = self.rig.orders
        obeyed = orders.with_suffix(".obeyed")
        obeyed.unlink(missing_ok=True)
        taken_name(orders).unlink(missing_ok=True)
        order = {
            "id": str(next(self._orders)),
            "point": step.target,
            "passing": step.passing,
            "signal": number,
        }
        partial = orders.with_suffix(".new")
        partial.write_text(json.dumps(order))
        partial.rename(orders)
        if _wait(obeyed.exists, _OBEYED_WITHIN_S):
            told: dict[str, Any] = json.loads(obeyed.read_text())
            return told
        orders.unlink(missing_ok=True)
        self._miss(f"{step.verb} {step.target}")
        return None

    def _present(self, role: str) -> int | None:
        """The role's process, once it is there."""
        _wait(lambda: self.rig.pid(role) is not None, _THERE_WITHIN_S)
        return self.rig.pid(role)

    # The gateway

    def _gateway(self, step: Step) -> None:
        began = time.time()
        faults = [{"kind": kind, "share": share} for kind, share in step.faults]
        self._behave({"faults": faults})
        time.sleep(step.lasts_s)
        self._behave({})
        self._did("+".join(kind for kind, _ in step.faults), began, time.time())

    def _behave(self, behaviour: dict[str, Any]) -> None:
        for gateway in self.gateways:
            url = f"{self.rig.ready['simulator']}/sim/behaviour/{gateway}"
            reply = self._http.request("PUT", url, json=behaviour)
            assert reply.status == 200, reply.data

    # Valkey

    def _valkey_kill(self, _step: Step) -> None:
        self._did("valkey killed", time.time())
        self.rig.signal("valkey", signal.SIGKILL)

    def _valkey_cut(self, step: Step) -> None:
        with self._valkey_down("valkey killed, file cut"):
            for file in self._append_only_files("incr"):
                os.truncate(file, int(file.stat().st_size * step.share))

    def _valkey_garble(self, step: Step) -> None:
        with self._valkey_down("valkey killed, file garbled"):
            for file in self._append_only_files(""):
                with file.open("r+b") as opened:
                    opened.seek(int(file.stat().st_size * step.share))
                    opened.write(b"\xff\x00garbled\r\n" * 20)

    def _valkey_delete(self, _step: Step) -> None:
        with self._valkey_down("valkey killed, files deleted"):
            for file in self._append_only_files(""):
                file.unlink()

    def _valkey_flush(self, _step: Step) -> None:
        redis_url = self.rig.redis_url
        self._did("valkey emptied", time.time())
        with Redis.from_url(redis_url, socket_timeout=5) as redis:
            redis.flushall()

    def _valkey_hang(self, step: Step) -> None:
        began = time.time()
        self.rig.signal("valkey", signal.SIGSTOP)
        time.sleep(step.lasts_s)
        self.rig.signal("valkey", signal.SIGCONT)
        self._did("valkey away, hanging", began, time.time())

    def _valkey_dead(self, step: Step) -> None:
        with self._valkey_down("valkey away, dead"):
            time.sleep(step.lasts_s)

    @contextmanager
    def _valkey_down(self, kind: str) -> Iterator[None]:
        """Killed, and kept down while its supervisor is frozen."""
        pid = self._present("valkey")
        assert pid is not None
        began = time.time()
        self.rig.signal("up", signal.SIGSTOP)
        try:
            _signal(pid, signal.SIGKILL)
            _wait(lambda: not is_alive(pid), 5.0)
            yield
        finally:
            self.rig.signal("up", signal.SIGCONT)
        self._did(kind, began, time.time())

    def _append_only_files(self, kind: str) -> list[Path]:
        folder = self.rig.data / "valkey" / "appendonlydir"
        return [path for path in folder.iterdir() if path.is_file() and kind in path.name]


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def _wait(until: Callable[[], bool], within_s: float) -> bool:
    ends = time.monotonic() + within_s
    while time.monotonic() < ends:
        if until():
            return True
        time.sleep(_LOOK_S)
    return until()
