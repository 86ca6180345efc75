"""Templates as providers register them: where a registration stands, and which words may be sent.

draft ─▶ submitted ─▶ approved
  ▲          │   ▲        │
  │          ▼   │        ▼
  └───────  rejected  ◀───┘      (a provider may take an approval back)

Numbers are portable, so nobody knows which network a phone is on before its provider does: words
may be sent once every network that they were registered for has approved them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from notifier.domain.unsendable import has_link


class RegistrationStatus(StrEnum):
    """Where a template version stands with a provider."""

    DRAFT = "draft"  # written down here, nothing sent yet
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"


_R = RegistrationStatus

# From which statuses a step may come; nothing else changes one.
STEPS: Mapping[RegistrationStatus, frozenset[RegistrationStatus]] = MappingProxyType(
    {
        _R.SUBMITTED: frozenset({_R.DRAFT, _R.REJECTED}),
        _R.APPROVED: frozenset({_R.DRAFT, _R.SUBMITTED, _R.REJECTED}),
        _R.REJECTED: frozenset({_R.DRAFT, _R.SUBMITTED, _R.APPROVED}),
    }
)


class Network(StrEnum):
    """Whose approval it is; `all` where the provider registers once for every network."""

    ALL = "all"
    VIETTEL = "viettel"
    VINAPHONE = "vinaphone"
    MOBIFONE = "mobifone"
    VIETNAMOBILE = "vietnamobile"
    GMOBILE = "gmobile"
    WINTEL = "wintel"
    ITEL = "itel"


class ParameterKind(StrEnum):
    """What a parameter takes, as VinaPhone types them; empty where the provider names no type."""

    PLAIN = "A"  # letters, digits and spaces, no dot
    DOTTED = "B"  # dots too
    LINK = "C"  # and addresses
    ANY = ""

    def takes(self, value: str) -> bool:
        """Whether such a parameter may have this value."""
        match self:
            case ParameterKind.PLAIN:
                return "." not in value and not has_link(value)
            case ParameterKind.DOTTED:
                return not has_link(value)
            case ParameterKind.LINK | ParameterKind.ANY:
                return True


@dataclass(frozen=True, slots=True)
class ParameterSpec:
    """A parameter of a registered template, in the provider's order."""

    placeholder: str  # ours
    name: str  # the provider's; often the same
    kind: ParameterKind = ParameterKind.ANY
    maximum: int | None = None  # characters; empty where the provider names no length

    def takes(self, value: str) -> bool:
        """Whether the value is short enough and of the right kind."""
        fits = self.maximum is None or len(value) <= self.maximum
        return fits and self.kind.takes(value)


@dataclass(frozen=True, slots=True)
class Registration:
    """A template version as it stands with a provider, for a network and an office.

    `office`: whose constants stand in the registered words; empty: whichever office says them.
    """

    version_id: str
    gateway: str
    network: Network
    office: str
    status: RegistrationStatus
    provider_id: str
    parameters: tuple[ParameterSpec, ...]


def in_force(registrations: Iterable[Registration], office: str) -> Registration | None:
    """Of one version at one gateway: what may be sent for the office; none where nothing may.

    An office's own registrations go before those of every office. All networks must have approved,
    and under one id where there are ids: nobody could choose between two.
    """
    mine = [one for one in registrations if one.office in {office, ""}]
    own = [one for one in mine if one.office == office]
    rows = own or mine
    if not rows or any(one.status is not RegistrationStatus.APPROVED for one in rows):
        return None
    for_all = [one for one in rows if one.network is Network.ALL]
    if for_all:
        return for_all[0]
    same = {(one.provider_id, one.parameters) for one in rows}
    return rows[0] if len(same) == 1 else None
