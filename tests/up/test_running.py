"""While `baotin up` runs: what it tells, the line to paste, and processes that die."""

import json
import os
import signal
import stat
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
import urllib3

from config.settings import Settings
from tests.up.driving import Up
from tests.waiting import eventually

PROCESSES = ["valkey", "simulator", "api", "worker", "upkeep", "scheduler"]
BACK_WITHIN_S = 5.0  # on a machine that is not busier than it has cores
STALLS_S = 10.0  # and that does not stall


def test_ready_json_tells_what_scripts_need_and_only_its_owner(up: Up) -> None:
    told = json.loads(up.ready_file.read_text())
    assert stat.S_IMODE(up.ready_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(up.folder.stat().st_mode) == 0o700
    assert told["admin"] == f"{told['api']}/admin/"
    assert set(told) == {
        "api", "simulator", "admin", "api_key", "staff", "dialects", "processes",
    }  # fmt: skip
    assert {"simulator", "twilio"} <= set(told["dialects"])
    assert set(PROCESSES) <= set(told["processes"])
    listed = [pid for pids in told["processes"].values() for pid in pids]
    assert sorted([*listed, up.process.pid]) == sorted(up.pids())
    for address in (told["api"], told["simulator"]):
        assert urllib3.request("GET", f"{address}/healthz").status == 200
    assert urllib3.request("GET", f"{told['api']}/readyz").json() == {
        "status": "ready",
        "database": True,
        "redis": True,
        "workers": {"send": 1, "upkeep": 1},
        "restart_needed": False,
    }


def test_nobody_else_reads_what_lies_in_the_folder(up: Up) -> None:
    open_to_others = [
        path
        for path in up.folder.rglob("*")
        if path.stat().st_mode & 0o077 and not path.is_symlink()
    ]
    assert open_to_others == []


def test_the_printed_line_works_when_pasted_and_the_sms_arrives(up: Up) -> None:
    """As a person does it: twice, in bash, and nothing else typed."""
    line = next(line for line in up.printed.splitlines() if line.startswith("curl "))
    for _ in range(2):
        pasted = subprocess.run(
            ["bash", "-c", line], capture_output=True, text=True, check=True, timeout=60
        )
        answer = json.loads(pasted.stdout)["events"][0]
        assert answer["outcome"] == "accepted"
        shown = up.comes_to("delivered", answer)
        assert [attempt["outcome"] for attempt in shown["attempts"]] == ["accepted"]
        assert "delivered" in {receipt["report"] for receipt in shown["receipts"]}
    rows = up.ledger("000.00.16.H29-261123-0001")
    assert [(row["gateway"], row["to"]) for row in rows] == [("simulator", "+84912345678")] * 2
    assert "den Quay 3 nhan" in rows[0]["text"]


def test_a_stale_ready_json_is_replaced(up: Up) -> None:
    assert "stale" not in up.told


def test_what_it_prints_names_the_addresses_the_key_and_the_folder(up: Up) -> None:
    for word in (up.told["api"], up.told["simulator"], up.told["api_key"], str(up.folder)):
        assert word in up.printed


def test_a_citizens_reply_reaches_us(up: Up) -> None:
    up.comes_to("delivered", up.post("reply", recipient={"phone": "0987654321"}))
    reply = {"from": "+84987654321", "text": "TG"}
    answer = urllib3.request("POST", f"{up.told['simulator']}/sim/reply", json=reply)
    assert (answer.status, answer.json()["delivered"]) == (202, True)


def test_a_second_up_on_the_folder_says_who_runs_there(up: Up) -> None:
    refused = _second(up, {})
    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1
    assert f"already runs on {up.folder} (process {up.process.pid})" in refused.stderr
    assert up.ready_file.exists()


@pytest.mark.parametrize("variable", ["BAOTIN_LISTEN", "BAOTIN_SIMULATOR_LISTEN"])
def test_a_taken_port_says_which_and_what_to_set(up: Up, variable: str) -> None:
    taken = up.told["api"].removeprefix("http://")
    refused = _second(up, {variable: taken, "BAOTIN_DATA": f"{up.folder}-2"})
    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1
    assert f"{taken} cannot be listened on" in refused.stderr
    assert f"set {variable}" in refused.stderr


def _second(up: Up, changed: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        up.process.args,
        env={**up.env, **changed},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def _killed(up: Up, name: str) -> int:
    pid: int = json.loads(up.ready_file.read_text())["processes"][name][-1]
    os.kill(pid, signal.SIGKILL)
    return pid


def _is_true_without(up: Up, name: str, pid: int) -> bool:
    told = json.loads(up.ready_file.read_text())
    pids = told["processes"][name]
    return pid not in pids and all(Path(f"/proc/{one}").exists() for one in pids)


@pytest.mark.parametrize("name", PROCESSES)
def test_a_killed_process_is_back_within_5_seconds_and_ready_json_true_again(
    up: Up, name: str
) -> None:
    """The last process of the list is the one that works: of the API, granian's worker."""
    before = json.loads(up.ready_file.read_text())
    began = time.monotonic()
    pid = _killed(up, name)
    eventually(lambda: _is_true_without(up, name, pid))
    took = time.monotonic() - began
    after: dict[str, Any] = json.loads(up.ready_file.read_text())
    assert {**after, "processes": 0} == {**before, "processes": 0}
    eventually(lambda: urllib3.request("GET", f"{up.told['api']}/readyz").status == 200)
    assert up.comes_to("delivered", up.post(f"after-{name}"))
    assert took < BACK_WITHIN_S * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1)) + STALLS_S


def test_the_commands_beside_it_need_no_variables(up: Up, baotin: Any) -> None:
    made = baotin(
        "keys", "create", "demo", "--scope", "messages:read", env={"BAOTIN_DATA": str(up.folder)}
    )
    assert made.returncode == 0, made.stderr
    key_id, key = made.stdout.split()
    headers = {"Authorization": f"Bearer {key}"}
    url = f"{up.told['api']}/v1/messages?limit=1"
    assert urllib3.request("GET", url, headers=headers).status == 200
    assert (
        baotin("keys", "revoke", key_id, env={"BAOTIN_DATA": str(up.folder)}).stdout == "revoked\n"
    )
    assert urllib3.request("GET", url, headers=headers).status == 401


def test_settings_of_the_processes_are_those_that_from_env_reads(up: Up) -> None:
    kept = json.loads((up.folder / "environment.json").read_text())
    assert Settings.from_env(kept).listen.url == up.told["api"]
