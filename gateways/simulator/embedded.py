"""A simulator inside this process, on a thread of its own: for tests and drills."""

import asyncio
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from gateways.simulator.server import serve
from gateways.simulator.settings import Bound, SimulatorConfig
from notifier.domain.clock import Clock

_START_S = 10.0


@contextmanager
def running(config: SimulatorConfig, clock: Clock | None = None) -> Iterator[Bound]:
    """Serve while the block runs; yields where it listens. Raises what `serve` raises."""
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()
    told: queue.Queue[Bound | BaseException] = queue.Queue()

    def work() -> None:
        try:
            loop.run_until_complete(serve(config, stop, told.put, clock))
        except BaseException as error:  # noqa: BLE001 — handed to the thread that waits
            told.put(error)
        finally:
            loop.close()

    thread = threading.Thread(target=work, name="simulator")
    thread.start()
    first = told.get(timeout=_START_S)
    if isinstance(first, BaseException):
        thread.join()
        raise first
    try:
        yield first
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
