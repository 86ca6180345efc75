import sqlite3
from contextlib import closing
from typing import Any

import pytest
import requests

from gateways.simulator.settings import SimulatorConfig

_AUTH = {"Authorization": "Bearer b-token"}


def _body(**changes: Any) -> dict[str, Any]:
    return {
        "reference": "att_1",
        "to": "0912345678",
        "from": "UBND",
        "text": "Hồ sơ đã có kết quả",
        "callback_url": "",
        **changes,
    }


def _send(url: str, **changes: Any) -> requests.Response:
    return requests.post(url, json=_body(**changes), headers=_AUTH, timeout=5)


def _ledger(control: str, **query: str) -> list[dict[str, Any]]:
    answer = requests.get(f"{control}/sim/messages", params=query, timeout=5)
    rows: list[dict[str, Any]] = answer.json()["messages"]
    return rows


def test_a_message_is_taken_and_in_the_ledger(plain: str, control: str) -> None:
    answer = _send(plain)
    assert answer.status_code == 201
    row = _ledger(control)[0]
    assert answer.json() == {
        "id": row["id"],
        "reference": "att_1",
        "segments": 1,
        "duplicate": False,
    }
    assert set(row) == {
        "id", "gateway", "to", "from", "text", "reference", "segments", "received_at",
    }  # fmt: skip
    assert row["gateway"] == "simulator"
    assert (row["to"], row["from"]) == ("+84912345678", "UBND")
    assert row["text"] == "Hồ sơ đã có kết quả"
    assert "." in row["received_at"]
    assert row["received_at"].endswith("+00:00")


def test_the_same_reference_is_the_same_message_for_ever(plain: str, control: str) -> None:
    first = _send(plain).json()
    requests.delete(f"{control}/sim/messages", timeout=5)
    for text in ("Hồ sơ đã có kết quả", "other words"):
        again = _send(plain, text=text)
        assert again.status_code == 200
        assert again.json() == {**first, "duplicate": True}
    assert _ledger(control) == []


@pytest.mark.parametrize("latency_ms", [0, 5])
def test_a_row_is_on_file_before_its_answer_is_out(
    plain: str, control: str, config: SimulatorConfig, latency_ms: int
) -> None:
    behaviour = {"latency_ms": latency_ms}
    requests.put(f"{control}/sim/behaviour/simulator", json=behaviour, timeout=5)
    with (
        requests.Session() as session,
        closing(sqlite3.connect(config.folder / "ledger.sqlite3")) as file,
    ):
        for number in range(1, 101):
            body = _body(reference=f"att_{number}")
            assert session.post(plain, json=body, headers=_AUTH, timeout=5).status_code == 201
            assert file.execute("SELECT count(*) FROM message").fetchone() == (number,)


def test_a_look_up_finds_by_reference(plain: str) -> None:
    sent = _send(plain).json()
    found = requests.get(plain, params={"reference": "att_1"}, headers=_AUTH, timeout=5)
    assert found.json()["messages"][0]["id"] == sent["id"]
    assert found.json()["messages"][0]["status"] in {"accepted", "sent"}
    absent = requests.get(plain, params={"reference": "att_2"}, headers=_AUTH, timeout=5)
    assert absent.json() == {"messages": []}
    assert requests.get(plain, headers=_AUTH, timeout=5).status_code == 400


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"to": "091234567"}, 400, "number_invalid"),
        ({"to": "02743822222"}, 400, "number_unreachable"),
        ({"to": "+84900000001"}, 400, "number_invalid"),
        ({"to": "+84900000003"}, 400, "content_refused"),
        ({"to": "+84900000005"}, 500, "server_error"),
        ({"to": "+84900000007"}, 402, "no_balance"),
        ({"to": "+84900000008"}, 400, "number_unreachable"),
        ({"from": ""}, 400, "sender_unknown"),
        ({"text": ""}, 400, "content_refused"),
        ({"reference": ""}, 400, "bad_request"),
        ({"reference": 7}, 400, "bad_request"),
        ({"reference": "x" * 201}, 400, "bad_request"),
        ({"callback_url": "ftp://127.0.0.1/"}, 400, "bad_request"),
        ({"callback_url": "http://[/"}, 400, "bad_request"),
        ({"text": "\ud800"}, 400, "bad_request"),
    ],
)
def test_what_a_provider_refuses_is_not_in_the_ledger(
    plain: str, control: str, changes: dict[str, Any], status: int, code: str
) -> None:
    answer = _send(plain, **changes)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert answer.json()["error"]["message"]
    assert _ledger(control) == []


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer c"}, {"Authorization": "é"}])
def test_a_wrong_token_is_unauthorised(plain: str, headers: dict[str, str]) -> None:
    encoded = {name: value.encode() for name, value in headers.items()}
    for answer in (
        requests.post(plain, json=_body(), headers=encoded, timeout=5),
        requests.get(plain, params={"reference": "att_1"}, headers=encoded, timeout=5),
    ):
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unauthorised")


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'"x"', b"\xff", b"[" * 100_000, b'{"a":' * 100_000, b"NaN", b"9" * 5_000],
)
def test_a_body_that_is_no_object_is_a_bad_request(plain: str, body: bytes) -> None:
    answer = requests.post(plain, data=body, headers=_AUTH, timeout=5)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_request")


def test_a_path_that_is_not_there_is_not_found(plain: str) -> None:
    assert requests.get(f"{plain}/x", headers=_AUTH, timeout=5).status_code == 404
