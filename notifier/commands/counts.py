"""`baotin counts`."""

from datetime import datetime

import click

from notifier.commands.failing import Failed
from notifier.commands.printing import json_of
from notifier.commands.wired import wired

_DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.argument("since", type=_DAY)
@click.argument("until", type=_DAY)
@click.option("--office", help="Only the messages of this office.")
@click.option("--json", "as_json", is_flag=True)
def command(since: datetime, until: datetime, office: str | None, as_json: bool) -> None:
    """How many messages there were from SINCE to UNTIL, by day, office, type, state and gateway.

    Messages that retention removed are in it: their counts are kept for ever. Days are Vietnam's.

    Example: baotin counts 2026-11-01 2026-11-30 --office lai-thieu
    """
    from notifier.services import counts
    from notifier.services.views import NotFound

    with wired() as wiring:
        try:
            told = counts.by_day(since.date(), until.date(), office_id=office, wiring=wiring)
        except NotFound as problem:
            raise Failed(str(problem)) from None
    if as_json:
        print(json_of({"counts": told}))
        return
    for one in told:
        via = f" via {one.gateway}" if one.gateway else ""
        print(
            f"{one.day} {one.office} {one.event_type} {one.state}{via}:"
            f" {one.messages} messages, {one.segments} segments"
        )
