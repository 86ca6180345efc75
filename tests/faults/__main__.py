"""`python -m tests.faults --seed N`: the fault drill."""

import json
import shutil
import sys
import tempfile
import time
from pathlib import Path

import click

from tests.faults import drill, plan, report


@click.command()
@click.option("--seed", default=1, show_default=True, help="The same seed, the same schedule.")
@click.option(
    "--gateway",
    "gateways",
    multiple=True,
    type=click.Choice(["simulator", "twilio"]),
    help="One, or several in turn; both if left out.",
)
@click.option(
    "--database", type=click.Choice(["sqlite", "postgresql"]), default="sqlite", show_default=True
)
@click.option("--events", default=2000, show_default=True)
@click.option("--small", is_flag=True, help="The half-minute drill that the tests run.")
@click.option("--json", "as_json", type=click.Path(path_type=Path), help="Write the figures there.")
@click.option("--keep", type=click.Path(path_type=Path), help="Keep data and logs in this folder.")
def main(
    seed: int,
    gateways: tuple[str, ...],
    database: str,
    events: int,
    small: bool,
    as_json: Path | None,
    keep: Path | None,
) -> None:
    """Kill, cut and freeze a running installation, and hold its 202s against the ledger.

    Example: python -m tests.faults --seed 2 --gateway twilio --database postgresql
    """
    made = (plan.small if small else plan.full)(seed, events)
    outcomes = []
    for gateway in gateways or ("simulator", "twilio"):
        folder = Path(tempfile.mkdtemp(prefix="baotin-faults-"))
        outcome = drill.run(
            made,
            seed=seed,
            gateway=gateway,
            database=database,
            folder=folder,
            timed=not small,
            tell_progress=lambda line: click.echo(f"{time.strftime('%H:%M:%S')} {line}", err=True),
        )
        outcomes.append(outcome)
        click.echo(report.table(outcome))
        if keep:
            shutil.copytree(folder, keep / f"{gateway}-{seed}", dirs_exist_ok=True)
        if outcome.failures and not keep:
            click.echo(f"data and logs lie in {folder}", err=True)
        else:
            shutil.rmtree(folder, ignore_errors=True)
    if as_json:
        told = [outcome.as_json() for outcome in outcomes]
        as_json.write_text(json.dumps(told, indent=2, ensure_ascii=False))
    sys.exit(any(outcome.failures for outcome in outcomes))


if __name__ == "__main__":
    main()
