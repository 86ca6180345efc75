"""Templates with all their versions: written, moved from status to status, and read."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from notifier.domain.versions import PENDING, Status, StatusMove, TemplateKey
from notifier.store.tables import Template, TemplateStep, TemplateVersion
from notifier.store.upserts import insert_new


@dataclass(frozen=True, slots=True)
class VersionRow:
    id: str
    template_id: str
    number: int
    text: str
    status: str
    created_at: datetime
    author: str | None
    reason: str | None
    back_to: int | None


@dataclass(frozen=True, slots=True)
class StepRow:
    version_id: str
    step: str
    by: str
    at: datetime
    remark: str | None


Cell = tuple[str, str, str]  # event type, channel, language


def lock(session: Session, key: TemplateKey, new_id: str) -> str:
    """The id of the office's own template, made where new; locked until the transaction's end."""
    session.connection().execute(
        insert_new(session, Template),
        [
            {
                "id": new_id,
                "office_id": key.office,
                "event_type": key.event_type,
                "channel": key.channel,
                "language": key.language,
            }
        ],
    )
    return session.scalars(select(Template.id).where(*_is(key)).with_for_update()).one()


def find(session: Session, key: TemplateKey, *, for_update: bool = False) -> str | None:
    """The id of the office's own template, if it ever had one."""
    statement = select(Template.id).where(*_is(key))
    return session.scalar(statement.with_for_update() if for_update else statement)


def _is(key: TemplateKey) -> tuple[ColumnElement[bool], ...]:
    return (
        Template.office_id == key.office,
        Template.event_type == key.event_type,
        Template.channel == key.channel,
        Template.language == key.language,
    )


def newest_number(session: Session, template_id: str) -> int:
    """The highest number there is; 0 before the first version."""
    statement = select(func.max(TemplateVersion.number)).where(
        TemplateVersion.template_id == template_id
    )
    return session.scalar(statement) or 0


def versions(session: Session, template_id: str) -> list[VersionRow]:
    """All versions, newest first."""
    rows = session.scalars(
        select(TemplateVersion)
        .where(TemplateVersion.template_id == template_id)
        .order_by(TemplateVersion.number.desc())
        .execution_options(populate_existing=True)
    )
    return [_row(version) for version in rows]


def version(session: Session, template_id: str, number: int) -> VersionRow | None:
    row = session.scalar(
        select(TemplateVersion)
        .where(TemplateVersion.template_id == template_id, TemplateVersion.number == number)
        .execution_options(populate_existing=True)
    )
    return _row(row) if row else None


def pending(session: Session, office: str) -> dict[Cell, VersionRow]:
    """By cell: the office's newest version that is not published yet; a draft only where no other
    waits."""
    rows = session.execute(
        select(Template.event_type, Template.channel, Template.language, TemplateVersion)
        .join(TemplateVersion, TemplateVersion.template_id == Template.id)
        .where(Template.office_id == office, TemplateVersion.status.in_(PENDING))
        .order_by(TemplateVersion.status != Status.DRAFT, TemplateVersion.number)
    )
    return {(event_type, channel, language): _row(v) for event_type, channel, language, v in rows}


def add_version(session: Session, row: VersionRow) -> None:
    session.add(
        TemplateVersion(
            **{name: getattr(row, name) for name in VersionRow.__slots__}, purge_after=None
        )
    )
    session.flush()


def move(
    session: Session,
    template_id: str,
    move: StatusMove,
    *,
    number: int | None = None,
    standing: Collection[Status] | None = None,
    below: int | None = None,
) -> list[str]:
    """Move versions of the template that the move allows; answers the ids of those it moved.

    Narrowed to a number, to those standing in one of these statuses, to numbers below one.
    """
    statement = update(TemplateVersion).where(
        TemplateVersion.template_id == template_id,
        TemplateVersion.status.in_(move.allowed_from),
    )
    if number is not None:
        statement = statement.where(TemplateVersion.number == number)
    if standing is not None:
        statement = statement.where(TemplateVersion.status.in_(standing))
    if below is not None:
        statement = statement.where(TemplateVersion.number < below)
    moved = session.scalars(
        statement.values(status=move.to)
        .returning(TemplateVersion.id)
        .execution_options(synchronize_session=False)
    )
    return list(moved)


def add_step(session: Session, step_id: str, row: StepRow) -> None:
    session.add(
        TemplateStep(
            id=step_id,
            version_id=row.version_id,
            step=row.step,
            by=row.by,
            at=row.at,
            remark=row.remark,
            purge_after=None,
        )
    )
    session.flush()


def steps(session: Session, version_ids: Collection[str]) -> dict[str, list[StepRow]]:
    """By version: what was done with it, in order."""
    rows = session.execute(
        select(
            TemplateStep.version_id,
            TemplateStep.step,
            TemplateStep.by,
            TemplateStep.at,
            TemplateStep.remark,
        )
        .where(TemplateStep.version_id.in_(version_ids))
        .order_by(TemplateStep.id)
    )
    found: dict[str, list[StepRow]] = {}
    for row in rows:
        found.setdefault(row.version_id, []).append(StepRow(**row._mapping))
    return found


def _row(version: TemplateVersion) -> VersionRow:
    return VersionRow(**{name: getattr(version, name) for name in VersionRow.__slots__})
