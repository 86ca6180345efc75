"""The audit log: rows are added and read, never changed."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from notifier.store.tables import AuditEntry


@dataclass(frozen=True, slots=True)
class AuditRow:
    id: str
    at: datetime
    actor: str
    action: str
    object: str
    office_id: str | None
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    request: str | None


def add(session: Session, row: AuditRow) -> None:
    session.add(
        AuditEntry(
            id=row.id,
            at=row.at,
            actor=row.actor,
            action=row.action,
            object=row.object,
            office_id=row.office_id,
            before=dict(row.before) if row.before is not None else None,
            after=dict(row.after) if row.after is not None else None,
            request=row.request,
            purge_after=None,
        )
    )


def page(
    session: Session,
    *,
    offices: Collection[str],
    everywhere: bool,
    actor: str | None = None,
    object_id: str | None = None,
    action: str | None = None,
    before_id: str | None = None,
    limit: int,
) -> list[AuditRow]:
    """Up to `limit` entries of these offices, newest first, older than `before_id`.

    `everywhere`: those of no office too.
    """
    of_offices = AuditEntry.office_id.in_(offices)
    statement = select(AuditEntry).where(
        or_(of_offices, AuditEntry.office_id.is_(None)) if everywhere else of_offices
    )
    for column, wanted in (
        (AuditEntry.actor, actor),
        (AuditEntry.object, object_id),
        (AuditEntry.action, action),
    ):
        if wanted is not None:
            statement = statement.where(column == wanted)
    if before_id is not None:
        statement = statement.where(AuditEntry.id < before_id)
    rows = session.scalars(statement.order_by(AuditEntry.id.desc()).limit(limit))
    return [
        AuditRow(
            one.id,
            one.at,
            one.actor,
            one.action,
            one.object,
            one.office_id,
            one.before,
            one.after,
            one.request,
        )
        for one in rows
    ]
