"""The life of a template's words: who writes, who approves, what is sent.

draft ─▶ submitted ─▶ approved ─▶ published
  ▲          │            │
  └── sent back ──────────┘        any of them ─▶ retired (newer words took its place)

A version's words never change; only where it stands does.
"""

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from notifier.domain.events import Channel, EventType, Language


class Status(StrEnum):
    """Where a version stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    PUBLISHED = "published"
    RETIRED = "retired"


class Step(StrEnum):
    """What somebody did with a version."""

    WRITTEN = "written"
    SUBMITTED = "submitted"
    SENT_BACK = "sent_back"
    APPROVED = "approved"
    PUBLISHED = "published"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class StatusMove:
    """From any of these statuses to that one; nothing else changes a status."""

    allowed_from: frozenset[Status]
    to: Status


_S = Status

STATUS_MOVES: Mapping[Step, StatusMove] = MappingProxyType(
    {
        Step.SUBMITTED: StatusMove(frozenset({_S.DRAFT}), _S.SUBMITTED),
        Step.SENT_BACK: StatusMove(frozenset({_S.SUBMITTED, _S.APPROVED}), _S.DRAFT),
        Step.APPROVED: StatusMove(frozenset({_S.SUBMITTED}), _S.APPROVED),
        Step.PUBLISHED: StatusMove(frozenset({_S.APPROVED}), _S.PUBLISHED),
        Step.RETIRED: StatusMove(frozenset(_S) - {_S.RETIRED}, _S.RETIRED),
    }
)

PENDING = frozenset({Status.DRAFT, Status.SUBMITTED, Status.APPROVED})


@dataclass(frozen=True, slots=True, order=True)
class TemplateKey:
    """Which words: an office's, for a situation, in a language."""

    office: str
    event_type: EventType
    channel: Channel
    language: Language

    def __str__(self) -> str:
        return f"{self.office}/{self.event_type}/{self.channel}/{self.language}"


class Change(StrEnum):
    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of two texts laid side by side."""

    change: Change
    text: str


_WORDS = re.compile(r"\{[^{}]*\}|\w+|\s+|.", re.DOTALL)


def diff(old: str, new: str) -> tuple[Piece, ...]:
    """The two texts as one: what stayed, what went, what came. Word by word."""
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    pieces: list[Piece] = []
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for verb, i1, i2, j1, j2 in matcher.get_opcodes():
        if verb == "equal":
            pieces.append(Piece(Change.SAME, "".join(before[i1:i2])))
            continue
        if i2 > i1:
            pieces.append(Piece(Change.REMOVED, "".join(before[i1:i2])))
        if j2 > j1:
            pieces.append(Piece(Change.ADDED, "".join(after[j1:j2])))
    return tuple(pieces)


@dataclass(frozen=True, slots=True)
class PlaceholderChange:
    """Placeholders that came and went between two texts, each in the order of the text."""

    added: tuple[str, ...]
    removed: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed)


def placeholder_change(before: Iterable[str], after: Iterable[str]) -> PlaceholderChange:
    """What changed; a placeholder that stands twice counts once."""
    old, new = tuple(dict.fromkeys(before)), tuple(dict.fromkeys(after))
    return PlaceholderChange(
        added=tuple(name for name in new if name not in old),
        removed=tuple(name for name in old if name not in new),
    )
