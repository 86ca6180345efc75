"""What a command that works on an installation stands on: its settings, wired."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from notifier.commands.failing import SETTINGS, Failed, settings_from

if TYPE_CHECKING:
    from notifier.services.wiring import Wiring


@contextmanager
def wired() -> Iterator["Wiring"]:
    """The installation that the environment names, or the demo that runs in the data folder.

    Raises `Failed` naming the setting that is wrong.
    """
    from sqlalchemy.exc import SQLAlchemyError

    from config import logs
    from config.settings import SettingsError
    from notifier.services.wiring import wire
    from notifier.store.engine import StoreUnavailable, called, told
    from notifier.up.environment import of_running

    logs.set_up("warning")  # what a command did, it prints
    try:
        wiring = wire(settings_from(of_running(os.environ)))
    except SettingsError as problem:
        raise Failed(str(problem), SETTINGS) from None
    try:
        yield wiring
    except (SQLAlchemyError, StoreUnavailable) as problem:
        raise Failed(f"{called(wiring.settings)} cannot be used: {told(problem)}") from None
    finally:
        wiring.close()
