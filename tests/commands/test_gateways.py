"""`baotin gateways` as people type it."""

import json
import subprocess
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import pytest

from config.gateways_file import Fingerprints
from notifier import queue
from notifier.pulses import About
from notifier.up import environment

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(baotin: Run) -> Run:
    """Runs `baotin gateways ARGUMENTS…` in an environment of the given variables only."""

    def do(env: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
        return baotin("gateways", *arguments, env=env)

    return do


def test_a_gateway_is_listed_paused_and_resumed(run: Run, seeded: dict[str, str]) -> None:
    assert run(seeded, "list").stdout == "simulator: in use\n"
    paused = json.loads(run(seeded, "pause", "simulator", "--json").stdout)["gateways"][0]
    assert (paused["paused"], paused["reason"]) == (True, "by_person")
    assert run(seeded, "list").stdout.startswith("simulator: paused since 20")
    assert run(seeded, "resume", "simulator").stdout == "simulator: in use\n"


def test_beside_a_running_demo_no_variable_is_needed(
    run: Run, seeded: dict[str, str], tmp_path: Path
) -> None:
    folder = tmp_path / "demo"
    folder.mkdir()
    environment.keep(folder, seeded)
    assert (folder / "environment.json").stat().st_mode & 0o777 == 0o600
    told = run({"BAOTIN_DATA": str(folder)}, "list")
    assert told.stdout == "simulator: in use\n"
    environment.forget(folder)
    alone = run({"BAOTIN_DATA": str(folder)}, "list")
    assert (alone.returncode, alone.stderr.count("\n")) == (2, 1)
    assert "REDIS_URL is not set" in alone.stderr


def test_a_process_with_other_settings_than_the_file_is_named(
    run: Run, seeded: dict[str, str]
) -> None:
    about = About("node-1", 7, "1", ("k1",), gateways=Fingerprints("r", {"esms": "x"}))
    pulse = "baotin:pulse:api:restarts"
    with closing(queue.connect(seeded["REDIS_URL"])) as redis:
        redis.set(pulse, json.dumps(asdict(about)), ex=60)
        (_, said) = run(seeded, "list").stdout.splitlines()
        redis.delete(pulse)
    process = "api (process 7 on node-1) has other settings of esms, the route"
    assert said == f"restart needed: {process} than the file now"


def test_a_gateway_not_in_use_is_one_line_of_complaint(run: Run, seeded: dict[str, str]) -> None:
    told = run(seeded, "resume", "pigeon")
    assert (told.returncode, told.stderr) == (1, "baotin: no gateway pigeon in use\n")


def test_registered_templates_are_imported_approved_and_listed(
    run: Run, seeded: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "registered.json"
    file.write_text('{"templates": [{"event_type": "result_ready", "channel": "counter"}]}')
    told = run(seeded, "templates", "import", "simulator", str(file), "--json")
    (one,) = json.loads(told.stdout)["templates"]
    approved = run(seeded, "templates", "approve", one["id"], "--id", "4711").stdout
    assert approved.startswith(f"{one['id']} approved as 4711: shipped/result_ready/counter/vi 1\n")
    file.write_text('{"templates": [{"event_type": "x", "channel": "counter"}]}')
    refused = run(seeded, "templates", "import", "simulator", str(file))
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert "templates.0.event_type" in refused.stderr


def test_a_gateway_is_tried(run: Run, seeded: dict[str, str]) -> None:
    said = "simulator: can be tried by sending alone: baotin gateways send-test\n"
    assert run(seeded, "check").stdout == said
    assert run(seeded, "balance").stdout == "simulator: this provider tells no balance\n"
    assert json.loads(run(seeded, "check", "--json").stdout)["gateways"][0]["works"] is None
    sent = run(seeded, "send-test", "simulator", "0912345678")
    assert sent.stdout.startswith("simulator: accepted as ")
    assert "+84912***678" in sent.stdout
    refused = run(seeded, "send-test", "simulator", "12")
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert run(seeded, "example", "pigeon").returncode == 1
    assert "[gateways.esms]" in run(seeded, "example", "esms").stdout
