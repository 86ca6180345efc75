"""Messages of last week, sealed under the key of then: what a resealing finds."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from notifier.domain.clock import ManualClock
from notifier.domain.ids import IdSource
from notifier.services.calling import seal_phone, seal_text
from notifier.services.composing import seal_body
from notifier.store.sealing import Sealer

Rows = list[dict[str, Any]]
_WORDS = "UBND P.Lai Thieu kinh bao Ong/Ba: ho so O-{0} da co ket qua. LH 0274 3755555."


def rows(numbers: Sequence[int], at: datetime, sealer: Sealer) -> tuple[Rows, Rows, Rows]:
    """A case, an event and a delivered message of theirs for each number."""
    ids = IdSource(ManualClock(at))
    cases: Rows = []
    events: Rows = []
    messages: Rows = []
    for number in numbers:
        case, event, message = ids.case(), ids.event(), ids.message()
        alike = {"case_id": case, "office_id": "lai-thieu", "source_id": "motcua"}
        cases.append(
            {"id": case, "office_id": "lai-thieu", "code": f"O-{number}", "created_at": at}
        )
        events.append(
            {
                **alike,
                "id": event,
                "source_event_id": f"o{number}",
                "type": "result_ready",
                "channel": "counter",
                "occurred_at": at,
                "received_at": at,
                "sends": True,
                "outcome": "accepted",
                "body_hash": b"o%d" % number,
                "body_cipher": seal_body(sealer, event, f'{{"id": "o{number}"}}'),
            }
        )
        messages.append(
            {
                **alike,
                "id": message,
                "event_id": event,
                "event_type": "result_ready",
                "occurred_at": at,
                "language": "vi",
                "state": "delivered",
                "phone_cipher": seal_phone(sealer, message, f"+849{10_000_000 + number}"),
                "phone_hash": b"o%d" % number,
                "phone_mask": "+84912***678",
                "text_cipher": seal_text(sealer, message, _WORDS.format(number)),
                "sender": "",
                "send_at": at,
                "valid_until": at,
                "possible_double": False,
                "no_receipt": False,
                "tries": 1,
                "created_at": at,
                "state_at": at,
            }
        )
    return cases, events, messages
