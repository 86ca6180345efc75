"""What is put in the place of what was: by several at once too, and the last one stays."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from notifier.services.seed import DEMO_SOURCE
from notifier.services.wiring import Wiring
from notifier.store import callbacks, duty, own_phones
from notifier.store.callbacks import CallbackRow
from notifier.store.tables import Base, DutyPhone, OwnPhone, SourceCallback

AT = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
AT_ONCE = 6


def put_callback(session: Session, _: str, value: bytes) -> None:
    callbacks.put(session, CallbackRow(DEMO_SOURCE, "https://a.example", value, AT))


def put_duty_phone(session: Session, _: str, value: bytes) -> None:
    duty.put(session, duty.PhoneRow("lai-thieu", value, value, "", AT))


def put_own_phone(session: Session, user: str, value: bytes) -> None:
    row = own_phones.PhoneRow(user, value, value, "", None, None, 0, AT, None)
    own_phones.put(session, row)


@pytest.mark.parametrize(
    ("put", "table", "column"),
    [
        (put_callback, SourceCallback, "secret_cipher"),
        (put_duty_phone, DutyPhone, "phone_cipher"),
        (put_own_phone, OwnPhone, "phone_cipher"),
    ],
    ids=["callback", "duty phone", "own phone"],
)
def test_several_put_it_at_once_and_one_stays(
    wiring: Wiring,
    hire: Callable[..., Any],
    put: Callable[[Session, str, bytes], None],
    table: type[Base],
    column: str,
) -> None:
    user, start = hire(wiring, "editor").staff.id, threading.Barrier(AT_ONCE)
    errors: list[str] = []

    def run(value: bytes) -> None:
        start.wait()
        try:
            with wiring.sessions.begin() as session:
                put(session, user, value)
        except Exception as problem:  # noqa: BLE001 - the test shows it
            errors.append(type(problem).__name__)

    threads = [threading.Thread(target=run, args=(b"%d" % n,)) for n in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with wiring.sessions.begin() as session:
        put(session, user, b"last")
        assert session.scalar(select(func.count()).select_from(table)) == 1
        assert session.scalar(select(getattr(table, column))) == b"last"
