"""`baotin secrets`: the keys of an installation."""

from pathlib import Path

import click

from notifier.commands.failing import Failed


@click.group()
def command() -> None:
    """Make the secrets of an installation.

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
