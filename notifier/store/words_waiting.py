"""Versions that wait for somebody: submitted ones, approved ones that are not published, and drafts
that came back to their author.
"""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, literal_column, select
from sqlalchemy.orm import Session

from notifier.domain.versions import Status, Step
from notifier.store.columns import one_of
from notifier.store.tables import Template, TemplateStep, TemplateVersion


@dataclass(frozen=True, slots=True)
class WaitingRow:
    office_id: str
    event_type: str
    channel: str
    language: str
    number: int


def submitted(
    session: Session, offices: Collection[str], *, not_by: str, limit: int
) -> list[WaitingRow]:
    """Up to `limit` at these offices, oldest first, without what this person wrote or submitted."""
    took_part = exists().where(
        TemplateStep.version_id == TemplateVersion.id,
        TemplateStep.by == not_by,
        one_of(TemplateStep.step, {Step.WRITTEN, Step.SUBMITTED}),
    )
    return _found(
        session, offices, limit, _is(Status.SUBMITTED), TemplateVersion.author != not_by, ~took_part
    )


def approved(session: Session, offices: Collection[str], *, limit: int) -> list[WaitingRow]:
    """Up to `limit` at these offices that may be published, oldest first."""
    return _found(session, offices, limit, _is(Status.APPROVED))


def sent_back(
    session: Session, offices: Collection[str], *, author: str, limit: int
) -> list[WaitingRow]:
    """Up to `limit` drafts of this author at these offices that an approver sent back."""
    returned = exists().where(
        TemplateStep.version_id == TemplateVersion.id, one_of(TemplateStep.step, {Step.SENT_BACK})
    )
    return _found(
        session, offices, limit, _is(Status.DRAFT), TemplateVersion.author == author, returned
    )


def _is(status: Status) -> ColumnElement[bool]:
    """Written into the statement: the index of the status names it so."""
    return TemplateVersion.status == literal_column(f"'{status}'")


def _found(
    session: Session, offices: Collection[str], limit: int, *wanted: ColumnElement[bool]
) -> list[WaitingRow]:
    rows = session.execute(
        select(
            Template.office_id,
            Template.event_type,
            Template.channel,
            Template.language,
            TemplateVersion.number,
        )
        .join(TemplateVersion, TemplateVersion.template_id == Template.id)
        # Few versions wait and an office has many: they are looked for by their own index, not by
        # way of the office's, which would be taken for the bare column.
        .where(*wanted, Template.office_id.concat("").in_(offices))
        .order_by(TemplateVersion.id)
        .limit(limit)
    )
    return [
        WaitingRow(office, event_type, channel, language, number)
        for office, event_type, channel, language, number in rows
        if office is not None  # the shipped words are nobody's to approve
    ]
