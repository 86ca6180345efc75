"""Every adapter against the simulator in its own dialect. `-k NAME` runs one adapter alone."""

import zlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import requests

from gateways.base import Gateway, OutboundSms, Parameter, RegisteredTemplate
from gateways.simulator.embedded import running
from gateways.simulator.settings import Bound, SimulatorConfig
from tests.gateways.conformance.held import (
    ACCOUNTS,
    ANY,
    NAMES,
    PHONE,
    SENDER,
    TEMPLATE,
    TEXT,
    Mailbox,
    Serve,
    Sms,
    gateway_of,
)


@pytest.fixture(scope="session")
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


@pytest.fixture
def mailbox(serve: Serve, control: str, gateway: Gateway) -> Mailbox:
    made, name = Mailbox(gateway.capabilities.webhook_answer), gateway.name
    made.url = serve(made.take)
    for kind in ("receipts", "inbound"):
        where = {"url": f"{made.url}/{kind}/s"}
        requests.put(f"{control}/{kind}/{name}", json=where, timeout=5).raise_for_status()
    return made
