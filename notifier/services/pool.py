"""The bounded pool in which gateway calls run, on threads.

Threads, because every adapter's `send` is synchronous and one process of them was measured
to keep more calls in flight than the targets need (docs/reliability.md).
"""

import queue
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor


class Ended:
    """What a call in the pool hands back."""

    __slots__ = ()


class CallPool:
    """Runs calls; hands back what each returns. A call given to it must not raise.

    `beside`: places of their own for calls that are not to gateways. Neither takes the other's.
    """

    def __init__(self, size: int, *, beside: int) -> None:
        self.size = size
        self._threads = ThreadPoolExecutor(size, thread_name_prefix="call")
        self._threads_beside = ThreadPoolExecutor(beside, thread_name_prefix="beside")
        self._finished: queue.SimpleQueue[tuple[str | None, Ended]] = queue.SimpleQueue()
        self._in_flight: Counter[str] = Counter()
        self._in_flight_beside = 0

    @property
    def in_flight(self) -> int:
        """Calls to gateways begun, or about to begin, whose result was not yet drained."""
        return self._in_flight.total()

    @property
    def in_flight_beside(self) -> int:
        """The others, likewise."""
        return self._in_flight_beside

    @property
    def free(self) -> int:
        return self.size - self.in_flight

    def in_flight_at(self, gateway: str) -> int:
        return self._in_flight[gateway]

    def submit(self, gateway: str, call: Callable[[], Ended]) -> None:
        """Start a call. The caller keeps to `free`; only its thread submits and drains."""
        self._in_flight[gateway] += 1
        self._threads.submit(self._run, gateway, call)

    def submit_beside(self, call: Callable[[], Ended]) -> None:
        """Start a call that is not to a gateway; it waits for a place if none is free."""
        self._in_flight_beside += 1
        self._threads_beside.submit(self._run, None, call)

    def _run(self, gateway: str | None, call: Callable[[], Ended]) -> None:
        self._finished.put((gateway, call()))

    def drain(self, wait_s: float) -> list[Ended]:
        """All results there are, waiting at most `wait_s` for the first."""
        drained: list[Ended] = []
        try:
            first = (
                self._finished.get(timeout=wait_s) if wait_s > 0 else self._finished.get_nowait()
            )
        except queue.Empty:
            return drained
        self._take(first, drained)
        while True:
            try:
                self._take(self._finished.get_nowait(), drained)
            except queue.Empty:
                return drained

    def _take(self, result: tuple[str | None, Ended], drained: list[Ended]) -> None:
        gateway, finished = result
        if gateway is None:
            self._in_flight_beside -= 1
        else:
            self._in_flight[gateway] -= 1
        drained.append(finished)

    def close(self) -> None:
        """Let running calls end and their threads with them."""
        for threads in (self._threads, self._threads_beside):
            threads.shutdown(wait=True, cancel_futures=True)
