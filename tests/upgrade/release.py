"""A release of the past, as an operator would have it: its files, its own environment."""

import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).parent.parent.parent
_STEPS = "notifier/store/migrations/versions"


def before_the_newest_step() -> str:
    """The commit before the one that brought the newest migration."""
    newest = max(path.name for path in (_ROOT / _STEPS).glob("[0-9]*.py"))
    added = _git("log", "--diff-filter=A", "--format=%H", "-1", "--", f"{_STEPS}/{newest}")
    return _git("rev-parse", f"{added}^")


def described(commit: str) -> str:
    """Its short id, its day, and the newest migration that it knows."""
    names = _git("ls-tree", "--name-only", f"{commit}:{_STEPS}").splitlines()
    step = max(name for name in names if name[0].isdigit())
    return f"{_git('log', '-1', '--format=%h of %as', commit)}, step {step[:4]}"


def install(commit: str, folder: Path) -> Path:
    """The Python of a new environment in `folder` that holds this release and what it locked."""
    source, environment = folder / "release", folder / "environment"
    source.mkdir()
    archive = subprocess.run(
        ["git", "-C", str(_ROOT), "archive", commit], check=True, capture_output=True
    )
    subprocess.run(["tar", "-x", "-C", str(source)], input=archive.stdout, check=True)
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    python = environment / "bin" / "python"
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "-q", "install"]
    locked = ["--require-hashes", "-r", str(source / "requirements.lock")]
    subprocess.run([*pip, *locked], check=True)
    subprocess.run([*pip, "--no-deps", "--no-build-isolation", "-e", str(source)], check=True)
    return python


def _git(*arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(_ROOT), *arguments], check=True, capture_output=True, text=True
    )
    return done.stdout.strip()
