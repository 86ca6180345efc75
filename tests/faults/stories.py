"""What happened at the desk: stories of cases, made from a seed, that the sender posts.

A row of the ledger is known by its phone, its case code and a mark in its words. Twins share all
three: two events that make the same SMS to the same phone, so that a look-up by words can take
one for the other.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

_PREFIXES = ("090", "091", "093", "096", "097", "098", "086", "032", "070", "081")
_BATCH = 20


@dataclass(frozen=True, slots=True)
class Key:
    """By what a row of the ledger is known to be an event's."""

    phone: str  # E.164
    code: str
    mark: str  # stands in the toneless text


@dataclass(frozen=True, slots=True)
class PostedEvent:
    """An event as the sender posts it, and how to know its SMS."""

    id: str
    key: Key
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Story:
    """Events posted one after another, each once the one before is answered; or all at once."""

    kind: str  # single | batch | case | twins | overtaken
    starts_s: float
    events: tuple[PostedEvent, ...]

    @property
    def at_once(self) -> bool:
        return self.kind == "batch"

    @property
    def ordered(self) -> bool:
        """Whether the ledger must show the events in their order."""
        return self.kind == "case"


def tell(seed: int, *, events: int, over_s: float, began: datetime) -> list[Story]:
    """Stories of about `events` events in all, begun evenly over `over_s` seconds."""
    chance = random.Random(seed)  # noqa: S311 - a drill that repeats
    told: list[tuple[str, tuple[PostedEvent, ...]]] = []
    teller = _Teller(chance, began)
    left = events
    while left > 0:
        kind = chance.choices(
            ["single", "batch", "case", "twins", "overtaken"], [600, 8, 70, 25, 20]
        )[0]
        if kind == "batch" and left < _BATCH:
            kind = "single"
        made = tuple(getattr(teller, kind)())
        told.append((kind, made))
        left -= len(made)
    gap = over_s / len(told)
    return [
        Story(kind, (place + chance.random()) * gap, made)
        for place, (kind, made) in enumerate(told)
    ]


class _Teller:
    """Makes events with numbers of their own."""

    def __init__(self, chance: random.Random, began: datetime) -> None:
        self._chance = chance
        self._began = began
        self._count = 0
        self._phones: list[str] = []

    def single(self) -> Iterator[PostedEvent]:
        yield self._ready(self._code(), self._phone())

    def batch(self) -> Iterator[PostedEvent]:
        for _ in range(_BATCH):
            yield from self.single()

    def twins(self) -> Iterator[PostedEvent]:
        code, phone, place = self._code(), self._phone(), self._place()
        for _ in range(2):
            yield self._ready(code, phone, place)

    def case(self) -> Iterator[PostedEvent]:
        """Four messages, none of which makes another moot."""
        code, phone = self._code(), self._phone()
        fee = 10_000 + self._count
        written = f"{fee:,}".replace(",", ".")
        yield self._event("fee_due", code, phone, written, minute=0, le_phi=fee)
        for minute in (1, 2):
            reason = f"ly do {self._count:06}"
            date = (self._began + timedelta(days=3)).date().isoformat()
            yield self._event(
                "extended", code, phone, reason, minute=minute, ly_do=reason, ngay_hen_moi=date
            )
        yield self._ready(code, phone, minute=3)

    def overtaken(self) -> Iterator[PostedEvent]:
        """The second makes the first moot, if it is not out by then."""
        code, phone = self._code(), self._phone()
        yield self._event("received", code, phone, "tiep nhan", channel="online")
        yield self._event("result_ready", code, phone, "co ket qua", channel="online", minute=1)

    def _ready(
        self, code: str, phone: str, place: str | None = None, minute: int = 0
    ) -> PostedEvent:
        place = place or self._place()
        return self._event("result_ready", code, phone, place, minute=minute, noi_nhan=place)

    def _place(self) -> str:
        return f"quay {self._count:06}"

    def _event(
        self,
        type_: str,
        code: str,
        phone: str,
        mark: str,
        *,
        channel: str = "counter",
        minute: int = 0,
        **data: object,
    ) -> PostedEvent:
        self._count += 1
        event_id = f"drill-{self._count}"
        occurred_at = self._began - timedelta(hours=1) + timedelta(minutes=minute)
        body = {
            "id": event_id,
            "type": type_,
            "occurred_at": occurred_at.isoformat(),
            "case": {
                "code": code,
                "office": "lai-thieu",
                "channel": channel,
                "due_at": (self._began + timedelta(days=2)).isoformat(),
            },
            "recipient": {"phone": phone},
            "data": data,
        }
        return PostedEvent(event_id, Key(f"+84{phone[1:]}", code, mark), body)

    def _code(self) -> str:
        self._count += 1
        return f"H29-{self._count:06}"

    def _phone(self) -> str:
        """Mostly a new one; sometimes a citizen with several cases."""
        if self._phones and self._chance.random() < 0.1:
            return self._chance.choice(self._phones)
        self._count += 1
        phone = f"{self._chance.choice(_PREFIXES)}{4_000_000 + self._count:07}"
        self._phones.append(phone)
        return phone
