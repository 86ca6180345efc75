"""Failed logins by bucket: an account at an address, an account, an address, a known device."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from notifier.store.tables import LoginThrottle
from notifier.store.upserts import insert_new


@dataclass(frozen=True, slots=True)
class ThrottleRow:
    bucket: bytes
    failures: int
    failed_at: datetime
    next_at: datetime


def lock(
    session: Session, buckets: Collection[bytes], *, now: datetime, purge_after: datetime
) -> dict[bytes, ThrottleRow]:
    """These buckets, made where new and locked until the transaction's end.

    Sorted, so that two transactions never lock crosswise.
    """
    ordered = sorted(buckets)
    session.connection().execute(
        insert_new(session, LoginThrottle),
        [
            {
                "bucket": bucket,
                "failures": 0,
                "failed_at": now,
                "next_at": now,
                "purge_after": purge_after,
            }
            for bucket in ordered
        ],
    )
    rows = session.execute(
        select(
            LoginThrottle.bucket,
            LoginThrottle.failures,
            LoginThrottle.failed_at,
            LoginThrottle.next_at,
        )
        .where(LoginThrottle.bucket.in_(ordered))
        .order_by(LoginThrottle.bucket)
        .with_for_update()
    )
    return {row.bucket: ThrottleRow(**row._mapping) for row in rows}


def put(session: Session, row: ThrottleRow, *, purge_after: datetime) -> None:
    """Write a locked bucket as it now stands."""
    session.execute(
        update(LoginThrottle)
        .where(LoginThrottle.bucket == row.bucket)
        .values(
            failures=row.failures,
            failed_at=row.failed_at,
            next_at=row.next_at,
            purge_after=purge_after,
        )
        .execution_options(synchronize_session=False)
    )


def forget(session: Session, buckets: Collection[bytes], *, or_before: datetime) -> None:
    """Remove these, and whichever no longer slow anybody."""
    session.execute(
        delete(LoginThrottle)
        .where(LoginThrottle.bucket.in_(buckets) | (LoginThrottle.purge_after < or_before))
        .execution_options(synchronize_session=False)
    )
