"""Providers that answer as a script says, byte by byte, on real sockets."""

import socket
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import pytest

from config.gateways import GatewaySettings
from gateways import registry
from gateways.adapter import Tools
from gateways.http import HttpCaller
from gateways.tokens import OwnTokens
from notifier.domain.clock import ManualClock
from tests.gateways.cases import NOW, Played, Seen

Script = Callable[[socket.socket, bytes], object]
_DEADLINE_S = 8.0  # of a provider that answers at once


def _request(connection: socket.socket) -> bytes:
    """One whole request, or what came before the connection ended."""
    got = b""
    while b"\r\n\r\n" not in got:
        if not (part := connection.recv(65536)):
            return got
        got += part
    head, _, body = got.partition(b"\r\n\r\n")
    length = 0
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
    while len(body) < length and (part := connection.recv(65536)):
        body += part
    return head + b"\r\n\r\n" + body


class _Provider:
    def __init__(self, script: Script) -> None:
        self._script = script
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._run(self._accept)

    def _run(self, work: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=work, args=args)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                self._open.append(connection)
                self._run(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        # The script closes by returning False; else the connection is kept for another request.
        with suppress(OSError), connection:
            while request := _request(connection):
                if self._script(connection, request) is False:
                    return

    def close(self) -> None:
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for connection in self._open:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()


@pytest.fixture
def serve() -> Iterator[Callable[[Script], str]]:
    """Starts a provider that answers each request by the script; gives its address."""
    started: list[_Provider] = []

    def start(script: Script) -> str:
        started.append(_Provider(script))
        return started[-1].url

    yield start
    for provider in started:
        provider.close()


@pytest.fixture
def play(serve: Callable[[Script], str], http_caller: HttpCaller) -> Callable[..., Played]:
    """Makes a gateway whose provider gives these replies, one for each request.

    `play(name, options, *replies)`: the options as the adapter declares them.
    """

    def make(name: str, options: Mapping[str, str], *replies: bytes) -> Played:
        seen: list[Seen] = []
        left = list(replies)

        def script(connection: socket.socket, request: bytes) -> bool:
            seen.append(Seen.read(request))
            connection.sendall(left.pop(0))
            return bool(left)  # after the last it hangs up: what was cut short ends so

        settings = GatewaySettings(name, serve(script), options, _DEADLINE_S)
        clock = ManualClock(NOW)
        tools = Tools(http_caller, clock, OwnTokens(clock))
        return Played(registry.load([settings], tools)[name], seen)

    return make


@pytest.fixture
def http_caller() -> HttpCaller:
    return HttpCaller(pool_size=4)


@pytest.fixture
def foreign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Installs a package of one module, with its entry points, for the time of a test."""

    def install(module: str, points: Mapping[str, Mapping[str, str]], source: str) -> None:
        site = tmp_path / "site"
        told = site / f"{module}-1.dist-info"
        told.mkdir(parents=True)
        (told / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1\n")
        lines = [
            line
            for group, named in points.items()
            for line in (f"[{group}]", *(f"{name} = {value}" for name, value in named.items()))
        ]
        (told / "entry_points.txt").write_text("\n".join(lines))
        (site / f"{module}.py").write_text(source)
        monkeypatch.syspath_prepend(site)
        monkeypatch.delitem(sys.modules, module, raising=False)

    return install
