"""`baotin seed`."""

import click

from notifier.commands.wired import wired


@click.command()
def command() -> None:
    """Put the shipped words into the database; in the demo, its offices and key too.

    Example: baotin seed
    """
    from notifier.services.seed import seed_with

    with wired() as wiring:
        report = seed_with(wiring)
    print("seeded")
    if report.api_key:
        print(f"demo API key: {report.api_key}")
