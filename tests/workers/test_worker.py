"""Worker and scheduler as processes: they outlive Valkey, and a SIGTERM loses no call."""

import base64
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import urllib3

from config.settings import Settings
from gateways.simulator.settings import Bound
from notifier.domain.timing import CALL_DEADLINE
from notifier.services import keys, messages
from notifier.services.composing import read_body
from notifier.services.intake import Submitted
from notifier.services.seed import DEMO_SOURCE
from notifier.services.wiring import Wiring, wire
from tests.conftest import ValkeyServer

Spawn = Callable[..., "subprocess.Popen[bytes]"]


def _eventually(look: Callable[[], Any], what: str, within_s: float = 60) -> float:
    """Seconds until `look` was true."""
    began = time.monotonic()
    while not look():
        assert time.monotonic() - began < within_s, what
        time.sleep(0.02)
    return time.monotonic() - began


@pytest.fixture
def valkey(start_valkey: Callable[..., ValkeyServer]) -> Iterator[ValkeyServer]:
    """A Valkey that the test may stop, and start again, empty."""
    made = start_valkey()
    yield made
    made.stop()


@pytest.fixture(params=["sqlite"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """One kind: what is looked at here is the same on both, and processes cost seconds."""
    kind: str = request.param
    return kind


@pytest.fixture
def installation(settings: Settings, valkey: ValkeyServer) -> Iterator[Wiring]:
    """This process' view of what the spawned ones work on."""
    wiring = wire(replace(settings, redis_url=valkey.url))
    yield wiring
    wiring.close()


@pytest.fixture
def spawn(installation: Wiring, valkey: ValkeyServer, tmp_path: Path) -> Iterator[Spawn]:
    """Starts `baotin ARGUMENTS…` on the installation; killed at the end."""
    settings, started = installation.settings, []
    env = {
        "PATH": os.environ["PATH"],
        "BAOTIN_ENV": "demo",
        "BAOTIN_DATA": str(settings.data_folder),
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": valkey.url,
        "BAOTIN_ENCRYPTION_KEYS": f"k1:{base64.b64encode(b'e' * 32).decode()}",
        "BAOTIN_HASH_KEY": base64.b64encode(b"h" * 32).decode(),
        "BAOTIN_WEBHOOK_SECRET": settings.webhook_secret,
        "BAOTIN_POOL_SIZE": "4",
        **settings.adapter_options,
    }

    def start(*arguments: str) -> "subprocess.Popen[bytes]":
        with (tmp_path / f"{'-'.join(arguments)}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "notifier.cli", *arguments], env=env, stderr=log
            )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


class Office:
    """Posts events and looks at what became of them."""

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring
        token = keys.create(DEMO_SOURCE, keys.SCOPES, wiring=wiring).token
        self._caller = keys.authenticate(token, wiring=wiring)

    def post(self, event_id: str) -> str:
        event = {
            "id": event_id,
            "type": "refused",
            "occurred_at": "2026-11-24T09:00:00+07:00",
            "case": {"code": f"{event_id}-{time.monotonic_ns()}", "office": "lai-thieu"}
            | {"channel": "counter"},
            "recipient": {"phone": "0912345678"},
        }
        body = json.dumps(event)
        result = self._wiring.intake.accept(self._caller, [Submitted(read_body(body), body)])[0]
        return result.messages[0].id

    def state(self, message_id: str) -> str:
        return messages.show(self._caller, message_id, wiring=self._wiring).state


@pytest.fixture
def office(installation: Wiring) -> Office:
    return Office(installation)


@pytest.fixture
def behave(simulator: Bound) -> Iterator[Callable[..., None]]:
    host, port = simulator.control

    def do(**behaviour: Any) -> None:
        url = f"http://{host}:{port}/sim/behaviour/simulator"
        told = urllib3.request("PUT", url, json={"receipts": "none", **behaviour})
        assert told.status == 200

    do()
    yield do
    do()


def test_worker_and_scheduler_outlive_a_valkey_that_dies_and_comes_back_empty(
    spawn: Spawn, valkey: ValkeyServer, office: Office, behave: Callable[..., None]
) -> None:
    processes = [spawn("worker", "send"), spawn("worker", "upkeep"), spawn("scheduler")]
    first = office.post("first")
    _eventually(lambda: office.state(first) == "sent", "sent before")
    valkey.stop()
    meanwhile = office.post("meanwhile")  # rung into the void
    time.sleep(1)
    assert [process.poll() for process in processes] == [None] * 3
    valkey.start()
    took = _eventually(lambda: office.state(meanwhile) == "sent", "found by the sweep")
    assert took < 15
    last = office.post("last")
    assert _eventually(lambda: office.state(last) == "sent", "rung as before") < 10
    assert [process.poll() for process in processes] == [None] * 3


def test_sigterm_lets_running_calls_end_and_begins_no_other(
    spawn: Spawn, office: Office, behave: Callable[..., None]
) -> None:
    """Of 8 due messages the pool holds 4, whose calls last longer than a machine stalls."""
    behave(latency_ms=4000)
    posted = [office.post(f"e{n}") for n in range(8)]
    worker = spawn("worker", "send")
    _eventually(lambda: [office.state(one) for one in posted].count("sending") == 4, "4 calls run")
    time.sleep(0.3)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(CALL_DEADLINE.total_seconds() + 4) == 0
    assert sorted(office.state(one) for one in posted) == ["queued"] * 4 + ["sent"] * 4
    behave()
    spawn("worker", "send")
    _eventually(lambda: {office.state(one) for one in posted} == {"sent"}, "the rest is sent")
