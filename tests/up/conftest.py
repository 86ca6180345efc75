"""`baotin up` in a folder of its own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.up.driving import Up, running

Start = Callable[..., Up]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts `baotin up` and waits until it is ready."""
    opened = []

    def begin(folder: Path, **given: str) -> Up:
        context = running(folder, given)
        up = context.__enter__()
        opened.append(context)
        up.wait_ready()
        return up

    yield begin
    for context in reversed(opened):
        context.__exit__(None, None, None)


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """One `baotin up` for the tests of a module; a stale ready.json lies there before."""
    folder = tmp_path_factory.mktemp("up") / "data"
    folder.mkdir(mode=0o700)
    (folder / "ready.json").write_text('{"stale": true}')
    with running(folder, {}) as up:
        up.wait_ready()
        yield up
