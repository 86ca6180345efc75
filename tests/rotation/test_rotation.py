"""Everything rotated, small: the processes of an installation within one, restarted in turn.

Between two restarts an event is taken in by one API process and sent, and its receipt comes to
the other, so that old and new meet. `make rotation` does it with real processes.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
import requests
from flask.testing import FlaskClient
from sqlalchemy import select

from config.settings import Key, Settings
from gateways.simulator import signing
from gateways.simulator.settings import Bound
from notifier.app import create_app
from notifier.services import encryption_keys, keys
from notifier.services.resealing import Resealer
from notifier.services.seed import DEMO_SOURCE
from notifier.services.wiring import Wiring, wire
from notifier.store.sealing import Sealer
from notifier.store.tables import Message
from tests.services.test_resealing import opened
from workers.worker import build_context

OLD, NEW = Key("k1", b"e" * 32), Key("k2", b"n" * 32)
TOKEN = "BAOTIN_SIMULATOR_TOKEN"


@dataclass
class Office:
    """Two API processes and a worker, and what became of every event."""

    settings: Settings
    control: str
    key: str
    first_token: str
    running: dict[str, Wiring] = field(default_factory=dict)
    clients: dict[str, FlaskClient] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)  # by event
    signs_with: str = ""

    def restart(self, **changed: Any) -> None:
        """One after another, with these settings; all of them send between two."""
        self.settings = replace(self.settings, **changed)
        for role in ("api-1", "api-2", "worker"):
            if role in self.running:
                self.running[role].close()
            wiring = self.running[role] = wire(self.settings)
            encryption_keys.adopt(sessions=wiring.sessions, sealer=wiring.sealer)
            if role != "worker":
                self.clients[role] = create_app(self.settings, wiring).test_client()
            if len(self.running) == 3:
                self.serve()

    def serve(self) -> None:
        """An event through one API process, its receipt through the other; the next in turn."""
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        number = len(self.states)
        taking, reporting = ("api-1", "api-2") if number % 2 else ("api-2", "api-1")
        body = event(number)
        answer = self.clients[taking].post("/v1/events", json=body, headers=headers)
        assert answer.status_code == 202, answer.get_json()
        self.states[body["id"]] = answer.get_json()["events"][0]["messages"][0]["id"]
        context = build_context(self.running["worker"], threading.Event())
        context.sender.run(slice_s=10, stopping=lambda: False)
        context.sender.pool.close()
        self._report(reporting, number)

    def _report(self, role: str, number: int) -> None:
        """The receipt, at the address that the worker gave and signed as the provider does."""
        (row,) = [one for one in self.ledger() if f"R-{number} " in one["text"]]
        url = self.running["worker"].accounts.callback_url("simulator", row["reference"])
        told = {"id": row["id"], "reference": row["reference"], "status": "delivered"}
        raw = json.dumps(told).encode()
        headers = {"X-Simulator-Signature": signing.simulator(self.signs_with, raw)}
        path = url.removeprefix(self.settings.provider_facing_url)
        answer = self.clients[role].post(path, data=raw, headers=headers)
        assert answer.status_code == 204

    def ledger(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = requests.get(f"{self.control}/sim/messages", timeout=5).json()[
            "messages"
        ]
        return rows

    def account(self, token: str, old: str = "") -> None:
        """What the provider takes: both; the first signs its receipts."""
        told = {"token": token, "token_old": old}
        url = f"{self.control}/sim/account/simulator"
        assert requests.put(url, json=told, timeout=5).status_code == 204
        self.signs_with = token

    def options(self, token: str, old: str = "") -> dict[str, str]:
        return {**self.settings.adapter_options, TOKEN: token, f"{TOKEN}_OLD": old}


def event(number: int) -> dict[str, Any]:
    return {
        "id": f"e{number}",
        "type": "result_ready",
        "occurred_at": "2026-11-24T09:00:00+07:00",
        "case": {"code": f"R-{number}", "office": "lai-thieu", "channel": "counter"},
        "recipient": {"phone": f"09{12000000 + number}"},
        "data": {"noi_nhan": "Quầy 3"},
    }


@pytest.fixture
def office(wiring: Wiring, settings: Settings, simulator: Bound) -> Iterator[Office]:
    host, port = simulator.control
    control, token = f"http://{host}:{port}", settings.adapter_options[TOKEN]
    requests.delete(f"{control}/sim/messages", timeout=5)
    quiet = {"receipts": "none"}
    requests.put(f"{control}/sim/behaviour/simulator", json=quiet, timeout=5)
    made = keys.create(DEMO_SOURCE, keys.SCOPES, wiring=wiring)
    office = Office(settings, control, made.token, token, signs_with=token)
    yield office
    office.account(token)
    for one in office.running.values():
        one.close()


def test_nothing_fails_is_lost_doubled_or_unreadable_while_everything_is_rotated(
    office: Office, wiring: Wiring
) -> None:
    first, second = office.first_token, "second-token"
    office.restart(encryption_keys=(OLD,))
    office.restart(encryption_keys=(OLD, NEW))
    office.restart(encryption_keys=(NEW, OLD))
    with closing(wire(office.settings)) as at_hand:
        resealer = Resealer(at_hand.sessions, at_hand.sealer, at_hand.redis, at_hand.clock)
        for _ in resealer.work():
            pass
    key_id = keys.authenticate(office.key, wiring=wiring).key_id
    made = keys.rotate(key_id, keep=timedelta(hours=1), wiring=wiring)
    office.serve()  # the case system still has the old one
    assert made.token is not None
    office.key = made.token
    office.serve()
    keys.revoke(key_id, wiring=wiring)
    office.account(first, old=second)
    office.restart(
        adapter_options=office.options(second, old=first),
        webhook_secret="another-secret",
        old_webhook_secret=office.settings.webhook_secret,
    )
    office.account(second, old=first)
    office.serve()
    office.account(second)
    office.restart(
        adapter_options=office.options(second), old_webhook_secret="", encryption_keys=(NEW,)
    )
    opened(wiring, Sealer([NEW]))
    rows = office.ledger()
    assert len(rows) == len({row["text"] for row in rows}) == len(office.states)
    with wiring.sessions.read() as session:
        states = set(session.scalars(select(Message.state)))
    assert states == {"delivered"}
