"""What every long-running process does first."""

from collections.abc import Callable

from config import logs
from config.settings import Settings, SettingsError
from notifier.commands.failing import SETTINGS, Failed


def run_process(settings: Settings, work: Callable[[], None]) -> None:
    """Set logs up, die with a parent that is killed, and run. Raises `Failed`."""
    from notifier.up.parent import die_with_parent

    logs.set_up(settings.log_level)
    die_with_parent()
    try:
        work()
    except SettingsError as problem:
        raise Failed(str(problem), SETTINGS) from None
