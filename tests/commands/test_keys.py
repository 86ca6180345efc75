"""`baotin keys`: from an office to a key, each step twice."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def told(baotin: Run, installation: dict[str, str], tmp_path: Path) -> Callable[..., Any]:
    """Runs a command with --json over an installation with one office; the value it prints."""

    def run(*arguments: str) -> Any:
        done = baotin(*arguments, "--json", env=installation)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    file = tmp_path / "offices.json"
    file.write_text('[{"id": "lai-thieu", "name": "UBND P.Lái Thiêu", "phone": "1022"}]')
    run("offices", "import", str(file))
    return run


def test_a_key_is_made_once_rotated_and_revoked(
    told: Callable[..., Any], baotin: Run, installation: dict[str, str]
) -> None:
    told("sources", "create", "motcua", "--office", "lai-thieu")
    create = ("keys", "create", "motcua", "--scope", "events:write")
    made, again = told(*create), told(*create)
    assert made["key"].startswith("bt_")
    assert (again["id"], again["key"], again["created"]) == (made["id"], None, False)
    rotated = told("keys", "rotate", made["id"], "--keep", "2h")
    assert rotated["created"]
    assert rotated["old_expires_at"]
    assert told("keys", "rotate", made["id"])["id"] == rotated["id"]
    plain = baotin("keys", "rotate", rotated["id"], env=installation)
    assert plain.stdout.count("\n") == 1  # the key alone: scripts read it
    assert plain.stderr.startswith("the old key is valid until ")
    assert [told("keys", "revoke", made["id"])["revoked_now"] for _ in range(2)] == [True, False]
    listed = told("keys", "list", "--source", "motcua")["keys"]
    assert [(key["id"], key["state"]) for key in listed] == [
        (made["id"], "revoked"),
        (rotated["id"], "expiring"),
        (plain.stdout.split()[0], "valid"),
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("keys", "create", "nobody", "--scope", "events:write"), "nobody"),
        (("keys", "rotate", "key_none"), "key_none"),
        (("keys", "rotate", "key_none", "--keep", "soon"), "24h"),
        (("keys", "revoke", "key_none"), "key_none"),
    ],
)
def test_what_cannot_be_done_says_why_on_standard_error(
    baotin: Run, installation: dict[str, str], arguments: tuple[str, ...], said: str
) -> None:
    done = baotin(*arguments, env=installation)
    assert done.returncode in {1, 2}
    assert done.stdout == ""
    assert said in done.stderr
