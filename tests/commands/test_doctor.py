"""`baotin doctor`: lines for people, JSON for machines, an exit code for both."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

Run = Callable[..., subprocess.CompletedProcess[str]]


def test_it_says_line_by_line_what_to_do_and_exits_1(
    baotin: Run, installation: dict[str, str]
) -> None:
    env = {**installation, "BAOTIN_PUBLIC_URL": "https://127.0.0.1:1"}
    env["BAOTIN_TWILIO_BASE_URL"] = "http://192.0.2.1:1"
    env["BAOTIN_TWILIO_DEADLINE_S"] = "0.2"
    done = baotin("doctor", env=env)
    assert done.returncode == 1
    assert "OK    migrations: the tables are this release's\n" in done.stdout
    assert (
        "FAIL  process api: none is alive: nothing is taken in\n      → baotin api" in done.stdout
    )
    checks = sum(not line.startswith(" ") for line in done.stdout.splitlines())
    assert done.stderr == f"baotin: 4 of {checks} checks failed\n"


def test_json_holds_every_finding(baotin: Run, tmp_path: Path) -> None:
    done = baotin("doctor", "--json", env={"BAOTIN_DATA": str(tmp_path)})
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert told["ok"] is False
    assert {"part": "redis", "health": "fail", "said": "REDIS_URL is not set"}.items() <= next(
        one for one in told["findings"] if one["part"] == "redis"
    ).items()


def test_a_wrong_setting_is_one_line(baotin: Run) -> None:
    done = baotin("doctor", env={"BAOTIN_LISTEN": "nowhere"})
    assert done.returncode == 2
    assert done.stderr.startswith("baotin: BAOTIN_LISTEN takes host:port")
