"""What the simulator is told at its start, and what it answers once it listens."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

Address = tuple[str, int]
"""Host and port; port 0 takes a free one."""

Accounts = Mapping[str, Mapping[str, str]]
"""By gateway: the options of the account that its dialect accepts, as the adapter names them.

Development values, never a real account's.
"""


@dataclass(frozen=True, slots=True)
class SimulatorConfig:
    """One simulator.

    `dialects` names the gateways to play and where each listens, `accounts` what each accepts.
    `inbound_urls` is where a citizen's SMS goes, by gateway; without an entry it is derived
    from the callback address of the last message (`…/receipts/…` → `…/inbound/…`).
    `receipt_urls` is where receipts go whose provider has one address for an account.
    `templates` are the registered ones, by gateway and the provider's id.
    """

    folder: Path  # made if missing; holds phones and texts in clear
    listen: Address
    dialects: Mapping[str, Address]
    accounts: Accounts = field(repr=False)
    inbound_urls: Mapping[str, str] = field(
        default_factory=lambda: MappingProxyType({}), repr=False
    )
    receipt_urls: Mapping[str, str] = field(
        default_factory=lambda: MappingProxyType({}), repr=False
    )
    templates: Mapping[str, Mapping[str, str]] = field(
        default_factory=lambda: MappingProxyType({}), repr=False
    )


@dataclass(frozen=True, slots=True)
class Bound:
    """Where a running simulator really listens."""

    control: Address
    dialects: Mapping[str, Address]
