from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from gateways.simulator.embedded import running
from gateways.simulator.settings import Accounts, Bound, SimulatorConfig

_ANY = ("127.0.0.1", 0)


@pytest.fixture
def accounts() -> Accounts:
    return {
        "twilio": {
            "account_sid": "AC" + "0123456789abcdef" * 2,
            "auth_token": "a-token",
            "api_key": "SK" + "0123456789abcdef" * 2,
            "api_secret": "a-secret",
        },
        "simulator": {"token": "b-token"},
    }


@pytest.fixture
def config(accounts: Accounts, tmp_path: Path) -> SimulatorConfig:
    return SimulatorConfig(
        folder=tmp_path / "simulator",
        listen=_ANY,
        dialects=MappingProxyType({"twilio": _ANY, "simulator": _ANY}),
        accounts=accounts,
    )


@pytest.fixture
def bound(config: SimulatorConfig) -> Iterator[Bound]:
    with running(config) as bound:
        yield bound


@dataclass(frozen=True)
class Alone:
    """A simulator of one dialect: where it listens, and the control API."""

    url: str
    control: str

    def ledger(self) -> list[dict[str, Any]]:
        rows = requests.get(f"{self.control}/sim/messages", timeout=5).json()["messages"]
        return [*rows]

    def behave(self, name: str, kind: str) -> None:
        fault = {"faults": [{"kind": kind}]}
        requests.put(f"{self.control}/sim/behaviour/{name}", json=fault, timeout=5)

    def receipts_to(self, name: str, url: str) -> None:
        requests.put(f"{self.control}/sim/receipts/{name}", json={"url": url}, timeout=5)

    def reply(self, name: str, url: str, **reply: str) -> None:
        requests.put(f"{self.control}/sim/inbound/{name}", json={"url": url}, timeout=5)
        requests.post(f"{self.control}/sim/reply", json={**reply, "gateway": name}, timeout=5)


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Callable[..., Alone]]:
    """Starts a simulator that plays one dialect: `alone(name, **account)`."""
    with ExitStack() as running_ones:

        def start(name: str, **account: str) -> Alone:
            config = SimulatorConfig(
                folder=tmp_path / name,
                listen=_ANY,
                dialects={name: _ANY},
                accounts={name: account},
            )
            bound = running_ones.enter_context(running(config))
            port, control = bound.dialects[name][1], bound.control[1]
            return Alone(f"http://127.0.0.1:{port}", f"http://127.0.0.1:{control}")

        yield start


@pytest.fixture
def control(bound: Bound) -> str:
    """The control API's address."""
    return f"http://127.0.0.1:{bound.control[1]}"


@pytest.fixture
def plain(bound: Bound) -> str:
    """Where the simulator's own dialect takes messages."""
    return f"http://127.0.0.1:{bound.dialects['simulator'][1]}/messages"


@pytest.fixture
def twilio_url(bound: Bound, accounts: Accounts) -> str:
    """Where Twilio's dialect keeps the account."""
    port = bound.dialects["twilio"][1]
    return f"http://127.0.0.1:{port}/2010-04-01/Accounts/{accounts['twilio']['account_sid']}"


class _Here(TwilioHttpClient):  # type: ignore[misc]  # the package ships no types
    """Twilio's own client, with Twilio's host replaced by the simulator's."""

    def __init__(self, twilio_url: str) -> None:
        super().__init__(timeout=5)
        self._netloc = urlsplit(twilio_url).netloc

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        parts = urlsplit(url)._replace(scheme="http", netloc=self._netloc)
        return super().request(method, parts.geturl(), *args, **kwargs)


@pytest.fixture
def client(twilio_url: str, accounts: Accounts) -> Client:
    """The `twilio` package, generated from Twilio's OpenAPI: a client that is not ours."""
    here = _Here(twilio_url)
    return Client(
        accounts["twilio"]["account_sid"], accounts["twilio"]["auth_token"], http_client=here
    )


@pytest.fixture
def client_by_key(twilio_url: str, accounts: Accounts) -> Client:
    """The same with an API key."""
    account = accounts["twilio"]
    key, secret = account["api_key"], account["api_secret"]
    return Client(key, secret, account["account_sid"], http_client=_Here(twilio_url))
