"""The phones of staff, each sealed, and the SMS that went to them: kept to bound them."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from notifier.store.tables import OwnPhone, StaffText
from notifier.store.upserts import insert_or_replace

_COUNTS_TEXTS = 0x62616F76  # an advisory lock of PostgreSQL, held by whoever counts


class Purpose(StrEnum):
    """Why a person of staff gets an SMS."""

    CODE = "code"
    TRIAL = "trial"


@dataclass(frozen=True, slots=True)
class PhoneRow:
    user_id: str
    phone_cipher: bytes = field(repr=False)
    phone_hash: bytes = field(repr=False)
    phone_mask: str
    code_hash: bytes | None = field(repr=False)
    code_expires_at: datetime | None
    wrong_codes: int
    given_at: datetime
    verified_at: datetime | None


def of_user(session: Session, user_id: str, *, for_update: bool = False) -> PhoneRow | None:
    """The person's phone, whether it is verified or not."""
    statement = (
        select(OwnPhone)
        .where(OwnPhone.user_id == user_id)
        .execution_options(populate_existing=True)
    )
    row = session.scalar(statement.with_for_update() if for_update else statement)
    return PhoneRow(**{name: getattr(row, name) for name in PhoneRow.__slots__}) if row else None


def put(session: Session, row: PhoneRow) -> None:
    """Keep this as the person's phone, in the place of the one before."""
    columns = {name: getattr(row, name) for name in PhoneRow.__slots__} | {"purge_after": None}
    statement = insert_or_replace(session, OwnPhone, key=("user_id",))
    session.connection().execute(statement, [columns])


def change(session: Session, user_id: str, **values: Any) -> None:
    session.execute(
        update(OwnPhone)
        .where(OwnPhone.user_id == user_id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )


def remove(session: Session, user_id: str) -> None:
    session.execute(
        delete(OwnPhone)
        .where(OwnPhone.user_id == user_id)
        .execution_options(synchronize_session="fetch")
    )


def in_turn(session: Session) -> None:
    """From here to their end, transactions that count what went out come one after the other.

    So none misses what another is about to note. Take it before a row's lock, never after.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_COUNTS_TEXTS)))


def note(
    session: Session,
    text_id: str,
    *,
    user_id: str,
    purpose: Purpose,
    phone_hash: bytes,
    at: datetime,
    purge_after: datetime,
) -> None:
    """Note an SMS that is about to go to the person."""
    session.add(
        StaffText(
            id=text_id,
            user_id=user_id,
            purpose=purpose,
            phone_hash=phone_hash,
            sent_at=at,
            purge_after=purge_after,
        )
    )
    session.flush()


def sent_since(
    session: Session, since: datetime, purpose: Purpose, *, user_id: str, phone_hash: bytes
) -> tuple[int, datetime | None]:
    """How many went to the person or the phone since then, whichever is more; and the first one."""
    in_turn(session)
    most, first = 0, None
    for of in (StaffText.user_id == user_id, StaffText.phone_hash == phone_hash):
        count, began_at = session.execute(
            select(func.count(), func.min(StaffText.sent_at)).where(
                of, StaffText.purpose == purpose, StaffText.sent_at > since
            )
        ).one()
        if count > most:
            most, first = count, began_at
    return most, first
