"""The API under granian: one process of blocking threads, whose answers wait for a commit."""

import os
import threading

from flask import Flask
from granian import Granian
from granian.constants import Interfaces

from config import logs
from config.settings import Settings
from notifier.up.parent import follow

_SERVER_VARIABLE = "BAOTIN_SERVER_PID"
_BACKLOG = 1024
_DRAIN_S = 8


def app() -> Flask:
    """The application, made in granian's worker process."""
    from notifier import queue  # noqa: PLC0415 - imported before the fork already
    from notifier.app import create_app  # noqa: PLC0415
    from notifier.domain.clock import SystemClock  # noqa: PLC0415
    from notifier.domain.ids import IdSource  # noqa: PLC0415
    from notifier.pulses import About, Pulse, Role  # noqa: PLC0415

    follow(int(os.environ[_SERVER_VARIABLE]))
    settings = Settings.from_env(os.environ)
    logs.set_up(settings.log_level)
    made = create_app(settings)
    clock = SystemClock()
    # It beats until the process ends: granian gives no word before that.
    Pulse(
        queue.connect(settings.redis_url),
        Role.API,
        IdSource(clock).new("api"),
        About.this_process(settings),
        clock,
    ).start(threading.Event())
    return made


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; a worker that dies ends the server, for its supervisor.

    Raises `SettingsError`.
    """
    # Before the fork: a wrong setting is one line here, and the processes share what is imported.
    from notifier import app as _  # noqa: F401, PLC0415 - `baotin up` itself imports less
    from notifier.domain.clock import SystemClock  # noqa: PLC0415
    from notifier.services.encryption_keys import adopt_with  # noqa: PLC0415
    from notifier.services.wiring import check  # noqa: PLC0415

    check(settings)
    adopt_with(settings, SystemClock())
    # One writer: SQLite would make further processes wait for each other (docs/reliability.md).
    processes = 1 if settings.embedded_database else settings.api_processes
    os.environ[_SERVER_VARIABLE] = str(os.getpid())
    Granian(
        "notifier.up.serving:app",
        address=settings.listen.host,
        port=settings.listen.port,
        interface=Interfaces.WSGI,
        factory=True,
        workers=processes,
        blocking_threads=settings.api_threads,
        backlog=_BACKLOG,
        websockets=False,
        log_access=False,
        log_enabled=False,
        workers_kill_timeout=_DRAIN_S,
        respawn_failed_workers=False,
    ).serve()
