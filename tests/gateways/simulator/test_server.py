import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
import requests
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from gateways.simulator.embedded import running
from gateways.simulator.server import serve
from gateways.simulator.settings import Bound, SimulatorConfig
from tests.waiting import eventually

_PROGRAM = """
import json, sys
from pathlib import Path
from gateways.simulator.server import run
from gateways.simulator.settings import SimulatorConfig
folder, control, plain = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
accounts = {"simulator": {"token": "b-token"}}
here = "127.0.0.1"
run(
    SimulatorConfig(folder, (here, control), {"simulator": (here, plain)}, accounts),
    lambda bound: print(json.dumps([bound.control[1], bound.dialects["simulator"][1]]), flush=True),
)
"""
Start = Callable[..., tuple[subprocess.Popen[str], int, int]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    started: list[subprocess.Popen[str]] = []

    def start(control: int = 0, plain: int = 0) -> tuple[subprocess.Popen[str], int, int]:
        process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM, str(tmp_path / "s"), str(control), str(plain)],
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stdout is not None
        return process, *json.loads(process.stdout.readline())

    yield start
    for process in started:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def _post(session: requests.Session, port: int, reference: str, callback_url: str = "") -> bool:
    answer = session.post(
        f"http://127.0.0.1:{port}/messages",
        json={
            "reference": reference,
            "to": "0912345678",
            "from": "UBND",
            "text": "x",
            "callback_url": callback_url,
        },
        headers={"Authorization": "Bearer b-token"},
        timeout=5,
    )
    return answer.status_code == 201


def _references(control: int) -> list[str]:
    rows: list[dict[str, Any]] = requests.get(
        f"http://127.0.0.1:{control}/sim/messages", timeout=5
    ).json()["messages"]
    return [row["reference"] for row in rows]


def test_a_killed_simulator_comes_back_on_its_ports_with_every_answered_row(start: Start) -> None:
    process, control, plain = start()
    behaviour: dict[str, Any] = {
        "latency_ms": 1,
        "per_s": 0,
        "seed": 3,
        "receipts": "none",
        "faults": [],
    }
    url = f"http://127.0.0.1:{control}/sim/behaviour/simulator"
    requests.put(url, json=behaviour, timeout=5)
    answered: list[str] = []

    def send(name: str) -> None:
        with requests.Session() as session:
            for number in range(10_000):
                try:
                    if _post(session, plain, f"{name}_{number}"):
                        answered.append(f"{name}_{number}")
                except requests.ConnectionError:
                    return

    senders = [threading.Thread(target=send, args=(f"att_{n}",)) for n in range(4)]
    for sender in senders:
        sender.start()
    eventually(lambda: len(answered) > 20)
    process.kill()
    process.wait()
    for sender in senders:
        sender.join()
    _, again, plain_again = start(control, plain)
    assert (again, plain_again) == (control, plain)
    kept = _references(control)
    assert set(answered) <= set(kept)
    assert len(kept) - len(answered) <= len(senders)
    assert requests.get(url, timeout=5).json() == behaviour


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_cleanly_and_it_starts_again_at_once(
    start: Start, number: signal.Signals
) -> None:
    process, control, plain = start()
    with requests.Session() as session:
        assert _post(session, plain, "att_1")
        url = f"http://127.0.0.1:{control}/sim/behaviour/simulator"
        hanging: dict[str, Any] = {"faults": [{"kind": "timeout_before", "share": 1}]}
        session.put(url, json=hanging, timeout=5)
        waiting = threading.Thread(target=_hang, args=(plain,))
        waiting.start()
        time.sleep(0.1)
        os.kill(process.pid, number)
        assert process.wait(timeout=30) == 0
        waiting.join()
        start(control, plain)
        assert _references(control) == ["att_1"]
        # It was stopped, not killed: it starts friendly.
        assert session.get(url, timeout=5).json()["faults"] == []


def _hang(port: int) -> None:
    with requests.Session() as session, pytest.raises(requests.ConnectionError):
        _post(session, port, "att_2")


def test_a_simulator_killed_while_it_refuses_comes_back_refusing(start: Start) -> None:
    process, control, plain = start()
    url = f"http://127.0.0.1:{control}/sim/behaviour/simulator"
    requests.put(url, json={"faults": [{"kind": "refuse", "share": 1}]}, timeout=5)
    process.kill()
    process.wait()
    start(control, plain)
    with requests.Session() as session:
        with pytest.raises(requests.ConnectionError):
            _post(session, plain, "att_1")
        session.put(url, json={}, timeout=5)
        assert _post(session, plain, "att_1")


def test_receipts_that_a_kill_left_unposted_are_posted_after_it(
    start: Start, httpserver: HTTPServer
) -> None:
    told: list[str] = []

    def take(request: Request) -> Response:
        told.append(json.loads(request.data)["status"])
        return Response(status=204)

    httpserver.expect_request("/receipts").respond_with_handler(take)
    process, control, plain = start()
    with requests.Session() as session:
        assert _post(session, plain, "att_1", httpserver.url_for("/receipts"))
    process.kill()
    process.wait()
    start(control, plain)
    eventually(lambda: "delivered" in told, what=told)


def test_a_dialect_that_nobody_wrote_is_told_at_the_start(config: SimulatorConfig) -> None:
    unknown = replace(config, dialects=MappingProxyType({"carrier-pigeon": ("127.0.0.1", 0)}))
    with pytest.raises(ValueError, match="carrier-pigeon"), running(unknown):
        pass


def test_a_port_that_is_taken_is_told_at_the_start(bound: Bound, config: SimulatorConfig) -> None:
    for taken in (
        replace(config, folder=config.folder / "2", listen=bound.control),
        replace(config, folder=config.folder / "2", dialects=bound.dialects),
    ):
        with pytest.raises(OSError, match="in use"), running(taken):
            pass


def test_no_secret_shows_in_a_repr(config: SimulatorConfig) -> None:
    shown = repr(config)
    for secret in ("a-token", "b-token", "a-secret"):
        assert secret not in shown


def test_a_connection_that_comes_as_it_stops_is_closed_with_it(config: SimulatorConfig) -> None:
    """At every turn of the loop one comes to each port, until none of them listens."""

    async def stop_among_callers() -> tuple[list[socket.socket], set[asyncio.Task[Any]]]:
        bound: asyncio.Future[Bound] = asyncio.get_running_loop().create_future()
        stop = asyncio.Event()
        serving = asyncio.create_task(serve(config, stop, bound.set_result))
        addresses = [(await bound).control, *bound.result().dialects.values()]
        stop.set()
        came = []
        while not serving.done():
            for address in addresses:
                with suppress(ConnectionRefusedError):
                    came.append(socket.create_connection(address))
            await asyncio.sleep(0)
        return came, asyncio.all_tasks() - {asyncio.current_task()}

    loop = asyncio.new_event_loop()
    came, left = loop.run_until_complete(stop_among_callers())
    loop.close()
    assert left == set()
    for connection in came:
        connection.settimeout(10)
        with connection, suppress(ConnectionResetError):
            assert connection.recv(1) == b""
