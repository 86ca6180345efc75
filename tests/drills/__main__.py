"""`python -m tests.drills failover|few|fairness|limits`: real processes, judged by the phones."""

import logging
import sys
from collections.abc import Sequence

import click
import structlog

from tests.drills import failover, fairness, few, limits


@click.group()
def main() -> None:
    """Drills of routing: a way through when a gateway fails, and fair shares."""


def _end(failures: Sequence[str]) -> None:
    for failure in failures:
        click.echo(failure, err=True)
    click.echo("FAILED" if failures else "PASSED")
    sys.exit(bool(failures))


@main.command("failover")
@click.argument("ways", nargs=-1, type=click.Choice(list(failover.WAYS)))
@click.option("--per-s", default=20, show_default=True, help="Events a second.")
@click.option("--dead-s", default=20, show_default=True, help="Seconds for which A is dead.")
def fail_over(ways: Sequence[str], per_s: int, dead_s: int) -> None:
    """Gateway A dies in each of WAYS, or in all; B carries on, and A comes back.

    Under load first, then at five messages an hour.
    """
    failures: list[str] = []
    click.echo(failover.HEAD)
    for way in ways or failover.WAYS:
        figures = failover.run(way, per_s=per_s, healthy_s=5, dead_s=dead_s, back_s=20)
        click.echo(figures.line())
        failures += figures.failures
    _end([*failures, *_five_an_hour(ways)])


@main.command("few")
@click.argument("ways", nargs=-1, type=click.Choice(list(few.WAYS)))
@click.option("--dead", default=30, show_default=True, help="Messages while A is dead.")
def fail_over_slowly(ways: Sequence[str], dead: int) -> None:
    """The same at five messages an hour, under a clock that is moved on."""
    _end(_five_an_hour(ways, dead))


def _five_an_hour(ways: Sequence[str], dead: int = 30) -> list[str]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    failures: list[str] = []
    click.echo(few.HEAD)
    for a, b in few.PAIRS:
        for way in ways or few.WAYS:
            figures = few.run(a, b, way, dead=dead)
            click.echo(figures.line())
            failures += figures.failures
    return failures


@main.command("fairness")
@click.option("--bulk", default=20_000, show_default=True, help="Bulk events posted at once.")
@click.option("--seconds", default=60, show_default=True, help="How long the other office posts.")
def be_fair(bulk: int, seconds: int) -> None:
    """One office floods, another's urgent and normal messages are timed."""
    figures = fairness.run(bulk=bulk, seconds=seconds)
    click.echo("\n".join(figures.lines()))
    _end(figures.failures)


@main.command("limits")
@click.option("--quota", default=50, show_default=True, help="Messages a second.")
@click.option("--seconds", default=60, show_default=True, help="How long ten times that comes.")
def keep_limits(quota: int, seconds: int) -> None:
    """Ten times a provider's quota is posted; takes ten times as long to be delivered."""
    failures: list[str] = []
    for known in (True, False):
        figures = limits.run(known=known, quota=quota, seconds=seconds if known else seconds // 4)
        click.echo(figures.line())
        failures += figures.failures
    _end(failures)


if __name__ == "__main__":
    main()
