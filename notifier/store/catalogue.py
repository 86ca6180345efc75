"""Offices, their time, sources and words: read whole, kept while the revision stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from notifier.domain.budgets import Budget
from notifier.store import budgets, calendar, limits, link_hosts, routes, sources, test_numbers
from notifier.store.limits import LimitRow
from notifier.store.routes import RouteRow
from notifier.store.tables import (
    Office,
    Revision,
    Situation,
    SourceOffice,
    Template,
    TemplateVersion,
)

REVISION = "catalogue"


@dataclass(frozen=True, slots=True)
class OfficeRow:
    id: str
    parent_id: str | None
    name: str
    phone: str
    reply_number: str
    sender: str
    vietnamese_form: str
    valid_from: date | None
    valid_to: date | None
    live: bool | None
    live_at: datetime | None


@dataclass(frozen=True, slots=True)
class Words:
    """A published template version."""

    version_id: str
    text: str


Cell = tuple[str | None, str, str]  # office (none: shipped), event type, channel


@dataclass(frozen=True, slots=True)
class Rows:
    """Everything that intake needs to know, of one revision."""

    revision: int
    offices: Mapping[str, OfficeRow]
    offices_of_source: Mapping[str, frozenset[str]]
    sends: Mapping[Cell, bool]
    words: Mapping[tuple[Cell, str], Words]  # by cell and language
    calendars: calendar.Parts
    test_numbers: Mapping[str, frozenset[bytes]]  # by office, as keyed hashes
    daily_caps: Mapping[str, int]  # of the sources that have one of their own
    routes: Mapping[str, RouteRow]  # by office: those of its own
    budgets: Mapping[str, Budget]  # by office that has one
    link_hosts: Mapping[str, frozenset[str]]  # by office: those of its own
    limits: Mapping[str, LimitRow]  # by gateway of which a person said one


_REVISION = select(Revision.value).where(Revision.name == REVISION)


def revision(session: Session) -> int:
    """The counter that moves with every change."""
    return session.connection().scalar(_REVISION) or 0


def changing(session: Session) -> None:
    """Let this transaction alone change what holds for everybody, until it ends.

    Whoever notes what a change replaces calls this before looking: another's change is then seen.
    """
    session.execute(_REVISION.with_for_update())


def changed(session: Session) -> None:
    """Say that something in the catalogue changed; whoever changes it calls this."""
    moved = session.scalars(
        update(Revision)
        .where(Revision.name == REVISION)
        .values(value=Revision.value + 1)
        .returning(Revision.value)
        .execution_options(synchronize_session=False)
    ).first()
    if moved is None:
        session.add(Revision(name=REVISION, value=1, purge_after=None))


def read(session: Session) -> Rows:
    """The whole catalogue."""
    number = revision(session)
    offices = {
        o.id: OfficeRow(
            o.id,
            o.parent_id,
            o.name,
            o.phone,
            o.reply_number,
            o.sender,
            o.vietnamese_form,
            o.valid_from,
            o.valid_to,
            o.live,
            o.live_at,
        )
        for o in session.scalars(select(Office))
    }
    of_source: dict[str, set[str]] = {}
    for row in session.execute(select(SourceOffice.source_id, SourceOffice.office_id)):
        of_source.setdefault(row.source_id, set()).add(row.office_id)
    sends = {
        (s.office_id, s.event_type, s.channel): s.sends for s in session.scalars(select(Situation))
    }
    words = {
        ((t.office_id, t.event_type, t.channel), t.language): Words(v.id, v.text)
        for t, v in session.execute(
            select(Template, TemplateVersion)
            .join(TemplateVersion, TemplateVersion.template_id == Template.id)
            .where(TemplateVersion.status == "published")
        )
    }
    return Rows(
        number,
        offices,
        {source: frozenset(ids) for source, ids in of_source.items()},
        sends,
        words,
        calendar.read(session),
        test_numbers.by_office(session),
        sources.daily_caps(session),
        routes.read(session),
        budgets.read(session),
        link_hosts.by_office(session),
        limits.read(session),
    )
