"""`make retention`: a night over three years of messages, judged and timed.

What is expected is worked out from what was put in (`tests/retention.py`); the figures stand in
docs/retention.md.
"""

import json
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import click
from sqlalchemy.orm import Session

from config.settings import Environment, Key, Settings
from notifier.domain.clock import ManualClock
from notifier.domain.retention import STEADY_FOR
from notifier.services import counts
from notifier.services.jumps import JumpWatch
from notifier.services.nightly import Nightly
from notifier.services.seed import seed_with
from notifier.services.wiring import Wiring, wire
from notifier.store.engine import Sessions
from notifier.store.migrate import upgrade_engine
from tests import retention
from tests.installation.servers import database, valkey

_OPTIONS = {"BAOTIN_SIMULATOR_TOKEN": "x", "BAOTIN_SIMULATOR_BASE_URL": "http://127.0.0.1:9"}
NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)


class Timed(Sessions):
    """Notes how long the longest transaction that writes was open."""

    longest_s = 0.0

    @contextmanager
    def begin(self) -> Iterator[Session]:
        with super().begin() as session:
            began = time.perf_counter()
            yield session
        self.longest_s = max(self.longest_s, time.perf_counter() - began)


@click.command()
@click.option("--messages", default=100_000, show_default=True)
@click.option("--database", "kind", type=click.Choice(["sqlite", "postgresql"]), default="sqlite")
@click.option("--json", "as_json", type=click.Path(path_type=Path), help="Write the figures there.")
def main(messages: int, kind: str, as_json: Path | None) -> None:
    """Fill three years, work one night, and say what it left and how long it took.

    Example: python -m tests.retention_run --database postgresql
    """
    with tempfile.TemporaryDirectory(prefix="baotin-retention-") as name:
        folder = Path(name)
        with database(kind, folder) as url, valkey(folder) as redis:
            settings = replace(
                Settings.from_env({"DATABASE_URL": url, "REDIS_URL": redis, **_OPTIONS}),
                environment=Environment.DEMO,
                data_folder=folder,
                encryption_keys=(Key("k1", b"k" * 32),),
                hash_key=b"h" * 32,
                webhook_secret="of-a-run",
            )
            wiring = wire(settings, clock=ManualClock(NOW))
            upgrade_engine(wiring.sessions.engine)
            seed_with(wiring)
            told = _night(wiring, messages)
            wiring.close()
    click.echo(json.dumps({"database": kind, **told}, indent=2))
    if as_json:
        as_json.write_text(json.dumps({"database": kind, **told}))
    sys.exit(bool(told["wrong"]))


def _night(wiring: Wiring, messages: int) -> dict[str, object]:
    clock = ManualClock(NOW)
    sessions = Timed(wiring.sessions.engine, clock)
    nightly = Nightly(
        sessions=sessions,
        clock=_Ticking(clock),
        ids=wiring.ids,
        keeping=wiring.keeping,
        jumps=JumpWatch(clock),
    )
    clock.advance(STEADY_FOR)
    past = retention.fill(wiring, messages=messages, now=clock.now())
    before, counted = retention.dump(wiring), _counted(wiring)
    slices = retention.work(nightly)
    wrong = list(retention.wrong(past, before, retention.dump(wiring)))
    if _counted(wiring) != counted:
        wrong.append("the daily counts differ")
    return {
        "messages": messages,
        "rows": sum(map(len, before.values())),
        "removed": {name: len(keys) for name, keys in past.removed.items()},
        "emptied": {name: len(keys) for name, keys in past.blanked.items()},
        "took_s": round(sum(slices), 2),
        "slices": len(slices),
        "longest_slice_s": round(max(slices), 3),
        "longest_write_s": round(sessions.longest_s, 3),
        "wrong": wrong[:20],
    }


def _counted(wiring: Wiring) -> set[object]:
    return set(counts.by_day(date(2023, 1, 1), date(2027, 1, 1), wiring=wiring))


class _Ticking:
    """Stands at one day, and ticks as the machine's own clock does."""

    def __init__(self, day: ManualClock) -> None:
        self._day = day

    def now(self) -> datetime:
        return self._day.now()

    def monotonic(self) -> float:
        return self._day.monotonic() + time.monotonic()


if __name__ == "__main__":
    main()
