"""`baotin secrets new`: a set to keep, and a file completed without touching what it has."""

import json
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

from notifier.up import env_file

Run = Callable[..., subprocess.CompletedProcess[str]]
KEYS = "BAOTIN_ENCRYPTION_KEYS"
NAMES = ["BAOTIN_ENCRYPTION_KEYS", "BAOTIN_HASH_KEY", "BAOTIN_WEBHOOK_SECRET"]


def test_a_fresh_set_is_printed_and_each_is_another(baotin: Run) -> None:
    first, second = (baotin("secrets", "new").stdout.splitlines() for _ in range(2))
    assert [line.partition("=")[0] for line in first] == NAMES
    assert not set(first) & set(second)


def test_a_file_gets_what_it_lacks_and_twice_changes_nothing(baotin: Run, tmp_path: Path) -> None:
    file = tmp_path / "baotin.env"
    file.write_text("# ours\nBAOTIN_HASH_KEY=kept\nBAOTIN_WEBHOOK_SECRET=\nREDIS_URL=redis://r\n")
    done = baotin("secrets", "new", "--file", str(file))
    assert done.stdout == "added BAOTIN_ENCRYPTION_KEYS, BAOTIN_WEBHOOK_SECRET\n"
    text = file.read_text()
    assert text.startswith("# ours\nBAOTIN_HASH_KEY=kept\nBAOTIN_WEBHOOK_SECRET=")
    assert text.count("BAOTIN_WEBHOOK_SECRET") == 1
    held = env_file.read(file)
    assert held["REDIS_URL"] == "redis://r"
    assert all(held[name] for name in NAMES)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    again = baotin("secrets", "new", "--file", str(file))
    assert (again.returncode, file.read_text()) == (0, text)
    assert "nothing was changed" in again.stdout


def test_a_file_that_is_not_there_is_made(baotin: Run, tmp_path: Path) -> None:
    baotin("secrets", "new", "--file", str(tmp_path / "new.env"))
    assert list(env_file.read(tmp_path / "new.env")) == NAMES
    done = baotin("secrets", "new", "--file", str(tmp_path / "nowhere" / "new.env"))
    assert done.returncode == 1
    assert "cannot be written" in done.stderr


def test_a_key_is_rotated_step_by_step(
    baotin: Run, installation: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "baotin.env"
    env_file.put(file, installation)

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return baotin("secrets", *arguments, env=env_file.read(file))

    assert "k1 rows" not in run("reseal").stdout
    assert run("add-key", "k2", "--file", str(file)).stdout.startswith("k2 added")
    assert run("use-key", "k2", "--file", str(file)).stdout.startswith("k2 is the first")
    refused = run("drop-key", "k1", "--file", str(file))
    assert (refused.returncode, refused.stderr.strip()) == (
        1,
        "baotin: rows still need the key k1: baotin secrets reseal",
    )
    told = json.loads(run("reseal", "--json").stdout)
    assert [(key["name"], key["needed"]) for key in told["keys"]] == [("k2", True), ("k1", False)]
    assert run("drop-key", "k1", "--file", str(file)).stdout.startswith("k1 dropped")
    assert env_file.read(file)[KEYS].startswith("k2:")
    forgotten = baotin("secrets", "reseal", env={**installation})
    assert forgotten.returncode == 1
    assert "lacks the key k2" in forgotten.stderr
