"""VNPT's dialect against what its users' code sends and reads."""

from collections.abc import Callable
from typing import Any

import pytest
import requests

ACCOUNT = {
    "agent_id": "137",
    "contract_id": "7688",
    "label_id": "89071",
    "labels": "UBND-TA=89072",
    "api_user": "VNPT-LT",
    "api_pass": "pass",
    "username": "office",
}
ASKED: dict[str, Any] = {  # as a client writes it, its account replaced by the one of the tests
    "name": "send_sms_list",
    "REQID": "1396000023",
    "LABELID": "89071",
    "CONTRACTTYPEID": "1",
    "CONTRACTID": "7688",
    "TEMPLATEID": "32293",
    "PARAMS": [{"NUM": "1", "CONTENT": "H29-1"}, {"NUM": "2", "CONTENT": "Quay 3"}],
    "SCHEDULETIME": "",
    "MOBILELIST": "84912345678",
    "ISTELCOSUB": "0",
    "AGENTID": "137",
    "APIUSER": "VNPT-LT",
    "APIPASS": "pass",
    "USERNAME": "office",
    "DATACODING": "0",
}


@pytest.fixture
def sim(alone: Callable[..., Any]) -> Any:
    sim = alone("vnpt", **ACCOUNT)
    words = {"id": "32293", "text": "Ho so {P1} da xong, nhan tai {P2}"}
    url = f"{sim.control}/sim/templates/vnpt"
    requests.put(url, json=words, timeout=5).raise_for_status()
    return sim


def send(sim: Any, **changes: Any) -> dict[str, Any]:
    body = {"RQST": {**ASKED, **changes}}
    answer = requests.post(f"{sim.url}/smsmarketing/api", json=body, timeout=5)
    assert answer.status_code == 200
    (told,) = answer.json().values()
    reply: dict[str, Any] = told
    assert set(reply) == {"name", "ERROR", "ERROR_DESC"}
    return reply


def test_a_template_is_filled_in_the_order_of_its_parameters(sim: Any) -> None:
    assert send(sim) == {"name": "send_sms_list", "ERROR": "0", "ERROR_DESC": "success"}
    (row,) = sim.ledger()
    assert (row["to"], row["from"], row["text"], row["reference"]) == (
        "+84912345678",
        "89071",
        "Ho so H29-1 da xong, nhan tai Quay 3",
        "1396000023",
    )


def test_another_label_of_the_account_is_taken(sim: Any) -> None:
    assert send(sim, LABELID="89072")["ERROR"] == "0"
    assert [row["from"] for row in sim.ledger()] == ["89072"]


def test_the_same_request_again_is_another_message(sim: Any) -> None:
    assert [send(sim)["ERROR"] for _ in range(2)] == ["0", "0"]
    assert len(sim.ledger()) == 2


ACCENTED = [{"NUM": "1", "CONTENT": "Hồ sơ"}, {"NUM": "2", "CONTENT": "Quay 3"}]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": "send"}, "3"),
        ({"APIPASS": "other"}, "1"),
        ({"CONTRACTTYPEID": "2"}, "9"),
        ({"AGENTID": "1"}, "15"),
        ({"USERNAME": "other"}, "10"),
        ({"CONTRACTID": "1"}, "13"),
        ({"LABELID": "1"}, "14"),
        ({"TEMPLATEID": "1"}, "7"),
        ({"PARAMS": []}, "7"),
        ({"PARAMS": ASKED["PARAMS"][::-1]}, "7"),
        ({"PARAMS": {"NUM": "1"}}, "-1"),
        ({"PARAMS": [{"NUM": "1", "CONTENT": "a & b"}, {"NUM": "2", "CONTENT": "c"}]}, "-1"),
        ({"PARAMS": ACCENTED}, "17"),
        ({"PARAMS": [{"NUM": "1", "CONTENT": "x" * 700}, {"NUM": "2", "CONTENT": "c"}]}, "11"),
        ({"MOBILELIST": "0912345678"}, "23"),
        ({"MOBILELIST": "84912345678,84912345679"}, "23"),
        ({"MOBILELIST": "84900000001"}, "23"),
        ({"MOBILELIST": "84900000003"}, "30"),
        ({"MOBILELIST": "84900000007"}, "20"),
        ({"MOBILELIST": "84900000008"}, "25"),
        ({"MOBILELIST": "84900000009"}, "77"),
    ],
)
def test_what_is_refused_has_its_code(sim: Any, changes: dict[str, Any], code: str) -> None:
    assert send(sim, **changes)["ERROR"] == code
    assert sim.ledger() == []


def test_accents_go_by_their_coding(sim: Any) -> None:
    assert send(sim, PARAMS=ACCENTED, DATACODING="8")["ERROR"] == "0"
    assert [row["text"] for row in sim.ledger()] == ["Ho so Hồ sơ da xong, nhan tai Quay 3"]


def test_what_is_no_request_is_told_so(sim: Any) -> None:
    for body in (b"", b"{}", b"[]", b'{"RQST": []}'):
        answer = requests.post(f"{sim.url}/smsmarketing/api", data=body, timeout=5)
        assert answer.json()["RPLY"]["ERROR"] == "-1"
    assert requests.get(f"{sim.url}/smsmarketing/api", timeout=5).status_code == 404
