"""`baotin secrets`: the keys of an installation, and their rotation."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from notifier.commands.failing import Failed
from notifier.commands.printing import json_of
from notifier.commands.wired import wired

if TYPE_CHECKING:
    from collections.abc import Callable

    from notifier.services.resealing import Progress

_TELL_EVERY_S = 2.0

_file = click.option(
    "--file",
    type=click.Path(dir_okay=False, exists=True, path_type=Path),
    required=True,
    help="The environment file that holds BAOTIN_ENCRYPTION_KEYS.",
)


@click.group()
def command() -> None:
    """Make the secrets of an installation, and rotate its encryption keys.

    Example: baotin secrets new --file baotin.env
    """


@command.command()
@click.option(
    "--file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Put those that it lacks into this environment file, for its owner only.",
)
def new(file: Path | None) -> None:
    """Print a fresh set, as lines of an environment file, or complete a file.

    A secret that FILE has is never replaced. Keep the file: without it no row opens.

    Example: baotin secrets new --file baotin.env
    """
    from notifier.up import env_file
    from notifier.up.secrets import fresh

    if file is None:
        for name, value in fresh().items():
            print(f"{name}={value}")
        return
    held = env_file.read(file)
    missing = {name: value for name, value in fresh().items() if not held.get(name)}
    try:
        if missing:
            env_file.put(file, missing)
    except OSError as problem:
        raise Failed(f"{file} cannot be written: {problem.strerror}") from None
    print(f"added {', '.join(missing)}" if missing else f"{file} has them all; nothing was changed")


@command.command("add-key")
@click.argument("name")
@_file
def add_key(name: str, file: Path) -> None:
    """Put a fresh key NAME at the end of the ring: it opens, and does not seal yet.

    Then restart the processes one after another, and go on with use-key.

    Example: baotin secrets add-key k2 --file baotin.env
    """
    from notifier.up import ring_file

    _say(name, _changed(ring_file.add, file, name), "added", "is there already")


@command.command("use-key")
@click.argument("name")
@_file
def use_key(name: str, file: Path) -> None:
    """Let the key NAME of the ring seal from now on; the others still open.

    Every running process must have it already (add-key and a restart). Then restart the
    processes one after another, and go on with reseal.

    Example: baotin secrets use-key k2 --file baotin.env
    """
    from notifier.up import ring_file

    _say(name, _changed(ring_file.use, file, name), "is the first", "is the first already")


@command.command("drop-key")
@click.argument("name")
@_file
def drop_key(name: str, file: Path) -> None:
    """Take the key NAME out of the ring, once no row needs it.

    Example: baotin secrets drop-key k1 --file baotin.env
    """
    from notifier.services import encryption_keys
    from notifier.up import ring_file

    with wired() as wiring:
        if encryption_keys.needs(name, sessions=wiring.sessions):
            raise Failed(f"rows still need the key {name}: baotin secrets reseal")
    _say(name, _changed(ring_file.drop, file, name), "dropped", "is not there")


@command.command()
@click.option("--json", "as_json", is_flag=True)
def reseal(as_json: bool) -> None:
    """Seal every row anew under the first key of the ring, so that older keys can go.

    The upkeep worker does the same by itself, slowly; this does it at once, beside running
    processes. It can be stopped at any time and goes on where rows still need it. Every running
    process must seal with that key already.

    Example: baotin secrets reseal
    """
    from notifier.services import encryption_keys
    from notifier.services.resealing import CannotReseal, Progress, Resealer

    with wired() as wiring:
        resealer = Resealer(wiring.sessions, wiring.sealer, wiring.redis, wiring.clock)
        progress, told_at = Progress(), time.monotonic()
        try:
            for progress in resealer.work():
                if time.monotonic() - told_at >= _TELL_EVERY_S:
                    told_at = time.monotonic()
                    click.echo(_so_far(progress), err=True)
        except CannotReseal as problem:
            raise Failed(str(problem)) from None
        ring = encryption_keys.ring(sessions=wiring.sessions, sealer=wiring.sealer)
    if as_json:
        print(json_of({"resealed": dict(progress.resealed), "keys": ring}))
        return
    print(f"{_so_far(progress)}; every row opens with {wiring.sealer.seals_with}")
    for key in ring:
        if not key.needed:
            print(f"no row needs {key.name} any more: baotin secrets drop-key {key.name}")


def _changed(change: "Callable[[Path, str], bool]", file: Path, name: str) -> bool:
    try:
        return change(file, name)
    except ValueError as problem:
        raise Failed(f"BAOTIN_ENCRYPTION_KEYS in {file} {problem}") from None
    except OSError as problem:
        raise Failed(f"{file} cannot be written: {problem.strerror}") from None


def _say(name: str, changed: bool, done: str, before: str) -> None:
    print(
        f"{name} {done}; restart the processes one after another" if changed else f"{name} {before}"
    )


def _so_far(progress: "Progress") -> str:
    rows = ", ".join(f"{count} of {table}" for table, count in sorted(progress.resealed.items()))
    return f"sealed anew: {rows or 'nothing'}"
