"""What is asked before words move on, over the API and on the pages alike.

A question is answered by its code: whoever answers has read it, and a new one is asked anew.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.orm import Session

from notifier.domain.events import Channel, EventType, Language
from notifier.domain.templates import parse
from notifier.domain.versions import Status, TemplateKey, placeholder_change
from notifier.services import placeholders, previewing, templates
from notifier.services.catalogue import Known
from notifier.services.template_views import PlaceholderEffect, VersionView
from notifier.services.views import FieldProblem, ServiceError
from notifier.services.wiring import Wiring
from notifier.store import templates as rows
from notifier.store.templates import VersionRow

_MANY_SEGMENTS = 3


class Question(StrEnum):
    """What is to be confirmed."""

    PLACEHOLDER_ADDED = "placeholder_added"
    PLACEHOLDER_REMOVED = "placeholder_removed"
    REPLACES_WAITING = "replaces_waiting"
    MANY_SEGMENTS = "many_segments"
    NO_WORDS = "no_words"


@dataclass(frozen=True, slots=True)
class Questions:
    """What would happen beside what was asked for."""

    effects: tuple[PlaceholderEffect, ...] = ()
    replaces: VersionView | None = None  # what waits for approval, and would no more
    segments: int = 0  # of its longest message, where those are many
    cost: int = 0  # of that message, in whole đồng
    no_words: bool = False  # the situation sends and has none: its messages are held

    @property
    def codes(self) -> frozenset[Question]:
        """What a yes must name."""
        added = {one.added for one in self.effects}
        asked = {
            Question.PLACEHOLDER_ADDED: True in added,
            Question.PLACEHOLDER_REMOVED: False in added,
            Question.REPLACES_WAITING: self.replaces is not None,
            Question.MANY_SEGMENTS: self.segments > 0,
            Question.NO_WORDS: self.no_words,
        }
        return frozenset(question for question, holds in asked.items() if holds)

    def require(self, confirmed: Collection[str]) -> None:
        """Raises `ConfirmationNeeded` unless each is confirmed."""
        if not self.codes <= set(confirmed):
            raise ConfirmationNeeded(self)


class ConfirmationNeeded(ServiceError):
    """Something is to be confirmed first; nothing was done."""

    def __init__(self, questions: Questions) -> None:
        super().__init__("something is to be confirmed")
        self.questions = questions


def of_submission(
    session: Session, key: TemplateKey, row: VersionRow, known: Known, wiring: Wiring
) -> Questions:
    """What to ask before a draft is handed to whoever approves."""
    waits = next(
        (
            one
            for one in rows.versions(session, row.template_id)
            if one.status == Status.SUBMITTED and one.number != row.number
        ),
        None,
    )
    sent = previewing.longest_sent(parse(row.text), key, known, wiring.settings.segment_cost)
    many = sent.segments >= _MANY_SEGMENTS
    return Questions(
        effects=effects(session, key, row.text, known, wiring),
        replaces=templates.versions_of(session, [waits])[0] if waits else None,
        segments=sent.segments if many else 0,
        cost=sent.cost if many else 0,
    )


def effects(
    session: Session, key: TemplateKey, text: str, known: Known, wiring: Wiring
) -> tuple[PlaceholderEffect, ...]:
    """What other placeholders do than those of the words sent now; where none are, nothing."""
    now_sent = known.words_by(key.office, key.event_type, key.channel, key.language)
    if now_sent is None:
        return ()
    change = placeholder_change(
        templates.placeholders_of(now_sent[0].text), templates.placeholders_of(text)
    )
    if not change:
        return ()
    return placeholders.effects(session, key, change, known=known, sealer=wiring.sealer)


def lacks_words(known: Known, office: str, event_type: EventType, channel: Channel) -> bool:
    """Whether the situation sends there without words: Vietnamese ones stand in for any other."""
    sends, _ = known.sends_by(office, event_type, channel)
    return sends and known.words_by(office, event_type, channel, Language.VI) is None


def problems(asked: Questions) -> list[FieldProblem]:
    """The questions as a problem document tells them; the code of each is what confirms it."""
    told = [_effect(one) for one in asked.effects]
    if asked.replaces is not None:
        said = f"Version {asked.replaces.number} waits for approval, and would no more."
        told.append(FieldProblem("number", Question.REPLACES_WAITING, said))
    if asked.segments:
        said = f"At its longest a message takes {asked.segments} SMS, {asked.cost} đồng."
        told.append(FieldProblem("text", Question.MANY_SEGMENTS, said))
    if asked.no_words:
        said = "There are no words for this situation: its messages would be held."
        told.append(FieldProblem("", Question.NO_WORDS, said))
    return told


def _effect(effect: PlaceholderEffect) -> FieldProblem:
    at = f"text.{effect.name}"
    if not effect.added:
        said = "Citizens no longer read this value."
        return FieldProblem(at, Question.PLACEHOLDER_REMOVED, said)
    told = "; ".join(
        f"{one.source} sent it in {one.filled} of its last {one.looked_at} such events"
        for one in effect.sources
    )
    missing = "its default stands in" if effect.default else "messages are held"
    said = f"Where it is missing, {missing}. "
    said += f"{told or 'No source posts for the offices in question'}."
    return FieldProblem(at, Question.PLACEHOLDER_ADDED, said)
