"""The documentation is held to the code: what is missing or stale fails here.

`make docs` writes docs/reference anew from the code. A new word of an enumeration gets its meaning
in `notifier/reference`, a new field code in `notifier/api/problems.py`.
"""

import ast
import re
from dataclasses import fields
from importlib import import_module
from pathlib import Path

import click
import pytest

from config.gateways import COMMON_OPTIONS, variable
from config.settings import Settings
from gateways import registry
from notifier.api.problems import FIELD_CODES, PROBLEMS
from notifier.domain.alerts import AlertKind
from notifier.domain.events import Channel, EventType
from notifier.domain.placeholders import PLACEHOLDERS
from notifier.domain.states import Outcome, Reason, State
from notifier.reference import __main__, commands
from notifier.reference.pages import build
from notifier.services.metrics import NAMES
from notifier.services.views import EventOutcome

ROOT = Path(__file__).parent.parent
REFERENCE = ROOT / "docs" / "reference"
PACKAGES = ("config", "gateways", "notifier", "workers")

# Set by a parent process for its children; nobody else sets them.
BETWEEN_PROCESSES = {"BAOTIN_PARENT_PID", "BAOTIN_SERVER_PID"}


def reference(name: str) -> str:
    return (REFERENCE / f"{name}.md").read_text(encoding="utf-8")


def test_the_reference_is_what_the_code_says_now(tmp_path: Path) -> None:
    (tmp_path / "gone.md").write_text("a page that the code no longer has")
    __main__.main([str(tmp_path)])
    fresh = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}
    kept = {path.name: path.read_text(encoding="utf-8") for path in REFERENCE.iterdir()}
    assert fresh == kept == build(), "stale: `make docs`"


DOCUMENTED = [
    *(("settings", spec.metadata["env"]) for spec in fields(Settings) if "env" in spec.metadata),
    *(("settings", variable("adapter", option.name)) for option in COMMON_OPTIONS),
    *(("events", word) for word in (*EventType, *Channel, *EventOutcome, *PLACEHOLDERS)),
    *(("messages", word) for word in (*State, *Reason, *Outcome)),
    *(("problems", code) for code in (*PROBLEMS, *FIELD_CODES)),
    *(("metrics", name) for name in NAMES),
    *(("gateways", name) for name in registry.names()),
]


@pytest.mark.parametrize(("page", "word"), DOCUMENTED)
def test_it_is_documented(page: str, word: str) -> None:
    assert re.search(rf"^\|.*(?<![\w-]){word}(?![\w-]).*\|", reference(page), re.MULTILINE)


@pytest.mark.parametrize(("line", "command"), [*commands.walk()], ids=str)
def test_a_command_says_what_it_takes_and_shows_an_example(
    line: str, command: click.Command
) -> None:
    page = reference("commands")
    assert f"## {line}\n" in page
    assert "Example: " in (command.help or "")
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert commands.help_of(parameter), f"{line} {parameter.name}"
            assert f"`{parameter.opts[0]}`" in page
        elif not isinstance(parameter.type, click.Choice):
            assert (parameter.human_readable_name or "") in (command.help or ""), line


def test_the_help_of_the_group_names_every_command() -> None:
    group = dict(commands.walk())["baotin"]
    assert isinstance(group, click.Group)
    context = click.Context(group, info_name="baotin")
    files = {path.stem.replace("_", "-") for path in (ROOT / "notifier/commands").glob("*.py")}
    listed = set(group.list_commands(context))
    assert listed <= files
    with_command = {
        name
        for name in files
        if hasattr(import_module(f"notifier.commands.{name.replace('-', '_')}"), "command")
    }
    assert with_command == listed


@pytest.mark.parametrize("name", registry.names())
def test_a_gateway_has_a_page_that_names_its_options(name: str) -> None:
    page = (ROOT / "docs" / "gateways" / f"{name}.md").read_text(encoding="utf-8")
    for option in registry.adapter(name).options:
        assert f"`{variable(name, option.name)}`" in page


@pytest.mark.parametrize("name", registry.names())
def test_a_gateways_page_says_what_an_operator_must_know(name: str) -> None:
    page = (ROOT / "docs" / "gateways" / f"{name}.md").read_text(encoding="utf-8").lower()
    for said in ("what a time-out means", "limits", "balance"):
        assert said in page


def test_every_variable_that_the_code_names_is_documented() -> None:
    told = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "docs").rglob("*.md"))
    named: set[str] = set()
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            named |= set(re.findall(r"\bBAOTIN_[A-Z_]*[A-Z]\b", path.read_text(encoding="utf-8")))
    assert named - BETWEEN_PROCESSES <= set(re.findall(r"BAOTIN_[A-Z_]*[A-Z]", told))


def test_every_field_code_that_the_code_answers_with_is_known() -> None:
    for path in (ROOT / "notifier").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and ast.unparse(node.func) in {"FieldProblem", "MissingField", "_invalid"}
                and isinstance(code := node.args[-2], ast.Constant)
            ):
                assert code.value in FIELD_CODES, f"{path.name}:{node.lineno}"


PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_relative_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in target or target.startswith("mailto:"):
            continue
        path, _, anchor = target.partition("#")
        found = (page.parent / path).resolve() if path else page
        assert found.is_relative_to(ROOT), f"{page.name}: {target}"
        assert found.exists(), f"{page.name}: {target}"
        if anchor:
            assert anchor in _anchors(found.read_text(encoding="utf-8")), f"{page.name}: {target}"


def _anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as the usual renderers make them."""
    heads = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def test_make_targets_that_pages_name_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        named = re.findall(r"(?:^|`)(?:[A-Z_]+=\S+ )*make ([a-z]+)", text, re.MULTILINE)
        assert set(named) <= targets, page.name


def test_each_kind_of_alert_is_told_with_what_raises_and_what_closes_it() -> None:
    page = (ROOT / "docs" / "alerts.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", page, re.MULTILINE)
    assert sorted(kind for kind, *_ in rows) == sorted(AlertKind)
