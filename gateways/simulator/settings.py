"""What the simulator is told at its start, and what it answers once it listens."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

Address = tuple[str, int]
"""Host and port; port 0 takes a free one."""

TWILIO = "twilio"
SIMULATOR = "simulator"


@dataclass(frozen=True, slots=True)
class Accounts:
    """The credentials that the dialects accept. Development values, never a real account's."""

    twilio_sid: str  # AC and 32 hex digits
    twilio_token: str = field(repr=False)  # also signs Twilio's webhooks
    simulator_token: str = field(repr=False)  # bearer; also signs the simulator's webhooks
    twilio_api_key: str = ""  # SK and 32 hex digits; "" for none
    twilio_api_secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class SimulatorConfig:
    """One simulator.

    `dialects` names the gateways to play and where each listens; known are `twilio` and
    `simulator`. `inbound_urls` is where a citizen's SMS goes, by gateway; without an entry it
    is derived from the callback address of the last message (`…/receipts/…` → `…/inbound/…`).
    """

    folder: Path  # made if missing; holds phones and texts in clear
    listen: Address
    dialects: Mapping[str, Address]
    accounts: Accounts
    inbound_urls: Mapping[str, str] = field(
        default_factory=lambda: MappingProxyType({}), repr=False
    )


@dataclass(frozen=True, slots=True)
class Bound:
    """Where a running simulator really listens."""

    control: Address
    dialects: Mapping[str, Address]
