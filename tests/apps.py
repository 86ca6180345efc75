"""The Flask app for tests: one is lent to one test after another, over the wiring of each.

To make one, with all its routes, takes longer than most of the tests that ask it something. An app
reads its wiring only when it is asked, so it can be given another.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from flask import Flask

from notifier.app import create_app
from notifier.services.wiring import Wiring


class _Wired:
    """Stands for the wiring that was put into it last."""

    wiring: Wiring

    def __getattr__(self, name: str) -> Any:
        return getattr(self.wiring, name)


class Apps:
    """Lends apps; one more is made only when all are lent."""

    def __init__(self) -> None:
        self._free: list[tuple[Flask, _Wired]] = []

    @contextmanager
    def lend(self, wiring: Wiring) -> Iterator[Flask]:
        """An app over this wiring."""
        assert not wiring.settings.trusted_proxies, "read when an app is made: make it one"
        app, wired = self._free.pop() if self._free else (None, _Wired())
        wired.wiring = wiring
        app = app or create_app(wiring.settings, cast(Wiring, wired))
        yield app
        self._free.append((app, wired))
