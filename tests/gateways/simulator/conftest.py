from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType

import pytest

from gateways.simulator.embedded import running
from gateways.simulator.settings import Accounts, Bound, SimulatorConfig

_ANY = ("127.0.0.1", 0)


@pytest.fixture
def accounts() -> Accounts:
    return Accounts(
        twilio_sid="AC" + "0123456789abcdef" * 2,
        twilio_token="a-token",
        simulator_token="b-token",
        twilio_api_key="SK" + "0123456789abcdef" * 2,
        twilio_api_secret="a-secret",
    )


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
    return f"http://127.0.0.1:{port}/2010-04-01/Accounts/{accounts.twilio_sid}"
