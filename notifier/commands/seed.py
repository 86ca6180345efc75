"""`baotin seed`."""

import click

from notifier.commands.failing import SETTINGS, Failed, settings_from


@click.command()
def command() -> None:
    """Put the shipped words into the database; in the demo, its offices and key too.

    Example: baotin seed
    """
    from config.settings import SettingsError
    from notifier.services.seed import seed

    try:
        report = seed(settings_from())
    except SettingsError as problem:
        raise Failed(str(problem), SETTINGS) from None
    print("seeded")
    if report.api_key:
        print(f"demo API key: {report.api_key}")
