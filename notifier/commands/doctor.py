"""`baotin doctor`."""

import os

import click

from notifier.commands.failing import SETTINGS, Failed
from notifier.commands.printing import json_of


@click.command()
@click.option("--json", "as_json", is_flag=True)
def command(as_json: bool) -> None:
    """Look at every part of the installation and say what is wrong and what to do.

    Each part is looked at by itself, so this works while others are down. It changes nothing and
    sends nothing. The exit code is 1 if something fails; a warning alone is 0.

    Example: baotin doctor
    """
    from config import logs
    from config.settings import Settings, SettingsError
    from notifier.domain.clock import SystemClock
    from notifier.services.doctor import Health, examine
    from notifier.up.environment import of_running

    logs.set_up("error")  # what it finds, it prints
    try:
        settings = Settings.from_env(of_running(os.environ))
    except SettingsError as problem:
        raise Failed(str(problem), SETTINGS) from None
    found = []
    for finding in examine(settings, clock=SystemClock(), variables=os.environ.keys()):
        found.append(finding)
        if not as_json:
            print(f"{finding.health.upper():<4}  {finding.part}: {finding.said}", flush=True)
            if finding.do:
                print(f"      → {finding.do}", flush=True)
    failed = sum(finding.health is Health.FAIL for finding in found)
    if as_json:
        print(json_of({"ok": not failed, "findings": found}))
    if failed:
        raise Failed(f"{failed} of {len(found)} checks failed")
