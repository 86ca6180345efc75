"""docs/gateways/README.md, followed word for word: a gateway from outside the package."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs" / "gateways" / "README.md"
FILE = re.compile(r"^`([\w.]+)`[^\n]*:\n\n```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMANDS = re.compile(r"^Then, beside the checkout:\n\n```\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def page() -> str:
    return PAGE.read_text(encoding="utf-8")


def test_a_gateway_is_added_from_outside_as_the_page_says(page: str, tmp_path: Path) -> None:
    package, installed = tmp_path / "baotin-pigeon", tmp_path / "installed"
    package.mkdir()
    files = dict(FILE.findall(page))
    assert set(files) == {"pyproject.toml", "pigeon.py", "pigeon_dialect.py"}
    for name, words in files.items():
        (package / name).write_text(words, encoding="utf-8")
    commands = COMMANDS.search(page)
    assert commands is not None
    told = [_run(line, package, installed) for line in commands[1].splitlines()]
    installing, conformance, example = told
    assert "baotin-pigeon" in installing
    assert conformance.count(".") > 30  # each of its tests, for this adapter
    assert "[gateways.pigeon]" in example
    assert 'key = { env = "BAOTIN_PIGEON_KEY" }' in example


def _run(line: str, package: Path, installed: Path) -> str:
    """One command of the page; what is installed goes into a folder of the test's own."""
    program, *arguments = line.split()
    words = [str(package) if word == package.name else word for word in arguments]
    module = {"pip": "pip", "pytest": "pytest", "baotin": "notifier.cli"}[Path(program).name]
    if module == "pip":
        words += ["--target", str(installed), "--disable-pip-version-check"]
    if module == "pytest":
        words += ["-p", "no:cacheprovider", "--basetemp", str(package.parent / "inner")]
    env = {**os.environ, "PYTHONPATH": str(installed)}
    env.pop("PYTEST_XDIST_WORKER", None)
    done = subprocess.run(
        [sys.executable, "-m", module, *words],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
