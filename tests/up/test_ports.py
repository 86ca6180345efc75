"""The ports that `baotin up` takes where none is named."""

from config.settings import Address
from notifier.up.running import _Ports


def test_no_port_is_found_free_twice() -> None:
    """Where each was let go at once, two of a dozen were the same in one start of fifty."""
    with _Ports() as ports:
        found = [ports.free(Address("127.0.0.1", 0), "a port").port for _ in range(500)]
    assert len(set(found)) == 500
