"""A toll before a provider: it keeps a quota, asks to wait, and notes who calls meanwhile."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import urllib3

_UNDER_WAY_S = 0.25  # a call that was begun before our answer came is no call in the window


class Toll:
    """Lets `quota` calls a second pass to `behind`; over it: 429, and a window of `wait_s`."""

    def __init__(
        self,
        behind: str,
        *,
        quota: int,
        wait_s: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.behind = behind
        self._quota = quota
        self.wait_s = wait_s
        self._clock = clock
        self._lock = threading.Lock()
        self._last_second: deque[float] = deque()
        self._closed_at = float("-inf")
        self.passed: list[float] = []  # monotonic instants
        self.refused = 0
        self.violations = 0
        self._http = urllib3.PoolManager(retries=False, maxsize=64)

    def judge(self) -> bool:
        """Whether a call that comes now may pass."""
        now = self._clock()
        with self._lock:
            if now < self._closed_at + self.wait_s:
                self.refused += 1
                self.violations += now > self._closed_at + _UNDER_WAY_S
                return False
            while self._last_second and self._last_second[0] <= now - 1:
                self._last_second.popleft()
            if len(self._last_second) >= self._quota:
                self._closed_at = now
                self.refused += 1
                return False
            self._last_second.append(now)
            self.passed.append(now)
            return True

    def forward(self, handler: BaseHTTPRequestHandler) -> tuple[int, bytes]:
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        if handler.command == "POST" and not self.judge():
            return 429, b'{"error": {"code": "slow_down"}}'
        headers = {
            name: value
            for name, value in handler.headers.items()
            if name.lower() in {"authorization", "content-type"}
        }
        reply = self._http.request(
            handler.command, f"{self.behind}{handler.path}", body=body, headers=headers
        )
        return reply.status, reply.data


@contextmanager
def running(toll: Toll, port: int) -> Iterator[str]:
    """The address of the toll, which stands until the end."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _any(self) -> None:
            status, body = toll.forward(self)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            if status == 429:
                self.send_header("Retry-After", str(toll.wait_s))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = _any  # noqa: N815 - names that http.server calls

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
