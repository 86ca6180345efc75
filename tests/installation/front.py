"""What stands for nginx: TLS, and whichever API process takes the connection.

As nginx does with deploy/nginx/baotin.conf: a connection for each request, and the next process
only where the first refused the connection, so that nothing is ever posted twice.
"""

import http.client
import ssl
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

_PASSED_ON = ("authorization", "content-type", "x-twilio-signature")
_PATIENCE_S = 30
_BAD_GATEWAY = 502
_OK = range(200, 300)


@dataclass(slots=True)
class Seen:
    """How requests of one kind were answered."""

    statuses: Counter[int] = field(default_factory=Counter)
    took_s: list[tuple[float, float]] = field(default_factory=list)  # when it began, how long

    @property
    def failed(self) -> int:
        return sum(count for status, count in self.statuses.items() if status not in _OK)


class Front:
    """A running proxy; `seen` holds every answer by what was asked for."""

    def __init__(self, ports: Sequence[int], pem: Path) -> None:
        self.seen: dict[str, Seen] = {"events": Seen(), "receipts": Seen(), "other": Seen()}
        self._guard = threading.Lock()
        self._ports = list(ports)
        front = self

        class Passing(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _pass_on(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                given = {n: v for n, v in self.headers.items() if n.lower() in _PASSED_ON}
                given |= {"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "https"}
                status, kind, answer = front.ask(self.command, self.path, body, given)
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            do_GET = do_POST = _pass_on  # noqa: N815 - the base class' names

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing: the paths hold a secret."""

        self._server = ThreadingHTTPServer(("localhost", 0), Passing)
        self._server.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.url = f"https://localhost:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def ask(
        self, method: str, path: str, body: bytes, headers: dict[str, str]
    ) -> tuple[int, str, bytes]:
        """The answer of the first process that takes the connection."""
        began = time.time()
        answer: tuple[int, str, bytes] = (_BAD_GATEWAY, "text/plain", b"")
        for port in self._ports:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE_S)
            try:
                connection.connect()
            except OSError:
                continue
            try:
                connection.request(method, path, body, headers)
                reply = connection.getresponse()
                answer = (reply.status, reply.headers.get("Content-Type", ""), reply.read())
            except (OSError, http.client.HTTPException):
                pass  # the request may have been taken: nobody else is asked
            finally:
                connection.close()
            break
        self._note(path, answer[0], began, time.time() - began)
        return answer

    def _note(self, path: str, status: int, began: float, took_s: float) -> None:
        kind = "receipts" if "/receipts/" in path else "other"
        with self._guard:
            seen = self.seen["events" if path == "/v1/events" else kind]
            seen.statuses[status] += 1
            seen.took_s.append((began, took_s))

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def told(seen: dict[str, Seen]) -> dict[str, Any]:
    """The statuses by kind, for a report."""
    return {kind: dict(sorted(one.statuses.items())) for kind, one in seen.items()}
