"""`python -m tests.rotation`: everything that can be rotated, rotated under load."""

import json
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import click

from tests.installation.servers import database, valkey
from tests.rotation.run import Outcome, Run


@click.command()
@click.option("--rate", default=50.0, show_default=True, help="Events a second.")
@click.option("--filled", default=20_000, show_default=True, help="Messages that are there before.")
@click.option("--calm", "calm_s", default=6.0, show_default=True, help="Seconds between steps.")
@click.option(
    "--database", "kind", type=click.Choice(["postgresql", "sqlite"]), default="postgresql"
)
@click.option("--json", "as_json", type=click.Path(path_type=Path), help="Write the figures there.")
def main(rate: float, filled: int, calm_s: float, kind: str, as_json: Path | None) -> None:
    """Rotate the encryption ring, an API key and a gateway's secrets under load.

    Example: python -m tests.rotation --rate 50 --database sqlite
    """
    folder = Path(tempfile.mkdtemp(prefix="baotin-rotation-"))

    def say(line: str) -> None:
        click.echo(f"{time.strftime('%H:%M:%S')} {line}", err=True)

    with database(kind, folder) as url, valkey(folder) as redis:
        outcome = Run(folder, url, redis, say).carry_out(rate=rate, filled=filled, calm_s=calm_s)
    click.echo("\n".join(_lines(outcome, rate)))
    if as_json:
        as_json.write_text(json.dumps(outcome.as_json(), indent=2, ensure_ascii=False))
    if outcome.failures:
        click.echo(f"data and logs lie in {folder}", err=True)
        sys.exit(1)
    shutil.rmtree(folder, ignore_errors=True)


def _lines(outcome: Outcome, rate: float) -> Iterator[str]:
    yield f"{outcome.database}, {rate:g} events/s: {outcome.took_s:.0f} s"
    yield ""
    resealed = ", ".join(f"{count} of {table}" for table, count in outcome.resealed.items())
    for name, value in (
        ("events posted, each once", outcome.posted),
        ("requests that failed", len(outcome.failed_requests)),
        ("answers", outcome.answers),
        ("lost", len(outcome.lost)),
        ("doubled", len(outcome.doubled)),
        ("not delivered in the end", outcome.not_delivered or 0),
        ("processes restarted", outcome.restarts),
        ("rows resealed", f"{resealed} in {outcome.reseal_s:.1f} s"),
        ("sealed values, opened with the new key alone", outcome.sealed_values),
        ("of them unreadable", len(outcome.unreadable)),
    ):
        yield f"{name:<46} {value}"
    for step, seconds in outcome.p99_s.items():
        yield f"{f'202 within, 99 of 100: {step}':<46} {seconds * 1000:.0f} ms"
    yield ""
    yield f"FAILED: {'; '.join(outcome.failures)}" if outcome.failures else "PASSED"


if __name__ == "__main__":
    main()
