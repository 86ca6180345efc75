"""Looks host names up with a deadline: the system's resolver has none, and may take minutes."""

import ipaddress
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from urllib3.util.connection import allowed_gai_family

Addresses = list[tuple[Any, ...]]  # as `socket.getaddrinfo` gives them
LookUp = Callable[[str, int], Addresses]

_AT_ONCE = 32  # names; of each one look-up, that all who ask wait for


def _of_system(host: str, port: int) -> Addresses:
    return [*socket.getaddrinfo(host, port, allowed_gai_family(), socket.SOCK_STREAM)]


class Names:
    """Thread-safe. A look-up that hangs is left behind, on a thread that holds up no exit."""

    def __init__(self, look_up: LookUp = _of_system) -> None:
        self._look_up = look_up
        self._lock = threading.Lock()
        self._asked: dict[tuple[str, int], Future[Addresses]] = {}

    def addresses(self, host: str, port: int, *, within_s: float) -> Addresses:
        """Where the host is. Raises what the resolver does, or `TimeoutError`."""
        if _is_address(host):
            return self._look_up(host, port)
        asked = host, port
        with self._lock:
            answer = self._asked.get(asked)
            if answer is None:
                if len(self._asked) >= _AT_ONCE:
                    raise TimeoutError("no name server answers")
                answer = self._asked[asked] = Future()
                threading.Thread(target=self._ask, args=asked, name="names", daemon=True).start()
        return answer.result(within_s)

    def _ask(self, host: str, port: int) -> None:
        found: Addresses | Exception
        try:
            found = self._look_up(host, port)
        except Exception as problem:  # noqa: BLE001 - told to whoever waits
            found = problem
        with self._lock:
            answer = self._asked.pop((host, port))
        if isinstance(found, Exception):
            answer.set_exception(found)
        else:
            answer.set_result(found)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
