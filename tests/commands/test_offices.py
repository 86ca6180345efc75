"""`baotin offices`: what a script sees."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from notifier.up import secrets

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def env(redis_url: str, tmp_path: Path, baotin: Run) -> dict[str, str]:
    """An installation of its own, migrated and empty."""
    env = {
        **secrets.of_demo(tmp_path),
        "BAOTIN_ENV": "demo",
        "BAOTIN_DATA": str(tmp_path),
        "BAOTIN_GATEWAY": "twilio",
        "REDIS_URL": redis_url,
    }
    assert baotin("migrate", env=env).returncode == 0
    return env


def test_import_and_list_print_json_and_a_bad_file_is_told_line_by_line(
    baotin: Run, env: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "offices.csv"
    file.write_text("id,name,phone\nlai-thieu,UBND P.Lái Thiêu,0274 3755555\n", encoding="utf-8")
    first = baotin("offices", "import", str(file), "--json", env=env)
    assert json.loads(first.stdout) == {"created": ["lai-thieu"], "changed": [], "unchanged": 0}
    again = baotin("offices", "import", str(file), env=env)
    assert again.stdout == "0 created, 0 changed, 1 unchanged\n"
    listed = json.loads(baotin("offices", "list", "--json", env=env).stdout)
    assert [office["name"] for office in listed["offices"]] == ["UBND P.Lái Thiêu"]
    file.write_text("id,name,sender\nlai-thieu,,UBNDLAITHIEU\n", encoding="utf-8")
    bad = baotin("offices", "import", str(file), env=env)
    assert bad.returncode == 1
    assert bad.stdout == ""
    assert bad.stderr.splitlines()[0].endswith("was not taken, nothing was changed:")
    assert [line.partition(": takes")[0] for line in bad.stderr.splitlines()[1:]] == [
        "line 2: name",
        "line 2: sender",
    ]
