"""What keeps `baotin up` from starting: one line that says what to mend, and nothing runs."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]

REFUSALS = [
    ({"BAOTIN_LISTEN": "8080"}, 2, "BAOTIN_LISTEN takes host:port"),
    ({"BAOTIN_GATEWAY": "pigeon"}, 2, "BAOTIN_GATEWAY names pigeon, which is no adapter"),
    ({"BAOTIN_SIMULATOR_DEADLINE_S": "9"}, 2, "BAOTIN_SIMULATOR_DEADLINE_S takes seconds"),
    ({"DATABASE_URL": "postgresql://u:hush@127.0.0.1:1/db"}, 1, "database (DATABASE_URL) cannot"),
    ({"REDIS_URL": "redis://:hush@127.0.0.1:1/0"}, 1, "Redis at REDIS_URL does not answer"),
    ({"BAOTIN_DATA": "/dev/null/data"}, 1, "set BAOTIN_DATA to another"),
    ({"BAOTIN_ENV": "production"}, 2, "BAOTIN_ENCRYPTION_KEYS is not set"),
]


@pytest.mark.parametrize(("given", "code", "said"), REFUSALS, ids=[said for *_, said in REFUSALS])
def test_it_says_what_to_mend_in_one_line(
    baotin: Run, tmp_path: Path, given: dict[str, str], code: int, said: str
) -> None:
    free = {"BAOTIN_LISTEN": "127.0.0.1:0", "BAOTIN_SIMULATOR_LISTEN": "127.0.0.1:0"}
    refused = baotin("up", env={"BAOTIN_DATA": str(tmp_path / "data"), **free, **given})
    assert refused.returncode == code
    assert said in refused.stderr
    assert refused.stderr.startswith("baotin: ")
    assert refused.stderr.count("\n") == 1
    assert "hush" not in refused.stderr
    assert not (tmp_path / "data" / "ready.json").exists()
    assert not (tmp_path / "data" / "logs").exists()
