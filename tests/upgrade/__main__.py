"""`python -m tests.upgrade`: an older release at work is migrated under load, then replaced."""

import json
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import click

from tests.installation.installation import Installation
from tests.installation.servers import database, valkey
from tests.upgrade import release
from tests.upgrade.run import Outcome, Run


@click.command()
@click.option("--from", "commit", help="The older release  [default: before the newest migration]")
@click.option("--rate", default=50.0, show_default=True, help="Events a second.")
@click.option("--calm", "calm_s", default=8.0, show_default=True, help="Seconds between steps.")
@click.option(
    "--database", "kind", type=click.Choice(["postgresql", "sqlite"]), default="postgresql"
)
@click.option("--json", "as_json", type=click.Path(path_type=Path), help="Write the figures there.")
def main(commit: str | None, rate: float, calm_s: float, kind: str, as_json: Path | None) -> None:
    """Migrate and replace an older release while it works.

    Example: python -m tests.upgrade --from HEAD~100 --database sqlite
    """
    commit = commit or release.before_the_newest_step()
    folder = Path(tempfile.mkdtemp(prefix="baotin-upgrade-"))

    def say(line: str) -> None:
        click.echo(f"{time.strftime('%H:%M:%S')} {line}", err=True)

    outcome = Outcome(kind, release.described(commit))
    say(f"installing {outcome.release}")
    older = release.install(commit, folder)
    with (
        database(kind, folder) as url,
        valkey(folder) as redis,
        Installation(folder, url, redis) as office,
    ):
        Run(office, older, outcome).carry_out(rate=rate, calm_s=calm_s, say=say)
    click.echo("\n".join(_lines(outcome, rate)))
    if as_json:
        as_json.write_text(json.dumps(outcome.as_json(), indent=2, ensure_ascii=False))
    if outcome.failures:
        click.echo(f"data and logs lie in {folder}", err=True)
        sys.exit(1)
    shutil.rmtree(folder, ignore_errors=True)


def _lines(outcome: Outcome, rate: float) -> Iterator[str]:
    yield f"{outcome.release}, on {outcome.database}, {rate:g} events/s: {outcome.took_s:.0f} s"
    yield ""
    for name, value in (
        ("newest migration, before and after", " and ".join(outcome.steps)),
        ("the migration took", f"{outcome.migrate_s:.1f} s"),
        ("events posted, each once", outcome.posted),
        *((f"sent of: {name}", count) for name, count in outcome.sent.items()),
        ("requests that failed", len(outcome.failed_requests)),
        ("answers", outcome.answers),
        ("lost", len(outcome.lost)),
        ("doubled", len(outcome.doubled)),
        ("not delivered in the end", outcome.not_delivered or 0),
    ):
        yield f"{name:<68} {value}"
    yield ""
    yield f"FAILED: {'; '.join(outcome.failures)}" if outcome.failures else "PASSED"


if __name__ == "__main__":
    main()
