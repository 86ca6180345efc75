"""Stopping and starting again: no process left, no data lost, whatever stopped it."""

import signal
from pathlib import Path

import urllib3

from tests.up.conftest import Start
from tests.up.driving import Up
from tests.waiting import eventually

AOF = "appendonlydir"
GATEWAY = {"BAOTIN_GATEWAY": "twilio"}


def _again(start: Start, first: Up) -> Up:
    """Over the same folder, on the same ports: providers know where to report to."""
    up = start(
        first.folder,
        **GATEWAY,
        BAOTIN_LISTEN=first.told["api"].removeprefix("http://"),
        BAOTIN_SIMULATOR_LISTEN=first.told["simulator"].removeprefix("http://"),
    )
    assert up.told["api_key"] == first.told["api_key"]
    return up


def _behave(up: Up, *faults: str) -> None:
    url = f"{up.told['simulator']}/sim/behaviour/twilio"
    behaviour = {"faults": [{"kind": kind} for kind in faults]}
    assert urllib3.request("PUT", url, json=behaviour).status == 200


def test_a_folder_lives_through_ctrl_c_broken_files_sigkill_and_sigterm(
    start: Start, tmp_path: Path
) -> None:
    """One folder and four ends of `up`: a start costs seconds, so they share it."""
    first = start(tmp_path / "data", **GATEWAY)
    sent = first.comes_to("delivered", first.post("first"))
    assert sent["attempts"][0]["gateway"] == "twilio"
    pids = first.pids()
    assert len(pids) > len(first.told["processes"])
    first.interrupt()
    assert first.process.returncode == 0
    assert first.printed.endswith("stopped\n")
    assert [pid for pid in pids if Path(f"/proc/{pid}").exists()] == []
    assert not first.ready_file.exists()

    broken = sorted((first.folder / "valkey" / AOF).iterdir())
    for path in broken:
        path.write_bytes(b"\x00garbage\xff" * 50)

    second = _again(start, first)
    held = (first.folder / "valkey").iterdir()
    aside = [path for path in held if path.name.startswith("unreadable-")]
    assert len(aside) == 1
    assert {path.name for path in (aside[0] / AOF).iterdir()} == {path.name for path in broken}
    assert str(aside[0]) in second.printed
    assert second.message(sent["id"])["state"] == "delivered"
    assert second.post("first")["outcome"] == "duplicate"
    _behave(second, "http_429")  # surely not taken, every time
    posted = [second.post(f"put-off-{n}") for n in range(20)]
    second.kill()
    eventually(lambda: second.pids() == [], what="SIGKILL of up takes all with it")
    assert second.ready_file.exists()  # nobody was left to remove it

    third = _again(start, first)
    _behave(third)
    for answer in posted:
        third.comes_to("delivered", answer)
    for n in range(20):
        assert len(third.ledger(f"H29-put-off-{n} ")) == 1
    third.process.send_signal(signal.SIGTERM)
    assert third.process.wait(60) == 0
    assert third.pids() == []
