"""What services answer about templates, and their refusals."""

from dataclasses import dataclass
from datetime import datetime

from notifier.domain.placeholders import Kind
from notifier.domain.registrations import Registration
from notifier.domain.versions import Piece, TemplateKey
from notifier.services.views import ServiceError

SHIPPED = "shipped"  # whose words or whose decision it is when no office says otherwise


@dataclass(frozen=True, slots=True)
class StepView:
    """What somebody did with a version, and what they said to it."""

    step: str
    by: str
    by_name: str
    at: datetime
    remark: str | None


@dataclass(frozen=True, slots=True)
class VersionView:
    id: str
    number: int
    status: str
    text: str
    author: str | None
    author_name: str | None
    reason: str | None
    back_to: int | None
    created_at: datetime
    placeholders: tuple[str, ...]
    steps: tuple[StepView, ...]
    registered: tuple[Registration, ...]  # where it stands with providers


@dataclass(frozen=True, slots=True)
class PlaceholderView:
    """A placeholder that may stand in a text."""

    name: str
    kind: Kind
    maximum: int
    default: str | None


@dataclass(frozen=True, slots=True)
class WordsView:
    """The words that are sent now, and whose they are: an office's, or `shipped`."""

    version_id: str
    text: str
    said_by: str


@dataclass(frozen=True, slots=True)
class PendingView:
    """The office's newest words that are not sent yet; a draft only where no others wait."""

    number: int
    status: str


@dataclass(frozen=True, slots=True)
class LanguageView:
    """A situation's words in a language; without any, a message that needs them is held."""

    language: str
    words: WordsView | None
    own: bool  # the office's own, not inherited
    pending: PendingView | None


@dataclass(frozen=True, slots=True)
class SituationView:
    """A situation at an office: whether it sends, by whose decision, in which words.

    `standing`: `own`, `inherited`, `silent` (switched off, or without words on purpose) or
    `missing` (it sends, but nobody wrote Vietnamese words: messages are held).
    """

    office: str
    event_type: str
    channel: str
    sends: bool
    sends_said_by: str
    standing: str
    languages: tuple[LanguageView, ...]
    used: int  # its messages with words, of the last 30 days


@dataclass(frozen=True, slots=True)
class SituationList:
    office: str
    situations: tuple[SituationView, ...]


@dataclass(frozen=True, slots=True)
class TemplateView:
    """One template of an office: what is sent now, its own versions, what may stand in it."""

    key: TemplateKey
    sends: bool
    sends_said_by: str
    words: WordsView | None
    registered: tuple[Registration, ...]  # where the words sent now stand with providers
    own: bool
    inherited: WordsView | None  # what it would send without words of its own
    newest: int  # the number that the next edit names as seen; 0 before the first version
    versions: tuple[VersionView, ...]
    placeholders: tuple[PlaceholderView, ...]


@dataclass(frozen=True, slots=True)
class DiffView:
    """Two versions as one text; number 0 stands for the words that would be inherited."""

    old: int
    new: int
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class AffectedSource:
    """A source whose events fill these words, and how it filled a placeholder lately."""

    source: str
    looked_at: int  # its latest events of this situation, at most 20
    filled: int  # those of them that brought the value


@dataclass(frozen=True, slots=True)
class PlaceholderEffect:
    """A placeholder that came into the words or left them, and what sources send for it."""

    name: str
    added: bool
    default: bool  # a default stands in where the value is missing
    sources: tuple[AffectedSource, ...]


class StaleDraft(ServiceError):
    """Somebody else wrote since; theirs is kept, and so is nothing of this."""

    def __init__(self, newest: VersionView | None) -> None:
        super().__init__("there is a newer version")
        self.newest = newest


class VersionMovedOn(ServiceError):
    """The version is past what was asked; `status` is where it stands now."""

    def __init__(self, status: str) -> None:
        super().__init__(f"the version is {status}")
        self.status = status


class OwnWork(ServiceError):
    """Another person must do this."""
