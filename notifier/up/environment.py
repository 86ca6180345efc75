"""The variables of a demo that `baotin up` runs, for commands typed beside it."""

import json
from collections.abc import Mapping
from pathlib import Path

from config.settings import Settings
from notifier.up.secrets import write_private

_FILE = "environment.json"
_OURS = ("BAOTIN_", "DATABASE_URL", "REDIS_URL")


def keep(folder: Path, env: Mapping[str, str]) -> None:
    """Keep ours of these variables, readable by their owner only, until `forget`."""
    ours = {name: value for name, value in env.items() if name.startswith(_OURS)}
    write_private(folder / _FILE, json.dumps(ours, indent=2))


def forget(folder: Path) -> None:
    (folder / _FILE).unlink(missing_ok=True)


def of_running(env: Mapping[str, str]) -> Mapping[str, str]:
    """The variables of the demo that runs in the data folder, where these name no other.

    Raises `SettingsError`.
    """
    path = Settings.from_env(env).data_folder / _FILE
    if env.get("REDIS_URL") or env.get("DATABASE_URL") or not path.exists():
        return env
    kept: dict[str, str] = json.loads(path.read_text())
    return {**env, **kept}
