"""Intake: an event is answered only after it and its message are committed.

One transaction for a group of requests: cases are locked in order, events that came before are
found, mootness is decided by the case's past, and all rows are written. Then one ring.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy.orm import Session

from notifier.allowances import Allowances
from notifier.domain.calendar import local
from notifier.domain.events import CaseEvent, EventType
from notifier.domain.ids import IdSource
from notifier.domain.mootness import is_moot, moot_types
from notifier.domain.retention import Keeping
from notifier.domain.states import Reason, State
from notifier.queue import Queue
from notifier.services import composing
from notifier.services.catalogue import Catalogue, Known
from notifier.services.grouping import Grouped
from notifier.services.views import (
    Caller,
    EventOutcome,
    EventResult,
    FieldProblem,
    MessageSummary,
)
from notifier.store import events, messages, source_days
from notifier.store.engine import Sessions
from notifier.store.events import CaseKey, Past, Summary
from notifier.store.sealing import KeyedHashes, Sealer

log = structlog.get_logger(__name__)

_GROUP_EVENTS = 1000
_RACES = 3


@dataclass(frozen=True, slots=True)
class Submitted:
    """An event as posted, and its body in canonical JSON."""

    event: CaseEvent
    body: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Post:
    """One request: the events of one source, in order."""

    source_id: str
    submitted: Sequence[Submitted]


class _Raced(Exception):
    """Another process wrote one of our events first: look again, and it came before."""


class Intake:
    """Takes events in. One per process: requests that wait together are committed together."""

    def __init__(
        self,
        *,
        sessions: Sessions,
        queue: Queue,
        catalogue: Catalogue,
        ids: IdSource,
        sealer: Sealer,
        hashes: KeyedHashes,
        keeping: Keeping,
        allowances: Allowances | None,
        per_minute: int,
    ) -> None:
        self._sessions = sessions
        self._queue = queue
        self._catalogue = catalogue
        self._ids = ids
        self._sealer = sealer
        self._hashes = hashes
        self._keeping = keeping
        self._allowances = allowances
        self._per_minute = per_minute  # of a source that has no limit of its own
        self._grouped: Grouped[_Post, list[EventResult]] = Grouped(
            self._serve, weigh=lambda post: len(post.submitted), most=_GROUP_EVENTS
        )

    def accept(self, caller: Caller, submitted: Sequence[Submitted]) -> list[EventResult]:
        """Keep the events and their messages; one result for each, in order.

        Raises `OverAllowance` or `StoreUnavailable`: nothing of this request was kept.
        """
        own = caller.intake_per_minute
        per_minute = self._per_minute if own is None else own
        if per_minute and self._allowances is not None:
            self._allowances.take(caller.source_id, len(submitted), per_minute=per_minute)
        return self._grouped(_Post(caller.source_id, submitted))

    def _serve(self, posts: Sequence[_Post]) -> list[list[EventResult]]:
        for _ in range(_RACES):
            try:
                with self._sessions.begin() as session:
                    group = _Group(
                        session=session,
                        now=self._sessions.now(session),
                        known=self._catalogue.current(session),
                        ids=self._ids,
                        sealer=self._sealer,
                        hashes=self._hashes,
                        keeping=self._keeping,
                    )
                    results = group.take(posts)
                break
            except _Raced:
                continue
        else:
            raise _Raced
        if group.queued:
            self._queue.ring_send()
        for event_id, message_id, outcome in group.log:
            log.info("event_taken", event_id=event_id, message=message_id, outcome=outcome)
        return results


@dataclass(frozen=True, slots=True)
class _Known:
    """An event that is kept: its answer is read once everything is written."""

    source_event_id: str
    event_id: str
    outcome: EventOutcome
    reason: str | None
    body_hash: bytes


@dataclass(slots=True)
class _Group:
    """One transaction of intake."""

    session: Session
    now: datetime
    known: Known
    ids: IdSource
    sealer: Sealer
    hashes: KeyedHashes
    keeping: Keeping
    queued: bool = False
    log: list[tuple[str, str | None, str]] = field(default_factory=list)
    _cases: dict[CaseKey, str] = field(default_factory=dict)
    _past: dict[str, list[Past]] = field(default_factory=dict)
    _new: dict[tuple[str, str], _Known] = field(default_factory=dict)
    _fresh: dict[str, Summary] = field(default_factory=dict)
    _event_rows: list[dict[str, Any]] = field(default_factory=list)
    _message_rows: list[dict[str, Any]] = field(default_factory=list)
    _left: dict[str, int] = field(default_factory=dict)  # by source that has a daily cap
    _made: Counter[str] = field(default_factory=Counter)  # by the same, in this group
    _supersede: list[tuple[str, frozenset[EventType], str, datetime]] = field(default_factory=list)

    def take(self, posts: Sequence[_Post]) -> list[list[EventResult]]:
        self._lock_cases(posts)
        self._read_caps({post.source_id for post in posts})
        kept = self._kept(posts)
        answers = [
            [self._one(post.source_id, one, kept[post.source_id]) for one in post.submitted]
            for post in posts
        ]
        self._write()
        stand = self._as_they_stand(answers)
        return [[self._tell(one, stand) for one in group] for group in answers]

    def _lock_cases(self, posts: Sequence[_Post]) -> None:
        wanted = {
            (one.event.case.office, one.event.case.code)
            for post in posts
            for one in post.submitted
            if self.known.may_post(post.source_id, one.event.case.office)
        }
        if not wanted:
            return
        fresh = [
            {
                "id": self.ids.case(),
                "office_id": office,
                "code": code,
                "created_at": self.now,
                "purge_after": self.now + self.keeping.rows,
            }
            for office, code in sorted(wanted)
        ]
        self._cases = events.lock_cases(self.session, fresh)
        made_here = {row["id"] for row in fresh}
        before = [case_id for case_id in self._cases.values() if case_id not in made_here]
        self._past = events.of_cases(self.session, before) if before else {}

    def _read_caps(self, sources: set[str]) -> None:
        caps = {source: cap for source in sources if (cap := self.known.daily_cap(source))}
        if caps:
            made = source_days.made(self.session, caps, local(self.now).date())
            self._left = {source: cap - made.get(source, 0) for source, cap in caps.items()}

    def _within_cap(self, source_id: str) -> bool:
        """Whether the source may make one more message today; if so, it is counted."""
        if source_id not in self._left:
            return True
        if self._left[source_id] <= 0:
            return False
        self._left[source_id] -= 1
        self._made[source_id] += 1
        return True

    def _kept(self, posts: Sequence[_Post]) -> dict[str, dict[str, events.Kept]]:
        asked: dict[str, set[str]] = {}
        for post in posts:
            asked.setdefault(post.source_id, set()).update(one.event.id for one in post.submitted)
        return {source: events.kept(self.session, source, ids) for source, ids in asked.items()}

    def _one(
        self, source_id: str, submitted: Submitted, kept: dict[str, events.Kept]
    ) -> EventResult | _Known:
        event = submitted.event
        if not self.known.may_post(source_id, event.case.office):
            return _invalid(
                event,
                "case.office",
                "unknown_office",
                "There is no such office that this key may post for.",
            )
        key = (source_id, event.id)
        body_hash = self.hashes.body(submitted.body)
        before = kept.get(event.id)
        if before is not None:
            came_first = _Known(event.id, before.id, EventOutcome.DUPLICATE, None, before.body_hash)
        elif key in self._new:
            came_first = replace(self._new[key], outcome=EventOutcome.DUPLICATE, reason=None)
        else:
            self._new[key] = self._take_new(source_id, submitted, body_hash)
            return self._new[key]
        if came_first.body_hash != body_hash:
            return _invalid(
                event, "id", "event_conflict", "This event id came before with another body."
            )
        return came_first

    def _take_new(self, source_id: str, submitted: Submitted, body_hash: bytes) -> _Known:
        event, event_id = submitted.event, self.ids.event()
        case_id = self._cases[event.case.office, event.case.code]
        sends = self.known.sends(event.case.office, event.type, event.case.channel)
        past = self._past.setdefault(case_id, [])
        outcome, reason = EventOutcome.SILENT, None
        if _came_too_late(event, event_id, past):
            outcome = EventOutcome.SUPERSEDED
        elif sends:
            outcome, reason = self._compose(source_id, case_id, event, event_id)
        moot = moot_types(event.type, sends)
        if past and moot:
            self._supersede.append((case_id, moot, event_id, event.occurred_at))
        past.append(Past(event_id, event.type, event.occurred_at, sends))
        self._event_rows.append(
            {
                "id": event_id,
                "source_id": source_id,
                "source_event_id": event.id,
                "case_id": case_id,
                "office_id": event.case.office,
                "type": event.type,
                "channel": event.case.channel,
                "occurred_at": event.occurred_at,
                "received_at": self.now,
                "sends": sends,
                "outcome": outcome,
                "reason": reason,
                "body_hash": body_hash,
                "body_cipher": composing.seal_body(self.sealer, event_id, submitted.body),
                "purge_after": self.now + self.keeping.personal,
            }
        )
        made = self._fresh.get(event_id)
        self.log.append((event_id, made.id if made else None, outcome))
        return _Known(event.id, event_id, outcome, reason, body_hash)

    def _compose(
        self, source_id: str, case_id: str, event: CaseEvent, event_id: str
    ) -> tuple[EventOutcome, str | None]:
        made = composing.draft(event, self.known)
        if made.phone is not None and not self.known.goes_out(
            event.case.office, self.hashes.phone(made.phone)
        ):
            made = composing.held_back(made, Reason.NOT_LIVE)
        if made.state is State.QUEUED and not self._within_cap(source_id):
            made = composing.held_back(made, Reason.SOURCE_CAP)
        message_id = self.ids.message()
        send_at, valid_until = composing.due(
            event.type, self.now, self.known.sending_hours(event.case.office)
        )
        self._message_rows.append(
            composing.message_row(
                made,
                message_id,
                sealer=self.sealer,
                hashes=self.hashes,
                event_id=event_id,
                case_id=case_id,
                office_id=event.case.office,
                source_id=source_id,
                event_type=event.type,
                priority=event.rank,
                occurred_at=event.occurred_at,
                sender=self.known.office(event.case.office).sender,
                send_at=send_at,
                valid_until=valid_until,
                created_at=self.now,
                purge_after=self.now + self.keeping.personal,
            )
        )
        self._fresh[event_id] = Summary(
            message_id,
            event_id,
            made.state,
            made.reason,
            made.mask,
            made.segments,
            made.encoding,
        )
        if made.state is State.HELD:
            return EventOutcome.HELD, made.reason
        self.queued = True
        return EventOutcome.ACCEPTED, None

    def _write(self) -> None:
        if events.add(self.session, self._event_rows) != len(self._event_rows):
            raise _Raced
        messages.add(self.session, self._message_rows)
        for case_id, types, event_id, occurred_at in self._supersede:
            messages.supersede(
                self.session,
                case_id=case_id,
                types=types,
                event_id=event_id,
                occurred_at=occurred_at,
                at=self.now,
            )
        # Last: a source's row is locked from here on.
        source_days.count(self.session, self._made, local(self.now).date())

    def _as_they_stand(
        self, answers: Sequence[Sequence[EventResult | _Known]]
    ) -> dict[str, list[Summary]]:
        """By event: its messages now, read again where another event may have moved them."""
        stand = {event_id: [made] for event_id, made in self._fresh.items()}
        reread = {
            one.event_id
            for group in answers
            for one in group
            if isinstance(one, _Known) and (self._supersede or one.event_id not in stand)
        }
        if reread:
            stand.update(events.summaries(self.session, reread))
        return stand

    def _tell(self, answer: EventResult | _Known, stand: dict[str, list[Summary]]) -> EventResult:
        if isinstance(answer, EventResult):
            return answer
        shown = tuple(
            MessageSummary(m.id, m.state, m.reason, m.phone_mask, m.segments, m.encoding)
            for m in stand.get(answer.event_id, [])
        )
        return EventResult(answer.source_event_id, answer.outcome, answer.reason, shown)


def _came_too_late(event: CaseEvent, event_id: str, past: Sequence[Past]) -> bool:
    """Whether something that happened later, but came sooner, makes this event moot."""
    return any(
        (later.occurred_at, later.id) > (event.occurred_at, event_id)
        and is_moot(event.type, EventType(later.type), later.sends)
        for later in past
    )


def _invalid(event: CaseEvent, path: str, code: str, message: str) -> EventResult:
    problem = FieldProblem(path, code, message)
    return EventResult(event.id, EventOutcome.INVALID, errors=(problem,))
