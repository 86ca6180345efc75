"""`baotin up`: everything on one machine, until Ctrl-C."""

import fcntl
import json
import os
import secrets as random_secrets
import signal
import socket
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import TextIO

import urllib3

from config.settings import Address, Settings, SettingsError
from gateways.simulator import registry
from notifier.up import environment, playing, secrets, words
from notifier.up.processes import Child, Spec, descendants
from notifier.up.valkey import Valkey, program

_LOOK_EVERY_S = 0.1
_STARTS_WITHIN_S = 60.0
_STOPS_WITHIN_S = 10.0
_SETTINGS = 2
_ANY = Address("127.0.0.1", 0)


class CannotStart(Exception):
    """Why nothing was started, in one line."""

    def __init__(self, text: str, exit_code: int = 1) -> None:
        super().__init__(text)
        self.exit_code = exit_code


@dataclass(slots=True)
class _Plan:
    """What is run, where, and with which variables."""

    folder: Path
    listen: Address
    simulator_listen: Address
    dialects: Mapping[str, Address]
    env: dict[str, str] = field(repr=False)
    valkey: Valkey | None


def run(given: Mapping[str, str], *, out: TextIO = sys.stdout) -> None:
    """Run until SIGINT or SIGTERM. Raises `CannotStart`."""
    env = {**given, "BAOTIN_ENV": given.get("BAOTIN_ENV") or "demo"}
    try:
        settings = Settings.from_env(env)
    except SettingsError as problem:
        raise CannotStart(str(problem), _SETTINGS) from None
    folder = settings.data_folder.absolute()
    os.umask(0o077)  # what lies there is its owner's alone, whatever the folder's own mode
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = _lock(folder)
    except OSError as problem:
        raise CannotStart(
            f"{folder} cannot hold the data ({problem.strerror}); set BAOTIN_DATA to another"
        ) from None
    try:
        (folder / "ready.json").unlink(missing_ok=True)
        with _Ports() as ports:
            plan = _plan(settings, folder, env, ports)
            _prepare(plan)
            if settings.is_demo:
                environment.keep(folder, plan.env)
            _Supervisor(plan, out).run()
    finally:
        (folder / "ready.json").unlink(missing_ok=True)
        environment.forget(folder)
        os.close(lock)


def _lock(folder: Path) -> int:
    """One `up` for a folder. Freed by death too."""
    descriptor = os.open(folder / "up.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        told = os.pread(descriptor, 200, 0).decode(errors="replace").strip()
        raise CannotStart(
            f"Báo Tin already runs on {folder} ({told}); stop it, or set BAOTIN_DATA to another"
        ) from None
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"process {os.getpid()}".encode(), 0)
    return descriptor


def _plan(settings: Settings, folder: Path, env: dict[str, str], ports: "_Ports") -> _Plan:
    listen = ports.free(settings.listen, "BAOTIN_LISTEN")
    simulator_listen = ports.free(settings.simulator_listen, "BAOTIN_SIMULATOR_LISTEN")
    dialects: dict[str, Address] = {}
    if settings.is_demo:
        env = {**secrets.of_demo(folder), **env}
        for name in registry.names():
            dialects[name] = ports.free(_ANY, "a dialect's port")
            env |= playing.pointing(name, dialects[name].url)
            env = {**playing.played(name), **env}
    valkey = None
    if not settings.redis_url:
        port = ports.free(_ANY, "REDIS_URL").port
        try:
            valkey = Valkey(folder / "valkey", port, random_secrets.token_urlsafe(24), program())
        except FileNotFoundError as problem:
            raise CannotStart(str(problem), _SETTINGS) from None
        env["REDIS_URL"] = valkey.url
    env |= {
        "BAOTIN_DATA": str(folder),
        "BAOTIN_LISTEN": str(listen),
        "BAOTIN_SIMULATOR_LISTEN": str(simulator_listen),
        "PYTHONUNBUFFERED": "1",
    }
    return _Plan(folder, listen, simulator_listen, dialects, env, valkey)


class _Ports(ExitStack):
    """Finds ports that are free, and holds them while `baotin up` runs.

    Bound here and never listening: the system gives such a port to nobody who asks for any, and
    lets the process listen whose port it is. One let go goes to another before that process is up,
    or while it is started again; then it dies for ever.
    """

    def free(self, wanted: Address, variable: str) -> Address:
        """The address with its port, or a free one for port 0. Raises `CannotStart` if taken."""
        family = socket.AF_INET6 if ":" in wanted.host else socket.AF_INET
        probe = self.enter_context(socket.socket(family))
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((wanted.host, wanted.port))
        except OSError as problem:
            raise CannotStart(
                f"{wanted} cannot be listened on ({problem.strerror}); set {variable} to another"
            ) from None
        return Address(wanted.host, probe.getsockname()[1])


def _prepare(plan: _Plan) -> None:
    """Migrate and seed, in this process: it saves a second of imports."""
    from redis import RedisError  # noqa: PLC0415 - only now worth their import
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415

    from notifier import queue  # noqa: PLC0415
    from notifier.domain.clock import SystemClock  # noqa: PLC0415
    from notifier.services.encryption_keys import adopt_with  # noqa: PLC0415
    from notifier.services.seed import seed  # noqa: PLC0415
    from notifier.services.wiring import refuse_unfit  # noqa: PLC0415
    from notifier.store.engine import StoreUnavailable, called, told  # noqa: PLC0415
    from notifier.store.migrate import CannotMigrate, upgrade  # noqa: PLC0415

    settings = Settings.from_env(plan.env)
    try:
        refuse_unfit(settings)
        if plan.valkey is None:
            with queue.connect(settings.redis_url) as redis:
                queue.refuse_lossy(redis)
        upgrade(settings)
        adopt_with(settings, SystemClock())
        seed(settings)
    except SettingsError as problem:
        raise CannotStart(str(problem), _SETTINGS) from None
    except RedisError as problem:
        raise CannotStart(f"Redis at REDIS_URL {queue.told(problem)}") from None
    except (SQLAlchemyError, StoreUnavailable, CannotMigrate) as problem:
        raise CannotStart(f"{called(settings)} cannot be used: {told(problem)}") from None


class _Supervisor:
    """Keeps the processes alive and ready.json true."""

    def __init__(self, plan: _Plan, out: TextIO) -> None:
        self._plan = plan
        self._out = out
        self._asked = 0
        self._http = urllib3.PoolManager(retries=False, timeout=1)
        self._told: dict[str, object] | None = None
        self._children = [Child(spec) for spec in self._specs()]

    def run(self) -> None:
        """Start everything, watch it, and stop it when asked."""
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, self._ask)
        try:
            for child in self._children:
                child.start()
            began = time.monotonic()
            while not self._asked:
                self._restart_dead()
                self._keep_told(began)
                time.sleep(_LOOK_EVERY_S)
        finally:
            self._stop()

    def _ask(self, _signal: int, _frame: FrameType | None) -> None:
        self._asked += 1

    def _specs(self) -> list[Spec]:
        plan, logs = self._plan, self._plan.folder / "logs"
        logs.mkdir(mode=0o700, exist_ok=True)

        def ours(name: str, *arguments: str) -> Spec:
            line = [sys.executable, "-m", "notifier.cli", *arguments]
            return Spec(name, lambda: line, plan.env, logs / f"{name}.log")

        specs = []
        if plan.valkey is not None:
            specs.append(
                Spec(
                    "valkey",
                    plan.valkey.arguments,
                    plan.env,
                    logs / "valkey.log",
                    ours=False,
                    died_at_start=self._empty_valkey,
                )
            )
        if plan.dialects:
            specs.append(ours("simulator", "simulator"))
        return [
            *specs,
            ours("api", "api"),
            ours("worker", "worker", "send"),
            ours("upkeep", "worker", "upkeep"),
            ours("scheduler", "scheduler"),
        ]

    def _empty_valkey(self) -> None:
        aside = self._plan.valkey.move_files_aside() if self._plan.valkey else None
        if aside:
            self._say(f"valkey could not read its files; they lie in {aside}, it starts empty")

    def _restart_dead(self) -> None:
        for child in self._children:
            if child.restart_if_dead():
                self._say(f"{child.spec.name} died and was started again")

    def _keep_told(self, began: float) -> None:
        """Write ready.json once everything answers, and again whenever it changed."""
        told = self._ready()
        if told is None or told == self._told:
            late = time.monotonic() - began > _STARTS_WITHIN_S
            if told is None and self._told is None and late:
                raise CannotStart(f"not ready after a minute; see {self._plan.folder / 'logs'}")
            return
        secrets.write_private(self._plan.folder / "ready.json", json.dumps(told, indent=2))
        if self._told is None:
            self._say(words.welcome(told, self._plan.folder))
        self._told = told

    def _ready(self) -> dict[str, object] | None:
        pids = {child.spec.name: child.pid for child in self._children}
        if not all(pids.values()):
            return None
        everyone = {name: descendants(pid) for name, pid in pids.items() if pid}
        if self._told is not None and self._told["processes"] == everyone:
            return self._told
        if not self._answers(f"{self._plan.listen.url}/readyz"):
            return None
        told: dict[str, object] = {
            "api": self._plan.listen.url,
            "admin": f"{self._plan.listen.url}/admin/",
            "api_key": self._demo_key(),
            "staff": self._staff() if self._plan.dialects else {},
            "dialects": {name: address.url for name, address in self._plan.dialects.items()},
            "processes": everyone,
        }
        if self._plan.dialects:
            told["simulator"] = self._plan.simulator_listen.url
            if not self._answers(f"{self._plan.simulator_listen.url}/healthz"):
                return None
        return told

    def _answers(self, url: str) -> bool:
        try:
            return self._http.request("GET", url).status == 200  # noqa: PLR2004 - OK
        except urllib3.exceptions.HTTPError:
            return False

    def _demo_key(self) -> str | None:
        path = self._plan.folder / "demo-key"
        return path.read_text().strip() if path.exists() else None

    def _staff(self) -> dict[str, dict[str, str]]:
        from notifier.services import demo_staff  # noqa: PLC0415 - only now worth its import

        return demo_staff.told(self._plan.folder)

    def _say(self, text: str) -> None:
        print(text, file=self._out, flush=True)

    def _stop(self) -> None:
        """The API first, so that nothing more comes in; what others stand on, last."""
        (self._plan.folder / "ready.json").unlink(missing_ok=True)
        order = ["api", "scheduler", "worker", "upkeep", "simulator", "valkey"]
        ends = time.monotonic() + _STOPS_WITHIN_S
        asked = self._asked
        for names in (order[:4], order[4:5], order[5:]):
            stage = [child for child in self._children if child.spec.name in names]
            for child in stage:
                child.terminate()
            for child in stage:
                while not child.wait(min(ends, time.monotonic() + _LOOK_EVERY_S)):
                    if self._asked > max(asked, 1) or time.monotonic() >= ends:
                        break
        for child in self._children:
            child.kill()
            child.wait(time.monotonic() + 1)
        self._say("stopped")
