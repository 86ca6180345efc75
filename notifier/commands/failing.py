"""How a command fails: one line that says what is wrong and what to do."""

import os
from collections.abc import Mapping

from config.settings import Settings, SettingsError


class Failed(Exception):
    """The command's end; the text is for the person who typed it."""

    def __init__(self, text: str, exit_code: int = 1) -> None:
        super().__init__(text)
        self.exit_code = exit_code


SETTINGS = 2  # exit code of a wrong or missing setting


def settings_from(env: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process. Raises `Failed` naming the one that is wrong."""
    try:
        return Settings.from_env(os.environ if env is None else env)
    except SettingsError as problem:
        raise Failed(str(problem), SETTINGS) from None
