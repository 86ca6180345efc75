from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

import pytest
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
