"""What every adapter owes, held against the simulator in the adapter's own dialect.

A new adapter joins by a line in `OPTIONS`.
"""

import logging
import queue
import socket
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl

import pytest
import requests

from config.gateways import GatewaySettings
from gateways.base import (
    Absent,
    Accepted,
    AttemptRef,
    BadSignature,
    Deferred,
    Fault,
    Found,
    Gateway,
    OutboundSms,
    OutcomeUnknown,
    Receipt,
    Rejected,
    Report,
    SendError,
    WebhookRequest,
)
from gateways.http import HttpCaller
from gateways.registry import GatewayConfigError, load
from gateways.simulator.behaviour import TAKING, FaultKind
from gateways.simulator.embedded import running
from gateways.simulator.settings import Bound, SimulatorConfig
from notifier.domain.clock import SystemClock

Script = Callable[[socket.socket, bytes], object]
Serve = Callable[[Script], str]
Sms = Callable[..., OutboundSms]

ANY = ("127.0.0.1", 0)
ACCOUNT = "AC" + "0" * 32
OPTIONS: dict[str, dict[str, str]] = {
    "simulator": {"token": "plain-token-of-tests"},
    "twilio": {
        "account_sid": ACCOUNT,
        "auth_token": "twilio-token-of-tests",
        "from_number": "+15005550006",
    },
}
SECRETS = ("plain-token-of-tests", "twilio-token-of-tests")
PHONE = "+84912345678"
TEXT = "Hồ sơ H29 đã có kết quả €"
DEADLINE_S = 0.4
THREADS = 64
NO_OPTIONS: Mapping[str, str] = MappingProxyType({})


@pytest.fixture(scope="module")
def bound(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bound]:
    config = SimulatorConfig(
        folder=tmp_path_factory.mktemp("simulator"),
        listen=ANY,
        dialects=dict.fromkeys(OPTIONS, ANY),
        accounts=OPTIONS,
    )
    with running(config) as bound:
        yield bound


@pytest.fixture(params=OPTIONS)
def gateway(request: pytest.FixtureRequest, bound: Bound) -> Gateway:
    return gateway_of(request.param, bound)


def gateway_of(
    name: str, bound: Bound, *, deadline_s: float = DEADLINE_S, more: Mapping[str, str] = NO_OPTIONS
) -> Gateway:
    host, port = bound.dialects[name]
    settings = GatewaySettings(name, f"http://{host}:{port}", {**OPTIONS[name], **more}, deadline_s)
    return load([settings], caller=HttpCaller(THREADS), clock=SystemClock())[name]


@pytest.fixture
def control(bound: Bound) -> Iterator[str]:
    """The control API; every test starts from an empty ledger and good behaviour."""
    url = f"http://127.0.0.1:{bound.control[1]}/sim"
    requests.delete(f"{url}/messages", timeout=5)
    yield url
    for name in OPTIONS:
        requests.put(f"{url}/behaviour/{name}", json={}, timeout=5).raise_for_status()


@pytest.fixture
def sms(request: pytest.FixtureRequest) -> Sms:
    """Makes SMS that no other test sends: an emptied ledger forgets nothing a provider knows."""
    own = zlib.crc32(request.node.nodeid.encode())

    def make(number: str = "1", **changes: Any) -> OutboundSms:
        plain = OutboundSms(f"att_{own}_{number}", PHONE, "UBND-LT", f"{TEXT} {own}")
        return replace(plain, **changes)

    return make


def ref(of: OutboundSms, **changes: Any) -> AttemptRef:
    plain = AttemptRef(of.reference, of.to, of.sender, of.text, datetime.now(UTC))
    return replace(plain, **changes)


def ledger(control: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = requests.get(f"{control}/messages", timeout=5).json()["messages"]
    return rows


def test_what_is_accepted_is_with_the_provider_under_that_id(
    gateway: Gateway, control: str, sms: Sms
) -> None:
    accepted = gateway.send(sms())
    (row,) = ledger(control)
    assert (row["gateway"], row["to"], row["from"], row["text"]) == (
        gateway.name,
        PHONE,
        "UBND-LT",
        sms().text,
    )
    if gateway.capabilities.can_look_up:
        for question in (ref(sms()), ref(sms(), provider_id=accepted.provider_id)):
            answer = gateway.look_up(question)
            assert isinstance(answer, Found)
            assert answer.provider_id == accepted.provider_id


def test_the_same_reference_is_one_sms_where_the_provider_deduplicates(
    gateway: Gateway, control: str, sms: Sms
) -> None:
    first, second = gateway.send(sms()), gateway.send(sms())
    assert (first == second) is gateway.capabilities.deduplicates
    assert len(ledger(control)) == (1 if gateway.capabilities.deduplicates else 2)


def test_a_look_up_passes_over_what_belongs_to_another_attempt(
    gateway: Gateway, control: str, sms: Sms
) -> None:
    if gateway.capabilities.deduplicates:
        pytest.skip("goes by our reference, which no other attempt has")
    first, second = gateway.send(sms("1")), gateway.send(sms("2"))
    answer = gateway.look_up(ref(sms("2"), taken=frozenset({first.provider_id})))
    assert isinstance(answer, Found)
    assert answer.provider_id == second.provider_id
    both = frozenset({first.provider_id, second.provider_id})
    assert gateway.look_up(ref(sms("3"), taken=both)) == Absent()


OUTCOMES: dict[FaultKind, type[SendError]] = {
    FaultKind.TIMEOUT_AFTER: OutcomeUnknown,
    FaultKind.DRIP: OutcomeUnknown,
    FaultKind.TRUNCATE: OutcomeUnknown,
    FaultKind.GARBAGE: OutcomeUnknown,
    FaultKind.HUGE: OutcomeUnknown,
    FaultKind.HTTP_400: OutcomeUnknown,
    FaultKind.HTTP_429: Deferred,
    FaultKind.HTTP_500: OutcomeUnknown,
    FaultKind.HTTP_503: OutcomeUnknown,
    FaultKind.RESET: OutcomeUnknown,
    FaultKind.TIMEOUT_BEFORE: OutcomeUnknown,
    FaultKind.REFUSE: Deferred,
}


@pytest.mark.parametrize("fault", FaultKind)
def test_a_fault_has_its_outcome_and_a_look_up_tells_the_truth(
    fault: FaultKind, gateway: Gateway, control: str, caplog: pytest.LogCaptureFixture, sms: Sms
) -> None:
    caplog.set_level(logging.DEBUG)
    # It logs request paths at DEBUG, and a look-up's holds a phone; config/logs.py quiets it so.
    caplog.set_level(logging.WARNING, logger="urllib3")
    behaviour = {"faults": [{"kind": fault.value, "share": 1}]}
    requests.put(f"{control}/behaviour/{gateway.name}", json=behaviour, timeout=5)
    with pytest.raises(OUTCOMES[fault]) as raised:
        gateway.send(sms())
    if fault is FaultKind.HTTP_429:
        assert isinstance(raised.value, Deferred)
        assert raised.value.retry_after_s == 1
    if fault is FaultKind.REFUSE:
        with pytest.raises(Deferred):
            gateway.look_up(ref(sms()))
    else:
        answer = gateway.look_up(ref(sms()))
        assert isinstance(answer, Found if fault in TAKING else Absent)
    for secret in (*SECRETS, PHONE[1:], TEXT):
        assert secret not in caplog.text
        assert secret not in str(raised.value)


@pytest.mark.parametrize(
    ("name", "phone", "fault"),
    [
        ("simulator", "+84900000001", Fault.NUMBER),
        ("simulator", "+84900000003", Fault.CONTENT),
        ("simulator", "+84900000007", Fault.ACCOUNT),
        ("simulator", "+84900000008", Fault.NUMBER),
        ("twilio", "+84900000001", Fault.NUMBER),
        ("twilio", "+84900000007", Fault.ACCOUNT),
        ("twilio", "+84900000008", Fault.NUMBER),
    ],
)
def test_a_refusal_says_whose_fault_it_is(
    name: str, phone: str, fault: Fault, bound: Bound, control: str, sms: Sms
) -> None:
    with pytest.raises(Rejected) as raised:
        gateway_of(name, bound).send(sms(to=phone))
    assert raised.value.fault is fault
    assert ledger(control) == []


@pytest.mark.parametrize(("name", "option"), [("simulator", "token"), ("twilio", "auth_token")])
def test_wrong_credentials_are_the_accounts_fault(
    name: str, option: str, bound: Bound, control: str, sms: Sms
) -> None:
    wrong = gateway_of(name, bound, more={option: "wrong"})
    with pytest.raises(Rejected) as raised:
        wrong.send(sms())
    assert raised.value.fault is Fault.ACCOUNT
    with pytest.raises(Deferred):
        wrong.look_up(ref(sms()))


class Mailbox:
    """What the provider posted to us, as the API would hand it on."""

    def __init__(self) -> None:
        self.posts: queue.Queue[bytes] = queue.Queue()
        self.url = ""

    def take(self, connection: socket.socket, request: bytes) -> bool:
        self.posts.put(request)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        return False

    def next(self) -> WebhookRequest:
        head, _, body = self.posts.get(timeout=5).partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        method, target, _ = first.split(" ")
        headers = {name: value for name, _, value in (line.partition(": ") for line in lines)}
        query = parse_qsl(target.partition("?")[2])
        return WebhookRequest(method, self.url + target, headers, query, body)


@pytest.fixture
def mailbox(serve: Serve) -> Mailbox:
    made = Mailbox()
    made.url = serve(made.take)
    return made


def test_receipts_are_ours_signed_and_lead_to_delivered(
    gateway: Gateway, control: str, mailbox: Mailbox, sms: Sms
) -> None:
    callback = f"{mailbox.url}/receipts/s?attempt={sms().reference}"
    accepted = gateway.send(sms(callback_url=callback))
    last: Receipt | None = None
    while last is None or last.report is not Report.DELIVERED:
        posted = mailbox.next()
        (last,) = gateway.parse_receipts(posted)
        assert (last.reference, last.provider_id) == (sms().reference, accepted.provider_id)
        for forged in (
            replace(posted, body=posted.body + b" "),
            replace(posted, body=b""),
            replace(posted, headers={}),
        ):
            with pytest.raises(BadSignature):
                gateway.parse_receipts(forged)
    told = gateway.look_up(ref(sms(), provider_id=accepted.provider_id))
    assert isinstance(told, Found)
    assert told.receipt is not None
    assert told.receipt.report is Report.DELIVERED


def test_a_citizens_answer_arrives_as_written(
    gateway: Gateway, control: str, mailbox: Mailbox, sms: Sms
) -> None:
    requests.put(f"{control}/behaviour/{gateway.name}", json={"receipts": "none"}, timeout=5)
    gateway.send(sms(callback_url=f"{mailbox.url}/receipts/s?attempt={sms().reference}"))
    answer = {"from": PHONE, "to": "UBND-LT", "text": "TC 1 & cảm ơn", "gateway": gateway.name}
    requests.post(f"{control}/reply", json=answer, timeout=5)
    posted = mailbox.next()
    inbound = gateway.parse_inbound(posted)
    assert (inbound.gateway, inbound.sender, inbound.to, inbound.text) == (
        gateway.name,
        PHONE,
        "UBND-LT",
        "TC 1 & cảm ơn",
    )
    with pytest.raises(BadSignature):
        gateway.parse_inbound(replace(posted, body=posted.body.replace(b"TC", b"TD")))


@pytest.mark.parametrize("name", OPTIONS)
def test_many_threads_share_one_gateway(name: str, bound: Bound, control: str, sms: Sms) -> None:
    shared = gateway_of(name, bound, deadline_s=8)
    together = threading.Barrier(THREADS)

    def work(number: int) -> list[Accepted]:
        together.wait()
        return [shared.send(sms(f"{number}_{turn}")) for turn in range(3)]

    with ThreadPoolExecutor(THREADS) as pool:
        accepted = [one for several in pool.map(work, range(THREADS)) for one in several]
    assert len({one.provider_id for one in accepted}) == len(ledger(control)) == 3 * THREADS


def test_no_repr_shows_a_secret_a_phone_or_words(gateway: Gateway, sms: Sms) -> None:
    shown = repr(gateway) + repr(sms()) + repr(ref(sms()))
    for secret in (*SECRETS, PHONE[1:], TEXT):
        assert secret not in shown


def test_an_unknown_adapter_is_named(bound: Bound) -> None:
    with pytest.raises(GatewayConfigError, match="carrier-pigeon"):
        load([GatewaySettings("carrier-pigeon")], caller=HttpCaller(1), clock=SystemClock())
