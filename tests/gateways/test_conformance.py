"""What every adapter owes, held against the simulator in the adapter's own dialect.

An adapter joins by its two entry points; what it can do and what its dialect plays say which
side of a rule it is held to. `-k NAME` runs it for one adapter alone.
"""

import logging
import queue
import random
import socket
import threading
import time
import unicodedata
import zlib
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl

import pytest
import requests

from config.gateways import COMMON_OPTIONS, GatewaySettings
from gateways import registry
from gateways.adapter import GatewayConfigError, Tools
from gateways.base import (
    Absent,
    Accepted,
    Alphabet,
    AttemptRef,
    BadSignature,
    BadWebhook,
    Deferred,
    Fault,
    Found,
    Gateway,
    OutboundSms,
    OutcomeUnknown,
    Parameter,
    Proof,
    Receipt,
    RegisteredTemplate,
    Rejected,
    Report,
    Reports,
    SendError,
    TellsBalance,
    Templates,
    WebhookAnswer,
    WebhookRequest,
)
from gateways.http import HttpCaller
from gateways.simulator import registry as dialects
from gateways.simulator.behaviour import TAKING, FaultKind
from gateways.simulator.embedded import running
from gateways.simulator.numbers import MAGIC, Magic
from gateways.simulator.settings import Bound, SimulatorConfig
from gateways.tokens import OwnTokens, Renew, Token, Tokens
from notifier.domain.clock import SystemClock
from tests.gateways.cases import begun
from tests.waiting import eventually

Script = Callable[[socket.socket, bytes], object]
Serve = Callable[[Script], str]
Sms = Callable[..., OutboundSms]

ANY = ("127.0.0.1", 0)
TOKENS: dict[tuple[str, int], Tokens] = {}  # by simulator: a refresh token may work once
NAMES = registry.names()
DIALECTS = dialects.load()
PHONE = "+84912345678"
TEXT = "Ho so H29 da co ket qua"
SENDER = "UBND-LT"
TEMPLATE = "200001"  # registered with every provider that sends by template
NEVER_S = 0.4  # a deadline for calls that are never answered
SOON_S = 8.0
THREADS = 64
NUMBER_OF = {magic: number for number, magic in MAGIC.items()}
NO_OPTIONS: Mapping[str, str] = MappingProxyType({})


def account_of(name: str) -> dict[str, str]:
    """A made-up account, whose values stand out in a log."""
    digits = random.Random(name)  # noqa: S311 - repeatable, not secret
    return DIALECTS[name].account(lambda count: f"{digits.getrandbits(count * 4):0{count}x}")


ACCOUNTS = {name: account_of(name) for name in NAMES}


def secrets_of(name: str) -> list[str]:
    options = registry.adapter(name).options
    return [ACCOUNTS[name][o.name] for o in options if o.secret and ACCOUNTS[name].get(o.name)]


@pytest.fixture(scope="module")
def bound(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bound]:
    config = SimulatorConfig(
        folder=tmp_path_factory.mktemp("simulator"),
        listen=ANY,
        dialects=dict.fromkeys(NAMES, ANY),
        accounts=ACCOUNTS,
        templates={name: {TEMPLATE: "{noi_dung}"} for name in NAMES},
    )
    with running(config) as bound:
        yield bound


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    named: str = request.param
    return named


@pytest.fixture
def gateway(name: str, bound: Bound) -> Gateway:
    return gateway_of(name, bound)


def gateway_of(
    name: str, bound: Bound, *, deadline_s: float = SOON_S, more: Mapping[str, str] = NO_OPTIONS
) -> Gateway:
    host, port = bound.dialects[name]
    # Processes of one installation share their tokens; who has another account has its own.
    tokens = (
        OwnTokens(SystemClock())
        if more
        else TOKENS.setdefault(bound.control, OwnTokens(SystemClock()))
    )
    url = f"http://{host}:{port}"
    return gateway_at(name, url, deadline_s=deadline_s, more=more, tokens=tokens)


def gateway_at(
    name: str,
    url: str,
    *,
    deadline_s: float = SOON_S,
    more: Mapping[str, str] = NO_OPTIONS,
    tokens: Tokens | None = None,
) -> Gateway:
    options = {**ACCOUNTS[name], **DIALECTS[name].addresses(url), **more}
    settings = GatewaySettings(name, options.pop("base_url"), options, deadline_s)
    return registry.load([settings], tools(tokens))[name]


def tools(tokens: Tokens | None = None) -> Tools:
    clock = SystemClock()
    return Tools(HttpCaller(THREADS), clock, tokens or OwnTokens(clock))


class Given:
    """Tokens that are there already: nothing is asked before a send."""

    def get(
        self, gateway: str, renew: Renew, *, within_s: float, refused: Token | None = None
    ) -> Token:
        return Token("given", datetime.max.replace(tzinfo=UTC), "given")


@pytest.fixture
def control(bound: Bound, name: str) -> Iterator[str]:
    """The control API; every test starts from an empty ledger and good behaviour."""
    url = f"http://127.0.0.1:{bound.control[1]}/sim"
    requests.delete(f"{url}/messages", timeout=5)
    yield url
    requests.put(f"{url}/behaviour/{name}", json={}, timeout=5).raise_for_status()


@pytest.fixture
def sms(request: pytest.FixtureRequest) -> Sms:
    """Makes SMS that no other test sends: an emptied ledger forgets nothing a provider knows."""
    own = zlib.crc32(request.node.nodeid.encode())

    def make(number: str = "1", text: str = TEXT, **changes: Any) -> OutboundSms:
        words = f"{text} {own} {number}" if text == TEXT else text
        template = RegisteredTemplate(TEMPLATE, (Parameter("noi_dung", words),))
        plain = OutboundSms(f"att_{own}_{number}", PHONE, SENDER, words, template=template)
        return replace(plain, **changes)

    return make


def ref(of: OutboundSms, **changes: Any) -> AttemptRef:
    plain = AttemptRef(of.reference, of.to, of.sender, of.text, datetime.now(UTC))
    return replace(plain, **changes)


def soon_found(gateway: Gateway, question: AttemptRef) -> Found:
    """The answer; some providers cannot tell of a message that they just took."""
    until = time.monotonic() + 30
    while True:
        try:
            answer = gateway.look_up(question)
        except Deferred:
            assert time.monotonic() < until
            time.sleep(0.05)
            continue
        assert isinstance(answer, Found)
        return answer


def ledger(control: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = requests.get(f"{control}/messages", timeout=5).json()["messages"]
    return rows


def behave(control: str, name: str, **behaviour: Any) -> None:
    requests.put(f"{control}/behaviour/{name}", json=behaviour, timeout=5).raise_for_status()


def test_a_made_up_account_is_made_of_declared_options(name: str) -> None:
    declared = {option.name: option for option in registry.adapter(name).options}
    common = {option.name for option in COMMON_OPTIONS}
    given = {**ACCOUNTS[name], **DIALECTS[name].addresses("http://x")}
    assert set(given) <= set(declared) | common
    assert {o.name for o in declared.values() if o.required} <= set(given)
    assert not common & set(declared)


def test_what_is_accepted_is_with_the_provider_under_that_id(
    gateway: Gateway, control: str, sms: Sms
) -> None:
    accepted = gateway.send(sms())
    (row,) = ledger(control)
    assert (row["gateway"], row["to"], row["text"]) == (gateway.name, PHONE, sms().text)
    assert (row["from"] == SENDER) is gateway.capabilities.takes_sender
    assert accepted.provider_id or not gateway.capabilities.can_look_up
    for question in (ref(sms()), ref(sms(), provider_id=accepted.provider_id)):
        if gateway.capabilities.can_look_up:
            assert soon_found(gateway, question).provider_id == accepted.provider_id
        elif not gateway.capabilities.polls or question.provider_id is None:
            with pytest.raises(Deferred):
                gateway.look_up(question)


def test_the_same_reference_is_one_sms_where_the_provider_deduplicates(
    gateway: Gateway, control: str, sms: Sms
) -> None:
    first, second = gateway.send(sms()), gateway.send(sms())
    if gateway.capabilities.deduplicates:
        assert second.provider_id in {None, first.provider_id}
    else:
        assert first != second or first.provider_id is None  # its receipts carry our reference
    assert len(ledger(control)) == (1 if gateway.capabilities.deduplicates else 2)


def test_a_look_up_passes_over_what_belongs_to_another_attempt(
    gateway: Gateway, control: str, sms: Sms
) -> None:
    same = sms("1").text
    first, second = gateway.send(sms("1")), gateway.send(sms("2", text=same))
    taken = frozenset(filter(None, [first.provider_id]))
    if not gateway.capabilities.can_look_up:
        with pytest.raises(Deferred):
            gateway.look_up(ref(sms("2", text=same), taken=taken))
        return
    answer = gateway.look_up(ref(sms("2", text=same), taken=taken))
    assert isinstance(answer, Found)
    assert answer.provider_id == second.provider_id
    assert gateway.look_up(ref(sms("3"))) == Absent()


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
NEVER_ANSWERED = {FaultKind.TIMEOUT_AFTER, FaultKind.DRIP, FaultKind.TIMEOUT_BEFORE}


@pytest.mark.parametrize("fault", FaultKind)
def test_a_fault_has_its_outcome_and_who_can_tell_tells_the_truth(
    fault: FaultKind,
    name: str,
    bound: Bound,
    control: str,
    caplog: pytest.LogCaptureFixture,
    sms: Sms,
) -> None:
    caplog.set_level(logging.DEBUG)
    # It logs request paths at DEBUG, and a look-up's holds a phone; config/logs.py quiets it so.
    caplog.set_level(logging.WARNING, logger="urllib3")
    gateway, hasty = gateway_of(name, bound), gateway_of(name, bound, deadline_s=NEVER_S)
    if fault is not FaultKind.REFUSE:
        # What is asked before the first send (a token) is asked in good weather.
        gateway.send(sms("before"))
        requests.delete(f"{control}/messages", timeout=5)
    behave(control, name, faults=[{"kind": fault.value}])
    with pytest.raises(OUTCOMES[fault]) as raised:
        if fault in NEVER_ANSWERED:
            begun(lambda: hasty.send(sms()))
        else:
            gateway.send(sms())
    if fault is FaultKind.HTTP_429:
        assert isinstance(raised.value, Deferred)
        assert raised.value.retry_after_s is not None
        assert 0 < raised.value.retry_after_s <= 1
    if fault in TAKING:
        eventually(lambda: ledger(control), what="the provider takes it")
    if fault is FaultKind.REFUSE or not gateway.capabilities.can_look_up:
        with pytest.raises(Deferred):
            gateway.look_up(ref(sms()))
    else:
        answer = gateway.look_up(ref(sms()))
        assert isinstance(answer, Found if fault in TAKING else Absent)
    if gateway.capabilities.deduplicates:
        behave(control, name)
        gateway_of(name, bound).send(sms())
        assert len(ledger(control)) == 1
    else:
        assert len(ledger(control)) == (1 if fault in TAKING else 0)
    for secret in (*secrets_of(name), PHONE[1:], PHONE[3:], sms().text):
        assert secret not in caplog.text
        assert secret not in str(raised.value)


FAULTS: dict[Magic, set[Fault]] = {
    Magic.INVALID: {Fault.NUMBER, Fault.CHANNEL},  # what is no SMS judges for itself alone
    Magic.CONTENT: {Fault.CONTENT},
    Magic.NO_BALANCE: {Fault.ACCOUNT},
    Magic.UNREACHABLE: {Fault.NUMBER, Fault.CHANNEL},
}


def test_a_refusal_says_whose_fault_it_is(name: str, bound: Bound, control: str, sms: Sms) -> None:
    gateway, refuses = gateway_of(name, bound), DIALECTS[name].refuses
    assert {Magic.INVALID, Magic.NO_BALANCE, Magic.UNHEARD} <= refuses
    for magic in refuses - {Magic.UNHEARD}:
        with pytest.raises(Rejected) as raised:
            gateway.send(sms(magic, to=NUMBER_OF[magic]))
        assert raised.value.fault in FAULTS[magic]
    assert ledger(control) == []


def test_a_code_that_no_table_has_tells_nothing(gateway: Gateway, control: str, sms: Sms) -> None:
    with pytest.raises(OutcomeUnknown):
        gateway.send(sms(to=NUMBER_OF[Magic.UNHEARD]))
    assert ledger(control) == []


def test_wrong_credentials_are_the_accounts_fault(
    name: str, bound: Bound, control: str, sms: Sms
) -> None:
    secret = [o.name for o in registry.adapter(name).options if o.secret and o.required]
    assert secret
    for option in secret:
        wrong = gateway_of(name, bound, more={option: "wrong"})
        with pytest.raises(Rejected) as raised:
            wrong.send(sms())
        assert raised.value.fault is Fault.ACCOUNT
        with pytest.raises(Deferred):
            wrong.look_up(ref(sms(), provider_id="1"))
        if isinstance(wrong, TellsBalance):
            with pytest.raises(Rejected):
                wrong.balance()
    assert ledger(control) == []


def test_a_balance_is_an_amount(gateway: Gateway) -> None:
    if isinstance(gateway, TellsBalance):
        told = gateway.balance()
        assert (told.amount >= Decimal(0), len(told.currency)) == (True, 3)


GARBAGE = (
    b"",
    b"null",
    b"5",
    b'"x"',
    b"[]",
    b"[null]",
    b"{}",
    b'{"id": {}, "sid": [], "error": {}, "data": [], "CodeResult": {}, "status": []}',
    b"[" * 50_000,
    b'{"a": 1e999, "b": NaN}',
    b'{"id": "\xff"}',
    b"<!doctype html><title>Welcome</title>",
    b"<?xml version='1.0'?><a><b/></a>",
    b"<a" * 20_000,
    b"\x00" * 100,
)


@pytest.mark.parametrize("status", [200, 201, 204, 302, 400, 404])
def test_a_body_of_another_shape_is_never_a_success_or_a_refusal(
    name: str, status: int, serve: Serve, sms: Sms
) -> None:
    bodies = iter(GARBAGE)

    def script(connection: socket.socket, request: bytes) -> bool:
        body = b"" if status == 204 else next(bodies)
        head = f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n\r\n"
        connection.sendall((head if status != 204 else "HTTP/1.1 204 X\r\n\r\n").encode() + body)
        return True

    gateway = gateway_at(name, serve(script), tokens=Given())
    for _ in GARBAGE:
        with pytest.raises((OutcomeUnknown, Rejected)) as raised:
            gateway.send(sms())
        if isinstance(raised.value, Rejected):  # an address that is not there is the account's
            assert (status, raised.value.fault) == (404, Fault.ACCOUNT)
    bodies = iter(GARBAGE)
    for _ in GARBAGE:
        with pytest.raises(Deferred):
            gateway.look_up(ref(sms(), provider_id="1"))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Ho so da co ket qua. Moi den nhan.", id="toneless"),
        pytest.param("Hồ sơ đã có kết quả. Mời đến nhận.", id="accented"),
        pytest.param(unicodedata.normalize("NFD", "Hồ sơ đã có kết quả"), id="decomposed"),
        pytest.param("Xong rồi 🎉 1=2 & 3+4 {x} 100%", id="emoji"),
        pytest.param("a [b] ~ € ^ \\ | \n c", id="extension table"),
        pytest.param("x" * 153, id="longest gsm7"),
        pytest.param("ồ" * 67, id="longest ucs2"),
    ],
)
def test_the_words_arrive_as_they_are_in_nfc(
    text: str, gateway: Gateway, control: str, sms: Sms
) -> None:
    able = gateway.capabilities
    if len(text) in {67, 153}:
        text *= 1 if able.templates is Templates.BY_ID else able.max_segments
    kept = "".join(char for char in text if char not in able.refused_characters)
    if Alphabet.UCS2 not in able.alphabets:
        kept = kept.encode("ascii", "ignore").decode() or "x"
    gateway.send(sms(text=kept))
    (row,) = ledger(control)
    assert row["text"] == unicodedata.normalize("NFC", kept)


class Mailbox:
    """What the provider posted to us, as the API would hand it on."""

    def __init__(self, answer: WebhookAnswer) -> None:
        self.posts: queue.Queue[bytes] = queue.Queue()
        self.url = ""
        self._answer = answer

    def take(self, connection: socket.socket, request: bytes) -> bool:
        self.posts.put(request)
        words = self._answer.body.encode()
        head = f"HTTP/1.1 {self._answer.status} X\r\nContent-Length: {len(words)}\r\n"
        connection.sendall(f"{head}Connection: close\r\n\r\n".encode() + words)
        return False

    def next(self) -> WebhookRequest:
        head, _, body = self.posts.get(timeout=30).partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        method, target, _ = first.split(" ")
        headers = {name: value for name, _, value in (line.partition(": ") for line in lines)}
        path, _, said = target.partition("?")
        query = parse_qsl(said, keep_blank_values=True)
        attempt = dict(query).get("attempt") or path.partition("/receipts/s/")[2] or None
        return WebhookRequest(method, self.url + target, headers, query, body, attempt)


@pytest.fixture
def mailbox(serve: Serve, control: str, gateway: Gateway) -> Mailbox:
    made, name = Mailbox(gateway.capabilities.webhook_answer), gateway.name
    made.url = serve(made.take)
    for kind in ("receipts", "inbound"):
        where = {"url": f"{made.url}/{kind}/s"}
        requests.put(f"{control}/{kind}/{name}", json=where, timeout=5).raise_for_status()
    return made


def forgeries(posted: WebhookRequest) -> list[WebhookRequest]:
    return [
        replace(posted, body=posted.body + b" "),
        replace(posted, body=b""),
        replace(posted, headers={}),
    ]


def pushed(gateway: Gateway, mailbox: Mailbox, of: OutboundSms, accepted: Accepted) -> Receipt:
    """The last receipt that the provider pushes; each one is of that message."""
    while True:
        posted = mailbox.next()
        for receipt in gateway.parse_receipts(posted):
            assert receipt.gateway == gateway.name
            assert receipt.reference in {None, of.reference}
            assert receipt.provider_id in {None, accepted.provider_id}
            assert receipt.reference or receipt.provider_id
            if gateway.capabilities.receipt_proof is Proof.SIGNATURE:
                for forged in forgeries(posted):
                    with pytest.raises(BadSignature):
                        gateway.parse_receipts(forged)
            if receipt.report is not Report.SENT:
                return receipt


def polled(gateway: Gateway, of: OutboundSms, accepted: Accepted) -> Receipt:
    """The last receipt that the provider tells when it is asked for the message."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            answer = gateway.look_up(ref(of, provider_id=accepted.provider_id))
        except Deferred:  # it is too early to ask, at some
            answer = Absent()
        told = answer.receipt if isinstance(answer, Found) else None
        if told is not None and told.report is not Report.SENT:
            return told
        time.sleep(0.1)
    raise AssertionError("nothing final in time")


@pytest.mark.parametrize("report", [Report.DELIVERED, Report.UNDELIVERED])
def test_receipts_are_ours_and_tell_the_end(
    report: Report, gateway: Gateway, mailbox: Mailbox, sms: Sms
) -> None:
    able = gateway.capabilities
    assert Magic.UNDELIVERED in DIALECTS[gateway.name].undelivered
    to = PHONE if report is Report.DELIVERED else NUMBER_OF[Magic.UNDELIVERED]
    one = sms(to=to, callback_url=f"{mailbox.url}/receipts/s?attempt={sms().reference}")
    accepted = gateway.send(one)
    if report is Report.UNDELIVERED and not DIALECTS[gateway.name].tells_failures:
        with pytest.raises(queue.Empty):
            mailbox.posts.get(timeout=1)
        return
    if able.reports is Reports.PUSH:
        assert pushed(gateway, mailbox, one, accepted).report is report
    if able.polls or able.can_look_up:
        assert polled(gateway, one, accepted).report is report


def test_a_webhook_call_that_makes_no_sense_is_told_so(gateway: Gateway) -> None:
    for parse in (gateway.parse_receipts, gateway.parse_inbound):
        for body in GARBAGE:
            call = WebhookRequest("POST", "http://x/receipts/s", {}, [("a", "b")], body)
            with pytest.raises((BadSignature, BadWebhook)):
                parse(call)


def test_a_citizens_answer_arrives_as_written(
    gateway: Gateway, control: str, mailbox: Mailbox, sms: Sms
) -> None:
    proof = gateway.capabilities.inbound_proof
    if proof is None:
        with pytest.raises(BadWebhook):
            gateway.parse_inbound(WebhookRequest("POST", "http://x/inbound/s", {}, [], b""))
        return
    behave(control, gateway.name, receipts="none")
    gateway.send(sms(callback_url=f"{mailbox.url}/receipts/s?attempt={sms().reference}"))
    answer = {"from": PHONE, "to": SENDER, "text": "TC 1 & cảm ơn", "gateway": gateway.name}
    requests.post(f"{control}/reply", json=answer, timeout=5)
    posted = mailbox.next()
    inbound = gateway.parse_inbound(posted)
    assert (inbound.gateway, inbound.text) == (gateway.name, answer["text"])
    assert inbound.to in {SENDER, ""}  # some do not say where it was written to
    assert inbound.sender.lstrip("+") in {PHONE[1:], f"0{PHONE[3:]}"}
    assert inbound.provider_id
    if proof is Proof.SIGNATURE:
        forged_query = [(key, value.replace("TC", "TD")) for key, value in posted.query]
        forged = replace(posted, body=posted.body.replace(b"TC", b"TD"), query=forged_query)
        with pytest.raises(BadSignature):
            gateway.parse_inbound(forged)


def test_many_threads_share_one_gateway(gateway: Gateway, control: str, sms: Sms) -> None:
    together = threading.Barrier(THREADS)

    def work(number: int) -> list[Accepted]:
        together.wait()
        return [gateway.send(sms(f"{number}_{turn}")) for turn in range(3)]

    with ThreadPoolExecutor(THREADS) as pool:
        accepted = [one for several in pool.map(work, range(THREADS)) for one in several]
    assert len(accepted) == len(ledger(control)) == 3 * THREADS
    assert {one.provider_id for one in accepted} == {None} or (
        len({one.provider_id for one in accepted}) == 3 * THREADS
    )


def test_no_repr_shows_a_secret_a_phone_or_words(gateway: Gateway, sms: Sms) -> None:
    shown = repr(gateway) + repr(sms()) + repr(ref(sms()))
    for secret in (*secrets_of(gateway.name), PHONE[1:], sms().text):
        assert secret not in shown


# What is asked of the settings


def test_an_unknown_adapter_is_named() -> None:
    with pytest.raises(GatewayConfigError, match="carrier-pigeon"):
        registry.load([GatewaySettings("carrier-pigeon")], tools())


def test_an_option_that_is_missing_or_unknown_is_named(name: str) -> None:
    account = ACCOUNTS[name]
    required = [o.name for o in registry.adapter(name).options if o.required]
    for option in required:
        less = {key: value for key, value in account.items() if key != option}
        with pytest.raises(GatewayConfigError, match=f"BAOTIN_{name}_{option}".upper()):
            registry.load([GatewaySettings(name, "http://x", less)], tools())
    more = {**account, "carrier": "pigeon-of-mine"}
    with pytest.raises(GatewayConfigError, match=f"BAOTIN_{name}_carrier".upper()) as raised:
        registry.load([GatewaySettings(name, "http://x", more)], tools())
    for secret in (*secrets_of(name), "pigeon-of-mine"):
        assert secret not in str(raised.value)
