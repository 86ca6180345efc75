"""`baotin up`."""

import os

import click


@click.command()
def command() -> None:
    """Run everything on this machine: database, queue, API, workers, simulator.

    Example: BAOTIN_LISTEN=127.0.0.1:9000 baotin up
    """
    from notifier.commands.failing import Failed
    from notifier.up.running import CannotStart, run

    try:
        run(os.environ)
    except CannotStart as problem:
        raise Failed(str(problem), problem.exit_code) from None
