import socket
import threading
import time

import pytest

from gateways.base import Deferred
from gateways.http import HttpCaller, HttpRequest
from gateways.names import Addresses, Names

CUT_SHORT_S = 0.2
AMPLE_S = 8.0


class NameServer:
    """Answers once it is let."""

    def __init__(self) -> None:
        self.answers = threading.Event()
        self.asked: list[str] = []

    def look_up(self, host: str, port: int) -> Addresses:
        self.asked.append(host)
        self.answers.wait(30)
        if host == "nobody.invalid":
            raise socket.gaierror
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]


def test_a_call_ends_by_its_deadline_though_no_name_server_answers() -> None:
    server = NameServer()
    caller = HttpCaller(1, names=Names(server.look_up))
    began = time.monotonic()
    with pytest.raises(Deferred) as raised:
        caller.call(HttpRequest("POST", "http://motcua.example/", {}), deadline_s=CUT_SHORT_S)
    assert raised.value.code == "dns_timeout"
    assert time.monotonic() - began < AMPLE_S
    server.answers.set()


def test_a_name_that_hangs_is_asked_for_once_and_told_to_all_who_wait() -> None:
    server = NameServer()
    names = Names(server.look_up)
    for _ in range(3):
        with pytest.raises(TimeoutError):
            names.addresses("motcua.example", 443, within_s=CUT_SHORT_S)
    assert server.asked == ["motcua.example"]
    server.answers.set()
    found = names.addresses("motcua.example", 443, within_s=AMPLE_S)
    assert found[0][4] == ("127.0.0.1", 443)


def test_names_that_hang_are_only_so_many_and_their_threads_hold_up_no_exit() -> None:
    server = NameServer()
    names = Names(server.look_up)
    for number in range(40):
        with pytest.raises(TimeoutError):
            names.addresses(f"{number}.example", 443, within_s=0)
    assert len(server.asked) <= 32
    assert all(one.daemon for one in threading.enumerate() if one.name == "names")
    server.answers.set()


def test_what_the_name_server_refuses_is_raised_and_asked_anew() -> None:
    server = NameServer()
    server.answers.set()
    names = Names(server.look_up)
    for _ in range(2):
        with pytest.raises(socket.gaierror):
            names.addresses("nobody.invalid", 443, within_s=AMPLE_S)
    assert len(server.asked) == 2


def test_an_address_is_not_asked_for_on_a_thread_of_its_own() -> None:
    def look_up(host: str, port: int) -> Addresses:
        on.append(threading.current_thread())
        return []

    on: list[threading.Thread] = []
    for address in ("127.0.0.1", "::1"):
        Names(look_up).addresses(address, 443, within_s=AMPLE_S)
    assert on == [threading.main_thread()] * 2
