"""No phone, name, word or secret lies anywhere but where it may: a whole run, then a search."""

import json
import os
import signal
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import urllib3
from redis import Redis

from tests.up.canaries import (
    CALLBACK_PATH,
    CORRECTED_PHONE,
    NAME,
    PERSONAL,
    PHONE,
    PLACE,
    PROCEDURE,
    REASON,
    REMARK,
    WORDS_OF_A_CITIZEN,
    Search,
)
from tests.up.desk import Desk
from tests.up.driving import Up, running
from tests.waiting import eventually

# The outside world's own, and what is made to hold secrets, readable by its owner only.
WORLD = ("simulator",)
HOLDS_SECRETS = (
    "secrets.json", "environment.json", "demo-key", "ready.json", "staff.json", "valkey",
)  # fmt: skip


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """A run at its most talkative, through two gateways, with all that the scenario leaves."""
    folder = tmp_path_factory.mktemp("private") / "data"
    given = {"BAOTIN_LOG_LEVEL": "debug", "BAOTIN_GATEWAY": "simulator,twilio"}
    with running(folder, given) as up:
        up.wait_ready()
        yield up


@pytest.fixture(scope="module")
def answers(up: Up) -> list[bytes]:
    """Everything that the API answered in the course of the scenario."""
    return Scenario(up).play()


class Scenario:
    """Events, faults, mistakes and mendings, all about the same citizen."""

    def __init__(self, up: Up) -> None:
        self._up = up
        self._answers: list[bytes] = []

    def ask(self, method: str, path: str, **request: Any) -> Any:
        reply = self._up.ask(method, path, **request)
        self._answers.append(reply.data + repr(dict(reply.headers)).encode())
        return reply

    def event(self, event_id: str, type: str = "result_ready", **changes: Any) -> dict[str, Any]:
        return {
            "id": event_id,
            "type": type,
            "occurred_at": "2026-11-24T09:00:00+07:00",
            "case": {
                "code": f"H29-{event_id}",
                "office": "lai-thieu",
                "channel": "counter",
                "procedure": {"code": "1.012766", "name": PROCEDURE},
                "due_at": "2026-11-25T17:00:00+07:00",
            },
            "recipient": {"name": NAME, "phone": PHONE},
            "data": {"noi_nhan": PLACE, "ly_do": REASON, "ghi_chu": REMARK},
            **changes,
        }

    def post(self, event: Any, status: int = 202) -> dict[str, Any]:
        reply = self.ask("POST", "/v1/events", json=event)
        assert reply.status == status, reply.data
        told: dict[str, Any] = reply.json()
        return told

    def play(self) -> list[bytes]:
        for part in (
            self.send,
            self.mistake,
            self.mend,
            self.fail,
            self.write_in,
            self.work,
            self.die,
        ):
            part()
        return self._answers

    def send(self) -> None:
        for number, type_ in enumerate(("result_ready", "refused", "supplement_required")):
            self.post(self.event(f"sent-{number}", type_))
        self.post({"events": [self.event(f"batch-{n}") for n in range(5)]})
        self.ask("GET", "/v1/messages?limit=100")

    def mistake(self) -> None:
        """Every way to be refused, with the citizen's data in the middle of it."""
        self.post(self.event("sent-0", data={"noi_nhan": f"{PLACE} khác"}), 409)
        self.post(self.event("bad-1", recipient={"name": NAME, "phone": [PHONE]}), 422)
        self.post(self.event("bad-2", recipient={"phone": PHONE, "language": NAME}), 422)
        self.post(self.event("bad-3", case=NAME), 422)
        self.post(self.event("bad-4", type=REASON), 422)
        self.post(self.event("bad-5", occurred_at=PHONE), 422)
        self.post({"events": [self.event("bad-6", data={"a": [REMARK]}), NAME]})
        raw = json.dumps(self.event("bad-7"), ensure_ascii=False)
        for body in (raw[:-1], raw.replace(PLACE, f"{PLACE}\\u0000"), raw + raw):
            assert self.ask("POST", "/v1/events", body=body.encode()).status == 400
        plain = {"Content-Type": "text/plain"}
        assert self.ask("POST", "/v1/events", body=raw.encode(), headers=plain).status == 415
        assert self.ask("GET", f"/v1/messages?case={PHONE}&to=%2B84{PHONE[1:]}").status == 422
        assert self.ask("GET", f"/v1/messages/{PHONE}").status == 404
        assert self.ask("GET", f"/{PHONE}").status == 404

    def mend(self) -> None:
        sent = self.post(self.event("resent"))["events"][0]
        self._up.comes_to("delivered", sent)
        at = f"/v1/messages/{sent['messages'][0]['id']}"
        assert self.ask("POST", f"{at}/resend").status == 201
        assert self.ask("POST", f"{at}/cancel").status == 409
        held = self.post(self.event("held", recipient={"name": NAME, "phone": "x"}))["events"][0]
        at = f"/v1/messages/{held['messages'][0]['id']}/correct"
        assert self.ask("POST", at, json={"phone": f"{PHONE}0"}).status == 422
        assert self.ask("POST", at, json={"phone": CORRECTED_PHONE}).status == 200
        self._up.comes_to("delivered", held)

    def fail(self) -> None:
        """Refusals, garbage and time-outs of gateways, each with the words in the request."""
        for kind in ("http_400", "http_500", "garbage", "reset", "http_429"):
            self.behave(faults=[{"kind": kind}])
            told = self.post(self.event(f"fails-{kind}"))["events"][0]
            message = f"/v1/messages/{told['messages'][0]['id']}"
            eventually(partial(self.attempts, message))
        self.behave()

    def attempts(self, message: str) -> list[Any]:
        tried: list[Any] = self.ask("GET", message).json()["attempts"]
        return tried

    def behave(self, **behaviour: Any) -> None:
        for gateway in ("simulator", "twilio"):
            url = f"{self._up.told['simulator']}/sim/behaviour/{gateway}"
            assert urllib3.request("PUT", url, json=behaviour).status == 200

    def write_in(self) -> None:
        reply = {"from": f"+84{PHONE[1:]}", "text": WORDS_OF_A_CITIZEN}
        url = f"{self._up.told['simulator']}/sim/reply"
        for gateway in ("simulator", "twilio"):
            written = {**reply, "gateway": gateway, "to": "8188"}
            assert urllib3.request("POST", url, json=written).json()["delivered"]
        secret = json.loads((self._up.folder / "secrets.json").read_text())["BAOTIN_WEBHOOK_SECRET"]
        for kind in ("inbound", "receipts"):  # not signed
            at = f"/v1/gateways/simulator/{kind}/{secret}?from={PHONE}"
            assert self.ask("POST", at, json=reply).status == 401

    def work(self) -> None:
        """People at their desks."""
        held = self.post(self.event("at-desk", recipient={"name": NAME, "phone": "x"}))
        editor, administrator = Desk(self._up, "editor"), Desk(self._up, "administrator")
        for desk in (editor, administrator):
            desk.enter()
        editor.try_words()
        administrator.look_for_people(held["events"][0]["messages"][0]["id"])
        administrator.be_told()

    def die(self) -> None:
        """A worker killed in the middle of a call; what it leaves behind stays."""
        self.behave(latency_ms=1500)
        told = self.post(self.event("killed"))["events"][0]
        message = f"/v1/messages/{told['messages'][0]['id']}"
        eventually(partial(self.attempts, message))
        processes = json.loads(self._up.ready_file.read_text())["processes"]
        os.kill(processes["worker"][-1], signal.SIGKILL)
        self.behave()


def test_the_search_finds_what_is_there(up: Up, answers: list[bytes]) -> None:
    """The control: in the world's own folder all lies in clear, and each secret in its file."""
    world = Search([PHONE[1:], CORRECTED_PHONE[1:], PLACE, REASON, WORDS_OF_A_CITIZEN])
    in_world = {text for _, text in world.hits_in(up.folder / "simulator")}
    assert in_world == {PHONE[1:], CORRECTED_PHONE[1:], PLACE, REASON, WORDS_OF_A_CITIZEN}
    secrets = json.loads((up.folder / "secrets.json").read_text())
    assert len(Search(secrets.values()).hits_in(up.folder)) >= len(secrets)


def test_nothing_personal_lies_in_the_data_folder_while_it_runs(
    up: Up, answers: list[bytes]
) -> None:
    """Database, write-ahead log, logs at their most talkative, Valkey's own file."""
    names = {path.name for path in up.folder.rglob("*")}
    assert {"baotin.sqlite3", "baotin.sqlite3-wal", "api.log", "worker.log"} <= names
    assert Search(PERSONAL).hits_in(up.folder, but=WORLD) == set()


def test_nothing_personal_and_no_secret_is_in_redis(up: Up, answers: list[bytes]) -> None:
    kept = json.loads((up.folder / "environment.json").read_text())
    secrets = [value for name, value in kept.items() if "KEY" in name or "SECRET" in name]
    secrets += [CALLBACK_PATH, *(one["password"] for one in up.told["staff"].values())]
    with closing(Redis.from_url(kept["REDIS_URL"])) as redis:
        assert redis.dbsize() > 0
        assert Search([*PERSONAL, up.told["api_key"], *secrets]).hits_in_redis(redis) == set()


def test_no_answer_repeats_what_is_personal(up: Up, answers: list[bytes]) -> None:
    assert len(answers) > 40
    assert Search(PERSONAL).hits("answers", b"\n".join(answers)) == set()


def test_figures_and_what_is_printed_tell_nothing_personal(up: Up, answers: list[bytes]) -> None:
    for path in ("/metrics", "/readyz", "/openapi.json"):
        assert Search(PERSONAL).hits(path, up.ask("GET", path).data) == set()
    assert Search(PERSONAL).hits("printed", up.printed.encode()) == set()


def test_no_secret_lies_outside_the_files_made_for_it(up: Up, answers: list[bytes]) -> None:
    kept = json.loads((up.folder / "environment.json").read_text())
    made = json.loads((up.folder / "secrets.json").read_text())
    ring = [pair.partition(":")[2] for pair in made["BAOTIN_ENCRYPTION_KEYS"].split(",")]
    password = urlsplit(kept["REDIS_URL"]).password or ""
    secrets = [
        up.told["api_key"],
        password,
        *(one["password"] for one in up.told["staff"].values()),
        *ring,
        *(value for name, value in made.items() if name.endswith(("_KEY", "_SECRET", "_TOKEN"))),
    ]
    assert all(
        len(secret) >= 12 for secret in secrets
    )  # shorter, and they would be found by chance
    assert Search(secrets).hits_in(up.folder, but=(*WORLD, *HOLDS_SECRETS)) == set()
    # The database has to know where a source is called back; no log does.
    assert Search([CALLBACK_PATH]).hits_in(up.folder / "logs") == set()


def test_the_logs_tell_the_way_of_an_event_by_ids(up: Up, answers: list[bytes]) -> None:
    """Request, event and message stand together, through API, job and gateway call."""
    told = up.post("traced", recipient={"phone": PHONE})
    message = up.comes_to("delivered", told)["id"]
    api = _lines(up.folder / "logs" / "api.log")
    taken = next(line for line in api if line.get("message") == message)
    asked = next(line for line in api if line.get("request") == taken["request"] and "rule" in line)
    assert (asked["method"], asked["rule"], asked["status"]) == ("POST", "/v1/events", 202)
    worker = _lines(up.folder / "logs" / "worker.log")
    closed = next(line for line in worker if line.get("message") == message)
    assert closed["event_id"] == taken["event_id"]
    # The first gateway failed a moment ago and may still be left alone.
    assert (closed["gateway"] in {"simulator", "twilio"}, closed["outcome"]) == (True, "accepted")


def _lines(path: Path) -> list[dict[str, Any]]:
    """Every line of a log is one JSON object."""
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_nothing_personal_is_left_after_it_stopped(up: Up, answers: list[bytes]) -> None:
    up.interrupt()
    assert Search(PERSONAL).hits_in(up.folder, but=WORLD) == set()
