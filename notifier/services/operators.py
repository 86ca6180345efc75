"""What providers tell of phones' operators: kept by the phone's keyed hash, the newest telling.

Told with an answer or a report; never worked out from a prefix.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from notifier.domain.retention import Keeping
from notifier.services.catalogue import Known
from notifier.store import operators as rows


@dataclass(frozen=True, slots=True)
class Telling:
    """A gateway told the operator of an attempt's phone."""

    attempt_id: str
    gateway: str
    operator: str
    at: datetime


def learn(session: Session, told: Iterable[Telling], *, keeping: Keeping) -> None:
    """Keep the newest of these for each phone, unless a newer one is known."""
    by_attempt = {one.attempt_id: one for one in sorted(told, key=lambda one: one.at)}
    if not by_attempt:
        return
    newest: dict[bytes, Telling] = {}
    phones = rows.phones(session, by_attempt)
    for attempt, one in by_attempt.items():
        if (phone_hash := phones.get(attempt)) is not None:
            newest[phone_hash] = one
    rows.keep(
        session,
        [
            {
                "phone_hash": phone_hash,
                "operator": one.operator,
                "told_by": one.gateway,
                "told_at": one.at,
                "purge_after": one.at + keeping.personal,
            }
            for phone_hash, one in sorted(newest.items())  # never crosswise
        ],
    )


class Addressed(Protocol):
    """A message as routes ask about its phone."""

    @property
    def office_id(self) -> str: ...
    @property
    def phone_hash(self) -> bytes: ...


def known_of(session: Session, known: Known, messages: Collection[Addressed]) -> dict[bytes, str]:
    """By phone hash: the operator, for messages whose route asks for it, where it was told."""
    asked = {one.phone_hash for one in messages if known.asks_operators(one.office_id)}
    return {phone: row.operator for phone, row in rows.of(session, asked).items()}
