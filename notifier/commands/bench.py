"""`baotin bench`."""

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import click

from notifier.commands.failing import Failed, settings_from


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option(
    "--messages",
    type=click.IntRange(1, 1_000_000),
    default=10_000,
    show_default=True,
    help="Messages in each measurement.",
)
@click.option(
    "--latency-ms",
    type=click.FloatRange(0, 5000),
    default=100,
    show_default=True,
    help="How long the gateway takes to answer.",
)
@click.option(
    "--steady-s",
    type=click.FloatRange(1, 600),
    default=20,
    show_default=True,
    help="Seconds of 50 events/s, for the latency.",
)
@click.option(
    "--sending",
    is_flag=True,
    help="Only how fast a backlog is handed over, to compare gateways (BAOTIN_GATEWAY).",
)
@click.option(
    "--database-url",
    help="A PostgreSQL server to measure on, in a database made for it and dropped again.",
)
@click.option(
    "--folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Where the scratch folder is made; beside the data folder if unset: its disk counts.",
)
def command(
    as_json: bool,
    messages: int,
    latency_ms: float,
    steady_s: float,
    sending: bool,
    database_url: str | None,
    folder: Path | None,
) -> None:
    """Measure this machine: events in, messages out, and how long they take.

    Runs everything in a scratch folder, with a phone simulator as the gateway, and leaves
    nothing behind. Takes about two minutes. Settings such as BAOTIN_POOL_SIZE hold.

    Example: baotin bench --json > figures.json
    """
    from notifier.bench import report, scratch, stage
    from notifier.bench.failing import BenchFailed
    from notifier.bench.measuring import Bench, Plan

    parent = folder or settings_from().data_folder.absolute().parent
    # Ctrl-C too: asyncio's own handler forgets one that comes as its last task ends.
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, _interrupt)
    figures = []
    try:
        with ExitStack() as undo:
            url = undo.enter_context(scratch.database(database_url)) if database_url else ""
            where = undo.enter_context(stage.running(parent, os.environ, database_url=url))
            plan = Plan(messages, latency_ms, steady_s)
            bench = Bench(where, plan, _bar)
            measured = bench.sending() if sending else bench.run()
            for figure in undo.enter_context(closing(measured)):
                figures.append(figure)
                if not as_json:
                    print("\n".join(report.lines(figure)), flush=True)
    except BenchFailed as problem:
        raise Failed(str(problem)) from None
    if as_json:
        database = "postgresql" if database_url else "sqlite"
        print(json.dumps(report.as_json(figures, database=database), indent=2))


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


@contextmanager
def _bar(label: str, length: int) -> Iterator[Callable[[int], None]]:
    """A progress bar on standard error, where that is a terminal."""
    with click.progressbar(
        length=length,
        label=label,
        file=sys.stderr,
        hidden=not sys.stderr.isatty(),
        update_min_steps=max(1, length // 200),
    ) as bar:
        yield bar.update
