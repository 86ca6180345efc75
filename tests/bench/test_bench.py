"""The bench measures real messages, tells no figure without them, and leaves nothing behind."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
import urllib3
from pytest_httpserver import HTTPServer

from notifier.bench import scratch, stage
from notifier.bench.failing import BenchFailed
from notifier.bench.figures import percentile_ms
from notifier.bench.ledger import Ledger
from notifier.bench.measuring import Bench, Plan
from notifier.bench.stage import Stage

_BENCH = [sys.executable, "-m", "notifier.cli", "bench"]
_TINY = ["--messages", "40", "--steady-s", "1", "--latency-ms", "5"]
_LONG = ["--messages", "100000"]
_FIGURES = [
    ("one_by_one", 40),
    ("sending", 40),
    ("batches_of_500", 40),
    ("sending_with_receipts", 40),
    ("one_by_one_while_sending", 40),
    ("batches_of_1000_while_sending", 40),
    ("end_to_end", 40),
    ("latency", 50),
]
_STARTS_S, _ENDS_S = 60, 20


@contextmanager
def _no_bar(_label: str, _length: int) -> Iterator[Callable[[int], None]]:
    yield lambda _: None


def _nobody(_: int) -> None:
    pass


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with stage.running(tmp_path_factory.mktemp("bench"), os.environ) as where:
        yield where


def _rows(where: Stage) -> list[dict[str, Any]]:
    reply = urllib3.request("GET", f"{where.simulator}/sim/messages")
    rows: list[dict[str, Any]] = reply.json()["messages"]
    return rows


@pytest.fixture(scope="module")
def bench(running: Stage) -> Bench:
    """One for the stage: another would post the same events again."""
    return Bench(running, Plan(messages=40, latency_ms=5, steady_s=1), _no_bar)


def test_every_figure_stands_for_messages_that_the_gateway_took(
    running: Stage, bench: Bench
) -> None:
    figures = list(bench.run())
    assert [(figure.name, figure.events) for figure in figures] == _FIGURES
    rows = _rows(running)
    # The warming up, two backlogs, two while sending, and a second of fifty.
    assert len(rows) == len({row["to"] for row in rows}) == 40 + 2 * 40 + 2 * 40 + 50
    assert all("Quay 3" in row["text"] for row in rows)
    assert all(figure.seconds > 0 and figure.per_s > 0 for figure in figures)
    assert {"api", "worker", "simulator", "valkey", "bench"} <= figures[0].costs.keys()


def test_the_hand_over_of_a_backlog_is_measured_alone(bench: Bench) -> None:
    (sent,) = bench.sending()
    assert (sent.name, sent.events) == ("sending", 40)
    assert sent.costs["worker"].cpu_ms > 0


def test_messages_that_do_not_come_make_no_figure(running: Stage) -> None:
    with pytest.raises(BenchFailed, match="1 of 1 messages did not come"):
        Ledger(running, stalled_s=0.3).await_phones(["+84990000001"], progress=_nobody)


def test_a_message_that_comes_twice_makes_no_figure(running: Stage, httpserver: HTTPServer) -> None:
    row = {"id": "sms_1", "to": "+84990000001", "received_at": "2026-11-23T09:00:00+07:00"}
    httpserver.expect_request("/sim/messages").respond_with_json({"messages": [row, row]})
    twice = Ledger(replace(running, simulator=httpserver.url_for("").rstrip("/")))
    with pytest.raises(BenchFailed, match="twice"):
        twice.await_phones(["+84990000001"], progress=_nobody)


def test_an_answer_other_than_202_makes_no_figure(running: Stage) -> None:
    refused = Bench(replace(running, key="bt_nobody"), Plan(1, 5, 1), _no_bar)
    with pytest.raises(BenchFailed, match="the API answered 401"):
        list(refused.run())


def test_what_does_not_come_up_says_why(tmp_path: Path) -> None:
    env = {**os.environ, "BAOTIN_POOL_SIZE": "none"}
    with (
        pytest.raises(BenchFailed, match="BAOTIN_POOL_SIZE takes a whole number"),
        stage.running(tmp_path, env),
    ):
        pass
    assert list(tmp_path.iterdir()) == []


def _databases(server: str) -> set[str]:
    with closing(psycopg.connect(server)) as admin:
        return {name for (name,) in admin.execute("SELECT datname FROM pg_database")}


def test_json_is_one_object_and_a_scratch_database_is_dropped(
    tmp_path: Path, postgres_server: str
) -> None:
    before = _databases(postgres_server)
    done = subprocess.run(
        [*_BENCH, "--json", *_TINY, "--folder", str(tmp_path), "--database-url", postgres_server],
        capture_output=True,
        text=True,
        timeout=240,
        check=True,
    )
    told = json.loads(done.stdout)
    assert told["database"] == "postgresql"
    assert [(figure["name"], figure["events"]) for figure in told["figures"]] == _FIGURES
    assert list(tmp_path.iterdir()) == []
    assert _databases(postgres_server) == before


def test_a_scratch_database_is_dropped_when_the_bench_breaks(postgres_server: str) -> None:
    before = _databases(postgres_server)
    with pytest.raises(KeyboardInterrupt), scratch.database(postgres_server) as url:
        with closing(psycopg.connect(url)) as held:
            held.execute("SELECT 1")
            assert len(_databases(postgres_server) - before) == 1
        raise KeyboardInterrupt
    assert _databases(postgres_server) == before


def test_a_server_that_is_not_there_is_one_line() -> None:
    nobody = "postgresql://127.0.0.1:9/none"
    with pytest.raises(BenchFailed, match=r"PostgreSQL: .*refused"), scratch.database(nobody):
        pass


@pytest.mark.parametrize("name", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_an_end_by_signal_leaves_no_process(tmp_path: Path, name: signal.Signals) -> None:
    with subprocess.Popen([*_BENCH, *_LONG, "--folder", str(tmp_path)]) as bench:
        told = _await_ready(tmp_path)
        pids = [pid for each in told["processes"].values() for pid in each]
        bench.send_signal(name)
        code = bench.wait(_ENDS_S)
    ends = time.monotonic() + _ENDS_S
    while (alive := [pid for pid in pids if _lives(pid)]) and time.monotonic() < ends:
        time.sleep(0.05)
    assert alive == []
    if name is not signal.SIGKILL:  # nobody is left to tidy up after that
        assert code == 130
        assert list(tmp_path.iterdir()) == []


def _await_ready(folder: Path) -> dict[str, Any]:
    ends = time.monotonic() + _STARTS_S
    while time.monotonic() < ends:
        for ready in folder.glob("data-bench-*/ready.json"):
            told: dict[str, Any] = json.loads(ready.read_text())
            return told
        time.sleep(0.05)
    raise AssertionError("nothing came up")


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize(
    ("share", "wanted_ms"), [(0.5, 50_000), (0.99, 99_000), (1, 100_000), (0.001, 1_000)]
)
def test_a_percentile_is_one_of_the_values(share: float, wanted_ms: float) -> None:
    assert percentile_ms([float(n) for n in range(100, 0, -1)], share) == wanted_ms
