"""The `baotin` command: help for everything, and one line when it fails."""

import sys
from collections.abc import Callable

import click
import pytest

from notifier import cli
from notifier.reference import commands

Typed = Callable[..., tuple[int, str, str]]


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Typed:
    """Runs `baotin ARGUMENTS…` in this process: exit code, output, errors."""

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["baotin", *arguments])
        code = 0
        try:
            cli.main()
        except SystemExit as done:
            code = int(done.code or 0)
        out, errors = capsys.readouterr()
        return code, out, errors

    return run


LINES = [line.split()[1:] for line, _ in commands.walk()]


@pytest.mark.parametrize("line", LINES, ids=" ".join)
@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_every_command_has_help_with_an_example(typed: Typed, line: list[str], flag: str) -> None:
    code, out, errors = typed(*line, flag)
    assert (code, errors) == (0, "")
    assert "Example: " in out


GROUPS = [line.split()[1:] for line, command in commands.walk() if isinstance(command, click.Group)]


@pytest.mark.parametrize("line", GROUPS, ids=" ".join)
def test_an_unknown_command_is_one_line_that_names_it(typed: Typed, line: list[str]) -> None:
    code, out, errors = typed(*line, "fly")
    asked = " ".join(["baotin", *line])
    assert (code, out) == (2, "")
    assert errors == f"{asked}: No such command 'fly'; see {asked} --help\n"


@pytest.mark.parametrize("line", GROUPS, ids=" ".join)
def test_nothing_typed_shows_what_could_be(typed: Typed, line: list[str]) -> None:
    code, _, errors = typed(*line)
    assert code == 2
    assert "Usage: " in errors
    assert "Commands:" in errors


def test_the_version_is_told(typed: Typed) -> None:
    code, out, _ = typed("--version")
    assert code == 0
    assert out.startswith("baotin, version ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("worker", "mail"), "baotin worker: Invalid value for '{send|upkeep}'"),
        (("send-event", "nowhere.json"), "baotin send-event: Invalid value for 'FILE'"),
        (("phone", "1", "2"), "baotin phone: Got unexpected extra argument (2)"),
    ],
)
def test_a_wrong_argument_is_one_line_that_names_it(
    typed: Typed, arguments: tuple[str, ...], said: str
) -> None:
    code, _, errors = typed(*arguments)
    assert code == 2
    assert errors.startswith(said)
    assert errors.count("\n") == 1
