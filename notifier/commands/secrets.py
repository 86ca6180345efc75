"""`baotin secrets`: the keys of an installation."""

import click


@click.group()
def command() -> None:
    """Make the secrets of an installation.

    Example: baotin secrets new >> .env
    """


@command.command()
def new() -> None:
    """Print a fresh set, as lines of an environment file. Keep it: without it no row opens.

    Example: baotin secrets new >> .env
    """
    from notifier.up.secrets import fresh

    for name, value in fresh().items():
        print(f"{name}={value}")
