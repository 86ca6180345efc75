"""`baotin` as real processes that start at once: each is forked from one that has its imports.

The command is the same, and so are its environment, its standard streams and its exit code; only
the second that Python needs to import everything is spent once instead of in every test.
"""

import json
import os
import pkgutil
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

_PACKAGES = ("config", "gateways", "notifier", "workers")
_PATIENCE_S = 60.0


class Commands:
    """Runs `baotin ARGUMENTS…`, one at a time."""

    def __enter__(self) -> Self:
        ours, theirs = socket.socketpair()
        with theirs:
            self._forking = subprocess.Popen(
                [sys.executable, "-m", "tests.forking", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                env={"PATH": os.environ["PATH"]},
                start_new_session=True,
            )
        self._socket = ours
        self._lines = ours.makefile("r")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._lines.close()
        self._socket.close()
        self._forking.wait()

    def run(
        self, arguments: tuple[str, ...], env: Mapping[str, str], given: str | None
    ) -> subprocess.CompletedProcess[str]:
        """What the command printed, and its exit code.

        Raises `TimeoutError` when it does not end within a minute; then it is killed.
        """
        with TemporaryDirectory(prefix="baotin-command-") as name:
            folder = Path(name)
            (folder / "stdin").write_text(given or "", encoding="utf-8")
            order = {"arguments": arguments, "env": dict(env), "folder": name}
            self._socket.sendall(json.dumps(order).encode() + b"\n")
            code = json.loads(self._lines.readline())
            if code is None:
                raise TimeoutError(f"baotin {' '.join(arguments)} took over {_PATIENCE_S:.0f} s")
            out, err = ((folder / stream).read_text(encoding="utf-8") for stream in _OUTPUTS)
        return subprocess.CompletedProcess(["baotin", *arguments], code, out, err)


_OUTPUTS = ("stdout", "stderr")


def _import_all() -> None:
    for package in _PACKAGES:
        module = import_module(package)
        for found in pkgutil.walk_packages(module.__path__, f"{package}."):
            if not found.name.endswith("__main__") and ".migrations" not in found.name:
                import_module(found.name)


def _become(order: dict[str, object]) -> None:
    """In the child: the command, with the streams and the environment it was ordered with."""
    folder = Path(str(order["folder"]))
    os.dup2(os.open(folder / "stdin", os.O_RDONLY), 0)
    for fd, stream in enumerate(_OUTPUTS, start=1):
        os.dup2(os.open(folder / stream, os.O_WRONLY | os.O_CREAT), fd)
    env, arguments = order["env"], order["arguments"]
    assert isinstance(env, dict)
    assert isinstance(arguments, list)
    os.environ.clear()
    os.environ.update(env)
    time.tzset()
    sys.argv = ["baotin", *arguments]
    cli = import_module("notifier.cli")
    try:
        cli.main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 - Python's own last resort, which a fork would skip
        sys.excepthook(*sys.exc_info())
        code = 1
    else:
        code = 0
    with suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


def _exit_code(child: int) -> int | None:
    """The child's, or nothing when it had to be killed."""
    until = time.monotonic() + _PATIENCE_S
    while time.monotonic() < until:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.002)
    os.kill(child, 9)
    os.waitpid(child, 0)
    return None


def main() -> None:
    """Import everything, then fork a child for each order that comes, until there are no more."""
    with socket.socket(fileno=int(sys.argv[1])) as orders:
        _import_all()
        for line in orders.makefile("r"):
            child = os.fork()
            if child == 0:
                orders.close()
                _become(json.loads(line))
            orders.sendall(json.dumps(_exit_code(child)).encode() + b"\n")


if __name__ == "__main__":
    main()
