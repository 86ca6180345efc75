"""`baotin scheduler`."""

import click

from notifier.commands.failing import settings_from
from notifier.commands.running import run_process


@click.command()
def command() -> None:
    """Ring the jobs that run by the clock. One process is enough; two do no harm.

    Example: baotin scheduler
    """
    settings = settings_from()

    def schedule() -> None:
        from workers import scheduler

        scheduler.run(settings)

    run_process(settings, schedule)
