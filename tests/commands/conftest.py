"""Installations for commands to work on."""

import base64
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from config.settings import Settings
from notifier.services.wiring import Wiring
from notifier.up import secrets

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def installation(redis_url: str, tmp_path: Path, baotin: Run) -> dict[str, str]:
    """The variables of an installation of its own, migrated and empty, with one office."""
    env = {
        **secrets.fresh(),
        "BAOTIN_ENV": "production",
        "BAOTIN_PUBLIC_URL": "https://sms.example.vn",
        "BAOTIN_DATA": str(tmp_path),
        "BAOTIN_GATEWAY": "twilio",
        "BAOTIN_TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "BAOTIN_TWILIO_AUTH_TOKEN": "0" * 32,
        "BAOTIN_TWILIO_FROM_NUMBER": "+15005550006",
        "REDIS_URL": redis_url,
    }
    assert baotin("migrate", env=env).returncode == 0
    return env


@pytest.fixture
def seeded(wiring: Wiring, redis_url: str) -> dict[str, str]:
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
