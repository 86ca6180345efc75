"""The command as people type it, in a process of its own."""

import base64
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from config.settings import Settings
from notifier.services.wiring import Wiring
from notifier.up import environment


def run(env: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "notifier.cli", "gateways", *arguments],
        env={"PATH": os.environ["PATH"], **env},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def installation(wiring: Wiring, redis_url: str) -> dict[str, str]:
    """The variables of a seeded installation."""
    settings: Settings = wiring.settings
    return {
        "BAOTIN_ENV": "demo",
        "BAOTIN_DATA": str(settings.data_folder),
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": redis_url,
        "BAOTIN_ENCRYPTION_KEYS": f"k1:{base64.b64encode(b'e' * 32).decode()}",
        "BAOTIN_HASH_KEY": base64.b64encode(b"h" * 32).decode(),
        "BAOTIN_WEBHOOK_SECRET": settings.webhook_secret,
        **settings.adapter_options,
    }


def test_a_gateway_is_listed_paused_and_resumed(installation: dict[str, str]) -> None:
    assert run(installation, "list").stdout == "simulator: in use\n"
    paused = json.loads(run(installation, "pause", "simulator", "--json").stdout)["gateways"][0]
    assert (paused["paused"], paused["reason"]) == (True, "by_person")
    assert run(installation, "list").stdout.startswith("simulator: paused since 20")
    assert run(installation, "resume", "simulator").stdout == "simulator: in use\n"


def test_beside_a_running_demo_no_variable_is_needed(
    installation: dict[str, str], tmp_path: Path
) -> None:
    folder = tmp_path / "demo"
    folder.mkdir()
    environment.keep(folder, installation)
    assert (folder / "environment.json").stat().st_mode & 0o777 == 0o600
    told = run({"BAOTIN_DATA": str(folder)}, "list")
    assert told.stdout == "simulator: in use\n"
    environment.forget(folder)
    alone = run({"BAOTIN_DATA": str(folder)}, "list")
    assert (alone.returncode, alone.stderr.count("\n")) == (2, 1)
    assert "REDIS_URL is not set" in alone.stderr


def test_a_gateway_not_in_use_is_one_line_of_complaint(installation: dict[str, str]) -> None:
    told = run(installation, "resume", "pigeon")
    assert (told.returncode, told.stderr) == (1, "baotin: no gateway pigeon in use\n")
