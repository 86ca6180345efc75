"""`baotin messages`."""

from typing import TYPE_CHECKING

import click

from notifier.commands.failing import Failed
from notifier.commands.printing import json_of
from notifier.commands.wired import wired

if TYPE_CHECKING:
    from notifier.services.releasing import Batch


@click.group()
def command() -> None:
    """See what is held and for what; let it go, or cancel it.

    Example: baotin messages held
    """


@command.command()
@click.option("--json", "as_json", is_flag=True)
def held(as_json: bool) -> None:
    """How many messages are held, by office and reason.

    Example: baotin messages held --json
    """
    from notifier.services import releasing

    with wired() as wiring:
        counts = releasing.list_held(wiring=wiring)
    if as_json:
        print(json_of({"held": counts}))
        return
    for one in counts:
        since = one.since.isoformat(timespec="seconds")
        print(f"{one.office}: {one.messages} for {one.reason}, the first since {since}")
    if not counts:
        print("nothing is held")


@command.command()
@click.argument("office")
@click.argument("reason")
@click.option("--dry-run", is_flag=True, help="Only count.")
@click.option("--json", "as_json", is_flag=True)
def release(office: str, reason: str, dry_run: bool, as_json: bool) -> None:
    """Let go what OFFICE and those below it hold for REASON, past the caps.

    Words that were missing are filled in anew. What would be held again stays held.

    Example: baotin messages release lai-thieu phone_cap --dry-run
    """
    from notifier.domain.states import RELEASES, Reason
    from notifier.services import releasing
    from notifier.services.views import NotFound

    if reason not in RELEASES:
        raise Failed(f"REASON takes one of {', '.join(sorted(RELEASES))}; others are corrected")
    with wired() as wiring:
        try:
            done = releasing.release_all(
                office, Reason(reason), dry_run=dry_run, by=None, wiring=wiring
            )
        except NotFound as problem:
            raise Failed(str(problem)) from None
    _print(done, "released", as_json)


@command.command()
@click.argument("office")
@click.argument("reason")
@click.option("--dry-run", is_flag=True, help="Only count.")
@click.option("--json", "as_json", is_flag=True)
def cancel(office: str, reason: str, dry_run: bool, as_json: bool) -> None:
    """Cancel what OFFICE and those below it hold for REASON: it is never sent.

    Example: baotin messages cancel lai-thieu not_live
    """
    from notifier.domain.states import HOLDS, Reason
    from notifier.services import releasing
    from notifier.services.views import NotFound

    if reason not in HOLDS:
        raise Failed(f"REASON takes one of {', '.join(sorted(HOLDS))}")
    with wired() as wiring:
        try:
            done = releasing.cancel_all(
                office, Reason(reason), dry_run=dry_run, by=None, wiring=wiring
            )
        except NotFound as problem:
            raise Failed(str(problem)) from None
    _print(done, "cancelled", as_json)


def _print(done: "Batch", what: str, as_json: bool) -> None:
    if as_json:
        print(json_of(done))
    elif done.dry_run:
        print(f"{done.found} held for {done.reason}; nothing was {what}")
    else:
        print(f"{done.moved} {what} of {done.found} held for {done.reason}")
        if what == "released" and done.moved < done.found:
            print(_rest(done))


def _rest(done: "Batch") -> str:
    """What the operator does about those that are still held."""
    from notifier.domain.states import Reason
    from notifier.services.releasing import MOST

    if done.found > MOST:
        return "run it again for the rest"
    first = "see each in /admin/attention"
    if done.reason == Reason.NOT_LIVE:
        first = f"first `baotin offices go-live {done.office}`"
    elif done.reason in {Reason.NO_TEMPLATE, Reason.TEMPLATE_UNFIT}:
        first = "first mend the words in /admin/"
    return f"the others would be held again: {first}"
