"""From an event to the message it makes: words chosen, rendered, counted, sealed.

What only the template needs never refuses an event: the message is held, with the reason.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

from notifier.domain import phones
from notifier.domain.calendar import SendingHours, add_open_time, next_opening, start_of
from notifier.domain.clock import read_instant
from notifier.domain.events import (
    CaseEvent,
    CaseRef,
    Channel,
    EventType,
    Language,
    Priority,
    Recipient,
    Value,
    validity,
)
from notifier.domain.placeholders import read_date
from notifier.domain.states import Reason, State
from notifier.domain.templates import MissingValue, render_message
from notifier.domain.text import analyse
from notifier.services.calling import open_phone, seal_phone, seal_text
from notifier.services.catalogue import Known
from notifier.store.sealing import KeyedHashes, Sealer


@dataclass(frozen=True, slots=True)
class Draft:
    """A message before it has a place in the database."""

    state: State
    reason: Reason | None
    version_id: str | None
    language: str
    phone: str | None = field(repr=False)
    mask: str
    text: str | None = field(repr=False)
    encoding: str | None
    segments: int | None
    missing: tuple[str, ...] = ()  # the placeholders that lack a value


def draft(event: CaseEvent, known: Known) -> Draft:
    """The message that the event makes: queued, or held with what a person must mend."""
    phone = phones.parse(event.recipient.phone)
    number = phone.e164 if phone.usable else None
    mask = phones.mask(phone.e164) if phone.e164 else "***"
    office, channel = event.case.office, event.case.channel
    speech = known.speech(office, event.type, channel, event.recipient.language)
    version_id, text, reason = None, None, None
    missing: tuple[str, ...] = ()
    language = event.recipient.language
    if speech is None:
        reason = Reason.NO_TEMPLATE
    elif speech.unfit:
        version_id, reason = speech.version_id, Reason.TEMPLATE_UNFIT
    else:
        version_id, language = speech.version_id, speech.language
        try:
            text = render_message(
                speech.template,
                office=known.constants(office),
                event=event,
                language=language,
                form=known.form(office),
                labels=known.labels(language),
            ).text
        except MissingValue as lacking:
            reason, missing = Reason.MISSING_VALUE, lacking.names
    if reason is None and number is None:
        reason = Reason.PHONE
    counted = analyse(text) if text is not None else None
    return Draft(
        state=State.QUEUED if reason is None else State.HELD,
        reason=reason,
        version_id=version_id,
        language=language,
        phone=number,
        mask=mask,
        text=text,
        encoding=counted.encoding if counted else None,
        segments=counted.segments if counted else None,
        missing=missing,
    )


def held_back(made: Draft, reason: Reason) -> Draft:
    """The same message held, unless it is held already: what is to be mended comes first."""
    if made.state is State.HELD:
        return made
    return replace(made, state=State.HELD, reason=reason)


def sealed_columns(
    made: Draft, message_id: str, *, sealer: Sealer, hashes: KeyedHashes
) -> dict[str, Any]:
    """The columns of `messages` that a draft fills, personal ones sealed."""
    return {
        "state": made.state,
        "reason": made.reason,
        "template_version_id": made.version_id,
        "language": made.language,
        "phone_cipher": seal_phone(sealer, message_id, made.phone) if made.phone else None,
        "phone_hash": hashes.phone(made.phone) if made.phone else None,
        "phone_mask": made.mask,
        "text_cipher": seal_text(sealer, message_id, made.text) if made.text else None,
        "encoding": made.encoding,
        "segments": made.segments,
    }


def message_row(
    made: Draft,
    message_id: str,
    *,
    sealer: Sealer,
    hashes: KeyedHashes,
    created_at: datetime,
    **columns: Any,
) -> dict[str, Any]:
    """A whole new row of `messages`; `columns` are those that a draft does not know."""
    return {
        "id": message_id,
        "possible_double": False,
        "no_receipt": False,
        "tries": 0,
        "resend_of": None,
        "created_at": created_at,
        "state_at": created_at,
        **sealed_columns(made, message_id, sealer=sealer, hashes=hashes),
        **columns,
    }


def seal_body(sealer: Sealer, event_id: str, body: str) -> bytes:
    return sealer.seal(body, table="events", column="body", row=event_id)


def open_body(sealer: Sealer, event_id: str, cipher: bytes) -> str:
    return sealer.open(cipher, table="events", column="body", row=event_id)


def seal_values(sealer: Sealer, message_id: str, values: Mapping[str, Value]) -> bytes | None:
    """What a person filled in; nothing where that is nothing."""
    if not values:
        return None
    told = json.dumps(dict(values), ensure_ascii=False)
    return sealer.seal(told, table="messages", column="values", row=message_id)


def open_values(sealer: Sealer, message_id: str, cipher: bytes | None) -> dict[str, Value]:
    if cipher is None:
        return {}
    told = sealer.open(cipher, table="messages", column="values", row=message_id)
    values: dict[str, Value] = json.loads(told)
    return values


def mended(
    raw: Mapping[str, Any], values: Mapping[str, Value], *, phone: str | None = None
) -> dict[str, Any]:
    """The event's body with what a person filled in, and another phone where one is given.

    The day on which a result is due is the case's own, and no part of `data`.
    """
    recipient = {**raw["recipient"], **({"phone": phone} if phone is not None else {})}
    case = raw["case"]
    if (due_on := read_date(values.get("ngay_hen"))) is not None:
        case = {**case, "due_at": start_of(due_on).isoformat()}
    data = {**raw.get("data", {}), **values}
    return {**raw, "case": case, "recipient": recipient, "data": data}


class Kept(Protocol):
    """What is kept of a message that has no words yet."""

    @property
    def id(self) -> str: ...
    @property
    def event_id(self) -> str: ...
    @property
    def phone_cipher(self) -> bytes | None: ...
    @property
    def values_cipher(self) -> bytes | None: ...


def draft_again(row: Kept, body: bytes, known: Known, *, sealer: Sealer) -> Draft:
    """The message by the words that hold now, with what people mended; `body`: of its event."""
    raw = json.loads(open_body(sealer, row.event_id, body))
    filled_in = open_values(sealer, row.id, row.values_cipher)
    phone = open_phone(sealer, row.id, row.phone_cipher) if row.phone_cipher else None
    return draft(read_body(json.dumps(mended(raw, filled_in, phone=phone))), known)


def due(event_type: str, now: datetime, hours: SendingHours | None) -> tuple[datetime, datetime]:
    """When a new message may first go, and until when it makes sense."""
    return next_opening(now, hours), add_open_time(now, validity(event_type), hours)


def read_body(body: str) -> CaseEvent:
    """The event back from the body that intake kept; it was validated then."""
    raw: Mapping[str, Any] = json.loads(body)
    case, recipient = raw["case"], raw["recipient"]
    procedure = case.get("procedure") or {}
    return CaseEvent(
        id=raw["id"],
        type=EventType(raw["type"]),
        occurred_at=read_instant(raw["occurred_at"]),
        case=CaseRef(
            code=case["code"],
            office=case["office"],
            channel=Channel(case["channel"]),
            procedure_code=procedure.get("code"),
            procedure_name=procedure.get("name"),
            due_at=read_instant(case["due_at"]) if case.get("due_at") else None,
        ),
        recipient=Recipient(
            name=recipient.get("name"),
            phone=recipient["phone"],
            language=Language(recipient.get("language", Language.VI)),
        ),
        data=raw.get("data", {}),
        priority=Priority(raw["priority"]) if "priority" in raw else None,
    )
