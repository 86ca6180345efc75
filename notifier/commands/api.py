"""`baotin api`."""

import click

from notifier.commands.failing import settings_from
from notifier.commands.running import run_process


@click.command()
def command() -> None:
    """Serve the API until told to stop; running requests end first.

    Example: BAOTIN_LISTEN=0.0.0.0:8080 baotin api
    """
    settings = settings_from()

    def serve() -> None:
        from notifier.up import serving

        serving.serve(settings)

    run_process(settings, serve)
