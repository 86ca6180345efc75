"""The `baotin` command as people run it: another process, its exit code and its output."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def baotin() -> Run:
    """Runs `baotin ARGUMENTS…` in an environment of the given variables only."""

    def run(
        *arguments: str, env: Mapping[str, str] | None = None, given: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "notifier.cli", *arguments],
            env={"PATH": os.environ["PATH"], **(env or {})},
            input=given,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run
