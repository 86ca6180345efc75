"""`baotin worker`."""

import click

from notifier.commands.failing import settings_from
from notifier.commands.running import run_process


@click.command()
@click.argument("queue", type=click.Choice(["send", "upkeep"]))
def command(queue: str) -> None:
    """Work on one queue until told to stop; running calls end first.

    Example: baotin worker send
    """
    settings = settings_from()

    def work() -> None:
        from workers import worker

        worker.run(settings, queue)

    run_process(settings, work)
