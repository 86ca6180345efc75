"""What the simulator posts to us."""

import time

from pytest_httpserver import HTTPServer

from tests.waiting import eventually

_ALL_COME_WITHIN_S = 1.9


def posted(httpserver: HTTPServer, count: int) -> None:
    """Wait until so many receipts came, and as long as any more would take."""
    time.sleep(_ALL_COME_WITHIN_S)
    eventually(lambda: len(httpserver.log) >= count)
