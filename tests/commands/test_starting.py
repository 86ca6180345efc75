"""A wrong setting stops every process at its start, with one line on standard error."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from notifier.up import secrets

Run = Callable[..., subprocess.CompletedProcess[str]]

PROCESSES = [("api",), ("worker", "send"), ("worker", "upkeep"), ("scheduler",)]


@pytest.fixture
def fit(redis_url: str, tmp_path: Path) -> dict[str, str]:
    """Settings that production takes."""
    return {
        **secrets.fresh(),
        "BAOTIN_ENV": "production",
        "BAOTIN_DATA": str(tmp_path),
        "BAOTIN_LISTEN": "127.0.0.1:0",
        "BAOTIN_PUBLIC_URL": "https://sms.example.vn",
        "BAOTIN_GATEWAY": "twilio",
        "BAOTIN_TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "BAOTIN_TWILIO_AUTH_TOKEN": "0" * 32,
        "BAOTIN_TWILIO_FROM_NUMBER": "+15005550006",
        "REDIS_URL": redis_url,
    }


@pytest.fixture(scope="module")
def lossy_redis(start_valkey: Callable[..., Any]) -> str:
    """A Valkey that drops what it likes when memory is short."""
    url: str = start_valkey("--maxmemory", "6mb", "--maxmemory-policy", "allkeys-lru").url
    return url


@pytest.mark.parametrize("process", PROCESSES, ids=" ".join)
def test_a_setting_unfit_for_production_stops_it(
    baotin: Run, fit: dict[str, str], process: tuple[str, ...]
) -> None:
    done = baotin(*process, env={**fit, "BAOTIN_PUBLIC_URL": "http://sms.example.vn"})
    assert done.returncode == 2
    assert done.stderr.startswith("baotin: BAOTIN_PUBLIC_URL must be an https address")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("process", PROCESSES, ids=" ".join)
def test_a_redis_that_may_drop_jobs_stops_it(
    baotin: Run, fit: dict[str, str], lossy_redis: str, process: tuple[str, ...]
) -> None:
    done = baotin(*process, env={**fit, "REDIS_URL": lossy_redis})
    assert done.returncode == 2
    assert "REDIS_URL" in done.stderr
    assert "allkeys-lru" in done.stderr
    assert done.stderr.count("\n") == 1


def test_up_is_stopped_before_it_touches_the_database(
    baotin: Run, fit: dict[str, str], tmp_path: Path
) -> None:
    done = baotin("up", env={**fit, **secrets.of_demo(tmp_path)})
    assert done.returncode == 2
    assert "development key" in done.stderr
    assert not (tmp_path / "baotin.sqlite3").exists()


def test_production_has_no_simulator(baotin: Run, fit: dict[str, str]) -> None:
    done = baotin("simulator", env=fit)
    assert done.returncode == 2
    assert done.stderr.startswith("baotin: BAOTIN_ENV ")


@pytest.mark.parametrize("rehearsal", ["", "yes"])
def test_a_misspelt_gateway_is_named_as_such(
    baotin: Run, fit: dict[str, str], rehearsal: str
) -> None:
    env = {**fit, "BAOTIN_GATEWAY": "twillio", "BAOTIN_REHEARSAL": rehearsal}
    done = baotin("api", env=env)
    assert done.returncode == 2
    assert done.stderr.startswith("baotin: BAOTIN_GATEWAY names twillio, which is no adapter")
