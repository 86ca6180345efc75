"""The ports that `baotin up` takes where none is named."""

import socket

from config.settings import Address
from notifier.up.running import _Ports


def test_no_port_is_found_free_twice() -> None:
    """Where each was let go at once, two of a dozen were the same in one start of fifty."""
    with _Ports() as ports:
        found = [ports.free(Address("127.0.0.1", 0), "a port").port for _ in range(500)]
    assert len(set(found)) == 500


def test_a_port_that_is_held_goes_to_its_process_and_to_nobody_who_asks_for_any() -> None:
    with _Ports() as ports:
        held = [ports.free(Address("127.0.0.1", 0), "a port").port for _ in range(200)]
        for _ in range(2000):
            with socket.socket() as other:
                other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                other.bind(("127.0.0.1", 0))
                assert other.getsockname()[1] not in held
        with socket.create_server(("127.0.0.1", held[0])):
            pass
