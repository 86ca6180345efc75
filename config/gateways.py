"""Settings of the gateways in use."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class OnUnknown(StrEnum):
    """What happens to a message whose outcome nobody could find out."""

    WAIT = "wait"  # for a receipt, then for a person
    OTHER_GATEWAY = "other_gateway"  # sent elsewhere, flagged as a possible double


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """One gateway account.

    `options` holds what only its adapter knows (credentials, sender), by the lower-case name
    that the adapter documents. It never shows in a repr.
    """

    name: str
    base_url: str = ""
    options: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    call_deadline_s: float = 8.0  # the whole call, connecting included; at most 8
    settle_s: float = 60.0  # how long after an attempt "absent" in a look-up is believed
    on_unknown: OnUnknown = OnUnknown.WAIT
    webhook_secret: str = field(default="", repr=False)  # the secret path of its receipts
