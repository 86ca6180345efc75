"""`baotin simulator`."""

import os

import click

from notifier.commands.failing import settings_from
from notifier.commands.running import run_process


@click.command()
def command() -> None:
    """Run the phone simulator: providers, phones and citizens, for trying things out.

    Example: baotin simulator
    """
    settings = settings_from()

    def simulate() -> None:
        from gateways.simulator import server
        from notifier.up import playing

        server.run(playing.config(settings, os.environ), playing.announce(settings))

    run_process(settings, simulate, on_its_own=True)
