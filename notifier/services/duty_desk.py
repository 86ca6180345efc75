"""An alert becomes an SMS to the duty phone of each office that it touches, in the sweep.

The SMS is a message of the office like any other, with a case and an event of its own, so it goes
through the office's gateways and is found where messages are found. It raises no alert itself.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.orm import Session

from notifier.domain import duty as words
from notifier.domain.events import ALERT, Channel, Language
from notifier.domain.ids import IdSource
from notifier.domain.retention import Keeping
from notifier.domain.states import State
from notifier.domain.text import analyse
from notifier.services import composing
from notifier.services.catalogue import Known
from notifier.services.duty_phones import SEALED
from notifier.store import duty as rows
from notifier.store import events, messages
from notifier.store.duty import Notice, PhoneRow
from notifier.store.sealing import KeyedHashes, SealBroken, Sealer

log = structlog.get_logger(__name__)

SOURCE = "bao-tin"  # the source of events that are our own
_NAME = "Báo Tin"
_HOUR = timedelta(hours=1)
_AT_ONCE = 200
_URGENT = 0


@dataclass(frozen=True, slots=True)
class DutyDesk:
    """Writes what duty phones are told."""

    sealer: Sealer
    hashes: KeyedHashes
    ids: IdSource
    keeping: Keeping

    def note(
        self, session: Session, alert_id: str, touched: frozenset[str], known: Known, now: datetime
    ) -> None:
        """Put down the duty phones that are to be told of the alert, each phone once."""
        held = rows.phones(session)
        if not held:
            return
        nearest = (
            next((held[one] for one in known.lineage(office) if one in held), None)
            for office in sorted(touched)
        )
        by_phone: dict[bytes, PhoneRow] = {}
        for row in nearest:
            if row is not None:
                by_phone.setdefault(row.phone_hash, row)
        rows.note(
            session,
            [
                {
                    "id": self.ids.new("ntc"),
                    "alert_id": alert_id,
                    "office_id": row.office_id,
                    "made_at": now,
                    "settled_at": None,
                    "message_id": None,
                    "purge_after": now + self.keeping.rows,
                }
                for row in by_phone.values()
            ],
        )

    def write(self, session: Session, known: Known, *, now: datetime) -> None:
        """Make the SMS that are due: at most so many an hour, the last of which counts the rest."""
        offices = rows.waiting_offices(session)
        if not offices:
            return
        full, closed = self._held_back(session, offices, known, now)
        notices = rows.open_notices(
            session, _AT_ONCE, at_any_hour=words.AT_ANY_HOUR, full=full, closed=closed
        )
        # Only now: another sweep may have told some until these were locked.
        held = self._reached(session, known)
        over = [one.id for one in notices if one.is_over or one.office_id not in held]
        rows.settle(session, over, at=now)
        waiting: dict[str, list[Notice]] = {}
        for one in notices:
            if not one.is_over and one.office_id in held:
                waiting.setdefault(one.office_id, []).append(one)
        room = self._room(session, [held[office_id] for office_id in waiting], now)
        for office_id, due in waiting.items():
            phone = held[office_id]
            number = self._number(phone)
            if number is None:
                rows.settle(session, [one.id for one in due], at=now)
                continue
            for told in _shared(due, room[phone.phone_hash]):
                self._tell(session, phone, number, told, known, now)
                room[phone.phone_hash] -= 1

    def _held_back(
        self, session: Session, offices: frozenset[str], known: Known, now: datetime
    ) -> tuple[list[str], list[str]]:
        """Of these offices those whose phone has no room, and all those that are closed now."""
        held = self._reached(session, known)
        room = self._room(session, [held[one] for one in offices if one in held], now)
        full = [one for one in offices if one in held and room[held[one].phone_hash] <= 0]
        return full, [one for one in known.closed(now) if one in held]

    @staticmethod
    def _reached(session: Session, known: Known) -> dict[str, PhoneRow]:
        """The duty phones that get messages of their office: before it is live only a test number
        does."""
        held = rows.phones(session)
        return {one: row for one, row in held.items() if known.goes_out(one, row.phone_hash)}

    @staticmethod
    def _room(session: Session, phones: Sequence[PhoneRow], now: datetime) -> dict[bytes, int]:
        """How many SMS more each phone may get this hour."""
        hashes = {one.phone_hash for one in phones}
        told = rows.told_since(session, hashes, now - _HOUR)
        return {one: words.MOST_AN_HOUR - told.get(one, 0) for one in hashes}

    def _number(self, phone: PhoneRow) -> str | None:
        try:
            return self.sealer.open(phone.phone_cipher, row=phone.office_id, **SEALED)
        except SealBroken as problem:
            log.error("seal_broken", office=phone.office_id, why=str(problem))
            return None

    def _tell(
        self,
        session: Session,
        phone: PhoneRow,
        number: str,
        told: Sequence[Notice],
        known: Known,
        now: datetime,
    ) -> None:
        office = known.office(phone.office_id)
        first = told[0]
        text = (
            words.words(office.name, first.kind, subject=first.subject, detail=first.detail)
            if len(told) == 1
            else words.count(office.name, len(told))
        )
        message_id, event_id = self.ids.message(), self.ids.event()
        rows.keep_source(session, SOURCE, _NAME, at=now)
        case = {
            "id": self.ids.case(),
            "office_id": office.id,
            "code": event_id,  # one of its own: no alert waits for another
            "created_at": now,
            "purge_after": now + self.keeping.rows,
        }
        events.lock_cases(session, [case])
        events.add(session, [self._event(event_id, str(case["id"]), office.id, text, now)])
        messages.add(
            session,
            [
                composing.message_row(
                    _draft(number, phone.phone_mask, text),
                    message_id,
                    sealer=self.sealer,
                    hashes=self.hashes,
                    created_at=now,
                    event_id=event_id,
                    case_id=case["id"],
                    office_id=office.id,
                    source_id=SOURCE,
                    event_type=ALERT,
                    priority=_URGENT,
                    occurred_at=now,
                    sender=office.sender,
                    send_at=now,
                    valid_until=now + words.VALID_FOR,
                    released_at=now,  # caps and budgets are for citizens' messages
                    purge_after=now + self.keeping.personal,
                )
            ],
        )
        rows.settle(session, [one.id for one in told], at=now, message_id=message_id)
        log.info("duty_phone_told", office=office.id, message=message_id, alerts=len(told))

    def _event(
        self, event_id: str, case_id: str, office_id: str, text: str, now: datetime
    ) -> dict[str, Any]:
        return {
            "id": event_id,
            "source_id": SOURCE,
            "source_event_id": event_id,
            "case_id": case_id,
            "office_id": office_id,
            "type": ALERT,
            "channel": Channel.COUNTER,
            "occurred_at": now,
            "received_at": now,
            "sends": True,
            "outcome": "accepted",
            "reason": None,
            "body_hash": self.hashes.body(text),
            "body_cipher": None,
            "purge_after": now + self.keeping.personal,
        }


def _shared(due: Sequence[Notice], room: int) -> Iterator[Sequence[Notice]]:
    """Which alerts an SMS tells each, while there is room for so many SMS."""
    if room <= 0:
        return
    room = min(len(due), room)
    for one in due[: room - 1]:
        yield [one]
    yield due[room - 1 :]


def _draft(number: str, mask: str, text: str) -> composing.Draft:
    counted = analyse(text)
    return composing.Draft(
        state=State.QUEUED,
        reason=None,
        version_id=None,
        language=Language.VI,
        phone=number,
        mask=mask,
        text=text,
        encoding=counted.encoding,
        segments=counted.segments,
    )
