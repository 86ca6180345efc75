import base64
import json
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
import requests

from gateways.simulator.settings import Accounts, Bound
from tests.waiting import eventually

_HANGS_S = 0.4
Ledger = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def ledger(control: str) -> Ledger:
    def read() -> list[dict[str, Any]]:
        answer = requests.get(f"{control}/sim/messages", timeout=5)
        rows: list[dict[str, Any]] = answer.json()["messages"]
        return rows

    return read


@pytest.fixture(params=["simulator", "twilio"])
def gateway(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@dataclass(frozen=True)
class Sender:
    """Sends one good message to one gateway and reads raw bytes."""

    bound: Bound
    accounts: Accounts
    gateway: str

    @property
    def address(self) -> tuple[str, int]:
        return self.bound.dialects[self.gateway]

    @property
    def request(self) -> bytes:
        return _request(self.gateway, self.accounts)

    def ask(self, wait_s: float = 5) -> bytes:
        """What comes until the server closes, answers in full, or is silent for `wait_s`."""
        came = b""
        with socket.create_connection(self.address, timeout=wait_s) as raw:
            raw.sendall(self.request)
            try:
                while part := raw.recv(1 << 16):
                    came += part
                    head, _, body = came.partition(b"\r\n\r\n")
                    length = head.lower().partition(b"content-length: ")[2]
                    length = length.partition(b"\r\n")[0]
                    if length and len(body) == int(length):
                        break
            except TimeoutError:
                pass
        return came


@pytest.fixture
def sender(bound: Bound, accounts: Accounts, gateway: str) -> Sender:
    return Sender(bound, accounts, gateway)


def _behave(control: str, gateway: str, **behaviour: Any) -> None:
    answer = requests.put(f"{control}/sim/behaviour/{gateway}", json=behaviour, timeout=5)
    assert answer.status_code == 200, answer.text


def _fail(control: str, gateway: str, kind: str, share: float = 1) -> None:
    _behave(control, gateway, faults=[{"kind": kind, "share": share}])


def _request(gateway: str, accounts: Accounts, number: int = 1) -> bytes:
    """The bytes of one good send."""
    if gateway == "simulator":
        path, credentials = "/messages", f"Bearer {accounts['simulator']['token']}"
        body = json.dumps(
            {"reference": f"att_{number}", "to": "0912345678", "from": "UBND", "text": "x"}
        )
    else:
        path = f"/2010-04-01/Accounts/{accounts['twilio']['account_sid']}/Messages.json"
        pair = f"{accounts['twilio']['account_sid']}:{accounts['twilio']['auth_token']}".encode()
        credentials = f"Basic {base64.b64encode(pair).decode()}"
        body = urlencode({"To": "+84912345678", "From": "UBND", "Body": "x"})
    return (
        f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: {credentials}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


@pytest.mark.parametrize(
    ("kind", "status"),
    [("http_400", 400), ("http_429", 429), ("http_500", 500), ("http_503", 503)],
)
def test_an_error_answer_takes_nothing(
    sender: Sender, control: str, ledger: Ledger, kind: str, status: int
) -> None:
    _fail(control, sender.gateway, kind)
    head, _, body = sender.ask().partition(b"\r\n\r\n")
    assert head.startswith(f"HTTP/1.1 {status} ".encode())
    assert (b"\r\nretry-after: 1" in head.lower()) is (status == 429)
    assert json.loads(body)
    assert ledger() == []


@pytest.mark.parametrize(("kind", "taken"), [("timeout_before", 0), ("timeout_after", 1)])
def test_a_time_out_says_nothing(
    sender: Sender, control: str, ledger: Ledger, kind: str, taken: int
) -> None:
    _fail(control, sender.gateway, kind)
    assert sender.ask(wait_s=_HANGS_S) == b""
    eventually(lambda: len(ledger()) == taken)


def test_a_reset_is_a_reset_and_takes_nothing(sender: Sender, control: str, ledger: Ledger) -> None:
    _fail(control, sender.gateway, "reset")
    with pytest.raises(ConnectionResetError):
        sender.ask()
    assert ledger() == []


def test_a_drip_takes_and_answers_a_byte_a_second(
    sender: Sender, control: str, ledger: Ledger
) -> None:
    _fail(control, sender.gateway, "drip")
    started = time.monotonic()
    with socket.create_connection(sender.address, timeout=5) as raw:
        raw.sendall(sender.request)
        parts = [raw.recv(1), raw.recv(1)]
    assert parts == [b"H", b"T"]
    assert 0.9 < time.monotonic() - started < 10
    assert len(ledger()) == 1


def test_a_truncated_answer_promises_more_than_it_brings(
    sender: Sender, control: str, ledger: Ledger
) -> None:
    _fail(control, sender.gateway, "truncate")
    head, _, body = sender.ask().partition(b"\r\n\r\n")
    length = int(head.partition(b"Content-Length: ")[2].partition(b"\r\n")[0])
    assert head.startswith(b"HTTP/1.1 201 ")
    assert 0 < len(body) < length
    assert len(ledger()) == 1


def test_garbage_is_a_web_page_with_200(sender: Sender, control: str, ledger: Ledger) -> None:
    _fail(control, sender.gateway, "garbage")
    head, _, body = sender.ask().partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    assert b"text/html" in head
    assert body.startswith(b"<!doctype html>")
    assert len(ledger()) == 1


def test_huge_is_fifty_megabytes(
    bound: Bound, accounts: Accounts, control: str, ledger: Ledger
) -> None:
    _fail(control, "simulator", "huge")
    read = 0
    with socket.create_connection(bound.dialects["simulator"], timeout=5) as raw:
        raw.sendall(_request("simulator", accounts))
        head = raw.recv(100)
        while read < 50_000_000 and (part := raw.recv(1 << 20)):
            read += len(part)
    assert head.startswith(b"HTTP/1.1 200 ")
    assert read >= 50_000_000
    assert len(ledger()) == 1


def test_refuse_closes_the_port_and_kept_connections_until_the_next_put(
    sender: Sender, control: str, ledger: Ledger
) -> None:
    address = sender.address
    with socket.create_connection(address, timeout=5) as kept:
        kept.sendall(sender.request)
        assert kept.recv(1 << 16).startswith(b"HTTP/1.1 201 ")
        for _ in range(3):
            _fail(control, sender.gateway, "refuse", share=0.01)
            assert kept.recv(100) == b""
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(address, timeout=5)
            _behave(control, sender.gateway)
            assert sender.ask().startswith(b"HTTP/1.1 20")
    assert len(ledger()) == (1 if sender.gateway == "simulator" else 4)


def test_a_refused_port_stays_ours_while_it_is_closed(bound: Bound, control: str) -> None:
    _fail(control, "twilio", "refuse")
    with socket.socket() as thief, pytest.raises(OSError, match="in use"):
        thief.bind(bound.dialects["twilio"])


def test_one_gateways_fault_leaves_the_other_alone(
    bound: Bound, accounts: Accounts, control: str, ledger: Ledger
) -> None:
    _fail(control, "twilio", "refuse")
    assert Sender(bound, accounts, "simulator").ask().startswith(b"HTTP/1.1 201 ")
    assert [row["gateway"] for row in ledger()] == ["simulator"]


def _pattern(plain: str, accounts: Accounts, first: int) -> list[int]:
    headers = {"Authorization": f"Bearer {accounts['simulator']['token']}"}
    statuses = []
    for number in range(first, first + 40):
        body = {"reference": f"att_{number}", "to": "0912345678", "from": "U", "text": "x"}
        statuses.append(requests.post(plain, json=body, headers=headers, timeout=5).status_code)
        # Look-ups between the sends cost no draw.
        requests.get(plain, params={"reference": "att_0"}, headers=headers, timeout=5)
    return statuses


def test_the_same_seed_fails_the_same_sends(
    plain: str, accounts: Accounts, control: str, ledger: Ledger
) -> None:
    faults = [{"kind": "http_500", "share": 0.25}, {"kind": "http_429", "share": 0.25}]
    patterns = []
    for start, seed in ((0, 5), (100, 5), (200, 6)):
        _behave(control, "simulator", seed=seed, faults=faults)
        patterns.append(_pattern(plain, accounts, start))
    assert patterns[0] == patterns[1] != patterns[2]
    assert set(patterns[0]) == {201, 429, 500}
    assert len(ledger()) == sum(pattern.count(201) for pattern in patterns)


def test_latency_is_waited_once_by_sends_and_not_by_look_ups(
    plain: str, accounts: Accounts, control: str
) -> None:
    _behave(control, "simulator", latency_ms=300)
    headers = {"Authorization": f"Bearer {accounts['simulator']['token']}"}
    body = {"reference": "att_1", "to": "0912345678", "from": "U", "text": "x"}
    for number in range(10):  # a stall of the machine makes one longer, and never shorter
        body["reference"] = f"att_{number}"
        started = time.monotonic()
        requests.post(plain, json=body, headers=headers, timeout=5)
        sent = time.monotonic()
        requests.get(plain, params={"reference": "att_0"}, headers=headers, timeout=5)
        assert sent - started >= 0.3
        if sent - started < 0.6 and time.monotonic() - sent < 0.2:
            break
    else:
        pytest.fail("it always took too long")


def test_a_message_behind_a_fault_is_found_by_a_look_up(
    sender: Sender, control: str, plain: str, twilio_url: str
) -> None:
    _fail(control, sender.gateway, "timeout_after")
    sender.ask(wait_s=0.1)
    accounts = sender.accounts

    def found() -> Any:
        if sender.gateway == "simulator":
            headers = {"Authorization": f"Bearer {accounts['simulator']['token']}"}
            query = {"reference": "att_1"}
            answer = requests.get(plain, params=query, headers=headers, timeout=5)
        else:
            answer = requests.get(
                f"{twilio_url}/Messages.json",
                params={"To": "+84912345678"},
                auth=(accounts["twilio"]["account_sid"], accounts["twilio"]["auth_token"]),
                timeout=5,
            )
        return answer.json()["messages"]

    assert len(eventually(found)) == 1


def test_the_first_message_to_the_slow_magic_number_is_never_answered(
    plain: str, accounts: Accounts, ledger: Ledger
) -> None:
    headers = {"Authorization": f"Bearer {accounts['simulator']['token']}"}
    body = {"reference": "att_1", "to": "+84900000006", "from": "U", "text": "x"}
    with pytest.raises(requests.Timeout):
        requests.post(plain, json=body, headers=headers, timeout=_HANGS_S)
    eventually(lambda: len(ledger()) == 1)
    again = requests.post(plain, json=body, headers=headers, timeout=5)
    assert (again.status_code, again.json()["duplicate"]) == (200, True)
    assert len(ledger()) == 1
