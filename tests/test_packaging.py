"""What a developer's machine runs before a commit, and what a shell completes."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from click.shell_completion import BashComplete, get_completion_class

from notifier.cli import cli

ROOT = Path(__file__).parent.parent
VARIABLE = "_BAOTIN_COMPLETE"


def completed(*words: str) -> list[str]:
    """What a shell offers for the last word."""
    completion = BashComplete(cli, {}, "baotin", VARIABLE)
    return [item.value for item in completion.get_completions(list(words[:-1]), words[-1])]


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("se",), ["secrets", "seed", "send-event"]),
        (("secrets", ""), ["add-key", "drop-key", "new", "reseal", "use-key"]),
        (("worker", ""), ["send", "upkeep"]),
        (("keys", "create", "--sc"), ["--scope"]),
    ],
)
def test_a_shell_completes_commands_options_and_choices(
    words: tuple[str, ...], offered: list[str]
) -> None:
    assert completed(*words) == offered


def test_every_command_can_be_completed() -> None:
    assert completed("") == sorted(cli.list_commands(None))  # type: ignore[arg-type]  # asks for none
    for command in completed(""):
        assert "--help" in completed(command, "--") or completed(command, "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_documented_line_gives_a_shell_its_script(shell: str) -> None:
    documented = (ROOT / "docs" / "production.md").read_text(encoding="utf-8")
    assert f"{VARIABLE}={shell}_source baotin" in documented
    assert get_completion_class(shell) is not None
    done = subprocess.run(
        [sys.executable, "-m", "notifier.cli"],
        env={"PATH": os.environ["PATH"], VARIABLE: f"{shell}_source"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"{VARIABLE}={shell}_complete" in done.stdout


def test_pre_commit_runs_the_quick_checks_of_make_check() -> None:
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    hooks = [hook for repo in config["repos"] for hook in repo["hooks"]]
    assert {repo["repo"] for repo in config["repos"]} == {"local"}  # nothing is downloaded
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    target = re.search(r"^check:.*\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    assert target is not None
    checked = set(re.findall(r"\$\(BIN\)/(ruff \w+|mypy|lint-imports)", target[1]))
    entries = {hook["entry"].removeprefix(".venv/bin/") for hook in hooks}
    assert {" ".join(entry.split()[: len(one.split())]) for entry in entries for one in checked
            if entry.startswith(one)} == checked  # fmt: skip
    assert len(entries) == len(checked)
