"""What every long-running process does first."""

import contextlib
from collections.abc import Callable

from config import logs
from config.settings import Settings, SettingsError
from notifier.commands.failing import SETTINGS, Failed


def run_process(settings: Settings, work: Callable[[], None], *, on_its_own: bool = False) -> None:
    """Set logs up, die with a parent that is killed, and run. Raises `Failed`.

    `on_its_own`: the process needs none of what the others share, so nothing of it is checked.
    """
    from notifier.up.parent import die_with_parent

    logs.set_up(settings.log_level)
    die_with_parent()
    try:
        if not on_its_own:
            _refuse_unfit(settings)
        work()
    except SettingsError as problem:
        raise Failed(str(problem), SETTINGS) from None


def _refuse_unfit(settings: Settings) -> None:
    """Raises `SettingsError`. A Redis that is away is no reason: intake works without it."""
    from redis import RedisError

    from notifier import queue
    from notifier.services.wiring import refuse_unfit

    refuse_unfit(settings)
    with contextlib.suppress(RedisError), queue.connect(settings.redis_url) as redis:
        queue.refuse_lossy(redis)
