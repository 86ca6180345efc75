"""What services take and answer about templates registered with providers."""

from dataclasses import dataclass
from datetime import datetime

from notifier.domain.events import Channel, EventType, Language
from notifier.domain.registrations import Network, ParameterSpec, RegistrationStatus


@dataclass(frozen=True, slots=True)
class GivenRegistration:
    """What somebody says of a template version at a provider.

    `template_office` is whose template it is, empty for the shipped set's; without a number it is
    the version that is published. Without parameters: every placeholder in the order of the words,
    the constants of `office` aside.
    """

    event_type: EventType
    channel: Channel
    language: Language
    template_office: str = ""
    number: int | None = None
    network: Network = Network.ALL
    office: str = ""
    status: RegistrationStatus = RegistrationStatus.DRAFT
    provider_id: str = ""
    parameters: tuple[ParameterSpec, ...] | None = None
    remark: str | None = None


@dataclass(frozen=True, slots=True)
class RegistrationView:
    """A template version as it stands with a provider."""

    id: str
    gateway: str
    network: Network
    office: str  # whose constants stand in the words; empty: whichever office says them
    template_office: str  # whose template it is; empty: the shipped set's
    event_type: str
    channel: str
    language: str
    number: int
    words: str  # as the provider gets them: {placeholder} where a parameter stands
    status: RegistrationStatus
    provider_id: str
    parameters: tuple[ParameterSpec, ...]
    remark: str | None
    status_at: datetime
