"""Words that wait for a person: to approve them, to publish them, or to change what came back."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from notifier.domain.events import Channel, EventType, Language
from notifier.domain.people import Permission
from notifier.domain.versions import TemplateKey
from notifier.services.actors import Actor
from notifier.services.catalogue import Known
from notifier.services.wiring import Wiring
from notifier.store import words_waiting as rows
from notifier.store.words_waiting import WaitingRow

MOST = 50  # of each kind


@dataclass(frozen=True, slots=True)
class Waiting:
    """A version, by its template and number."""

    key: TemplateKey
    number: int


@dataclass(frozen=True, slots=True)
class WordsWaiting:
    """What the person may approve or publish, and what came back; up to `MOST` of each."""

    to_approve: tuple[Waiting, ...]
    to_publish: tuple[Waiting, ...]
    sent_back: tuple[Waiting, ...]

    def __len__(self) -> int:
        return len(self.to_approve) + len(self.to_publish) + len(self.sent_back)


def look(actor: Actor, *, wiring: Wiring) -> WordsWaiting:
    """What waits for this person, whatever else they may do."""
    with wiring.sessions.read() as session:
        return found(session, actor, wiring.catalogue.current(session))


def found(session: Session, actor: Actor, known: Known) -> WordsWaiting:
    """As this transaction sees it; nothing is asked where the person may neither."""
    approves = actor.offices(Permission.TEMPLATES_APPROVE, known)
    writes = actor.offices(Permission.TEMPLATES_WRITE, known)
    return WordsWaiting(
        _read(rows.submitted(session, approves, not_by=actor.id, limit=MOST) if approves else ()),
        _read(rows.approved(session, approves, limit=MOST) if approves else ()),
        _read(rows.sent_back(session, writes, author=actor.id, limit=MOST) if writes else ()),
    )


def _read(kept: Iterable[WaitingRow]) -> tuple[Waiting, ...]:
    return tuple(
        Waiting(
            TemplateKey(
                one.office_id,
                EventType(one.event_type),
                Channel(one.channel),
                Language(one.language),
            ),
            one.number,
        )
        for one in kept
    )
