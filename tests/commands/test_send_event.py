"""`baotin send-event`: a file in, the API's answer out."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

Run = Callable[..., subprocess.CompletedProcess[str]]
EVENT = {"id": "e1", "recipient": {"name": "Nguyễn Văn Đạt"}}
ANSWER = {"events": [{"id": "e1", "outcome": "accepted"}]}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "event.json"
    path.write_text(json.dumps(EVENT, ensure_ascii=False), encoding="utf-8")
    return path


def test_the_running_demos_address_and_key_are_used(
    baotin: Run, httpserver: HTTPServer, file: Path, tmp_path: Path
) -> None:
    httpserver.expect_oneshot_request(
        "/v1/events", "POST", json=EVENT, headers={"Authorization": "Bearer bt_demo"}
    ).respond_with_json(ANSWER, 202)
    told = {"api": httpserver.url_for("").rstrip("/"), "api_key": "bt_demo"}
    (tmp_path / "ready.json").write_text(json.dumps(told))
    done = baotin("send-event", str(file), env={"BAOTIN_DATA": str(tmp_path)})
    assert (done.returncode, json.loads(done.stdout)) == (0, ANSWER)
    httpserver.check()


def test_another_address_and_key_can_be_given(
    baotin: Run, httpserver: HTTPServer, file: Path
) -> None:
    httpserver.expect_oneshot_request(
        "/v1/events", "POST", headers={"Authorization": "Bearer bt_other"}
    ).respond_with_json(ANSWER, 202)
    url = httpserver.url_for("").rstrip("/")
    done = baotin("send-event", str(file), "--url", url, env={"BAOTIN_API_KEY": "bt_other"})
    assert done.returncode == 0
    httpserver.check()


def test_a_refusal_shows_the_problem_and_fails(
    baotin: Run, httpserver: HTTPServer, file: Path
) -> None:
    problem = {"status": 422, "code": "invalid"}
    httpserver.expect_request("/v1/events").respond_with_json(problem, 422)
    url = httpserver.url_for("").rstrip("/")
    done = baotin("send-event", str(file), "--url", url, "--key", "k")
    assert (done.returncode, json.loads(done.stdout)) == (1, problem)
    assert done.stderr == "baotin: refused with status 422\n"


def test_where_nothing_runs_it_says_so(baotin: Run, file: Path, tmp_path: Path) -> None:
    done = baotin("send-event", str(file), env={"BAOTIN_DATA": str(tmp_path / "none")})
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "nothing runs in" in done.stderr
    away = baotin("send-event", str(file), "--url", "http://127.0.0.1:1", "--key", "k")
    assert (away.returncode, away.stderr) == (
        1,
        "baotin: http://127.0.0.1:1 does not answer: NewConnectionError\n",
    )


def test_what_cannot_be_a_key_is_refused_without_being_shown(baotin: Run, file: Path) -> None:
    done = baotin("send-event", str(file), "--url", "http://127.0.0.1:1", "--key", "bt_secret\nold")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "line break" in done.stderr
    assert "bt_secret" not in done.stderr
