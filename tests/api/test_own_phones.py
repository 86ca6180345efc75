"""One's own phone and words on trial, over HTTP."""

import re
from collections.abc import Callable
from typing import Any

import urllib3
from flask.testing import FlaskClient

from gateways.simulator.settings import Bound
from notifier.services.wiring import Wiring

PHONE = "/v1/session/phone"
ONE = "/v1/templates/lai-thieu/result_ready/counter/vi"


def test_a_person_verifies_a_phone_and_tries_words_on_it(
    client: FlaskClient, wiring: Wiring, hire: Callable[..., Any], simulator: Bound
) -> None:
    mine = hire(wiring, "editor").headers

    def ask(method: str, path: str, body: Any = None, status: int = 200) -> Any:
        reply = client.open(path, method=method, headers=mine, json=body)
        assert reply.status_code == status, reply.get_data()
        return reply.get_json(silent=True)

    assert ask("GET", PHONE) == {"phone": None}
    sent = ask("PUT", PHONE, {"phone": "0987 654 321", "language": "en"})
    assert sent["phone"] == {"phone": "+84987***321", "verified": False, "waits_for_code": True}
    assert sent["sms"] == {"outcome": "accepted", "gateway": "simulator", "code": None}
    host, port = simulator.control
    ledger = urllib3.request("GET", f"http://{host}:{port}/sim/messages?to=0987654321").json()
    code = re.search(r"is (\d{6}),", ledger["messages"][-1]["text"])
    assert code
    words = {"text": "{don_vi}: {ma_ho_so}"}
    told = ask("POST", f"{ONE}/send-test", words, 422)
    assert told["errors"][0]["code"] == "no_own_phone"
    assert ask("POST", f"{PHONE}/verify", {"code": "x"}, 422)["errors"][0]["code"] == "wrong_code"
    assert ask("POST", f"{PHONE}/verify", {"code": code[1]})["verified"] is True
    tried = ask("POST", f"{ONE}/send-test", words)
    assert (tried["phone"], tried["segments"]) == ("+84987***321", 1)
    assert tried["sms"]["outcome"] == "accepted"
    for _ in range(9):
        ask("POST", f"{ONE}/send-test", words)
    reply = client.post(f"{ONE}/send-test", headers=mine, json=words)
    assert (reply.status_code, reply.get_json()["code"]) == (429, "too_many_texts")
    assert 3000 < int(reply.headers["Retry-After"]) <= 3600
    ask("DELETE", PHONE, status=204)
    assert ask("GET", PHONE) == {"phone": None}
