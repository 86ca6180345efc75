"""Offices, sources, situations and templates: what intake needs to know."""

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint, false, text
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from notifier.store.tables.base import Base


class Office(Base):
    __tablename__ = "offices"

    id: Mapped[str] = mapped_column(primary_key=True)  # its code, such as lai-thieu
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("offices.id"))
    name: Mapped[str]
    phone: Mapped[str]  # the desk's own, for citizens to call
    reply_number: Mapped[str]
    sender: Mapped[str]  # brandname
    vietnamese_form: Mapped[str]  # toneless or accented
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    live: Mapped[bool | None]  # whether citizens get its messages; empty: as its parent says
    live_at: Mapped[datetime | None]  # when that was said


class TestNumber(Base):
    """A phone that gets the messages of an office, and of those below it, before they are live."""

    __tablename__ = "test_numbers"

    id: Mapped[str] = mapped_column(primary_key=True)
    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"))
    phone_hash: Mapped[bytes]
    phone_mask: Mapped[str]
    added_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("office_id", "phone_hash"),)


class LinkHost(Base):
    """A host that the words of an office, and of those below it, may lead to."""

    __tablename__ = "link_hosts"

    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"), primary_key=True)
    host: Mapped[str] = mapped_column(primary_key=True)
    added_at: Mapped[datetime]


class Source(Base):
    __tablename__ = "sources"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    created_at: Mapped[datetime]
    intake_per_minute: Mapped[int | None]  # events; empty: as the setting says, 0: no limit
    daily_cap: Mapped[int | None]  # messages; empty: as the setting says, 0: no cap


class SourceDay(Base):
    """How many messages a source made to go out on the last day (in Vietnam) that it made any."""

    __tablename__ = "source_days"

    source_id: Mapped[str] = mapped_column(ForeignKey("sources.id"), primary_key=True)
    day: Mapped[date]
    messages: Mapped[int]


class SourceOffice(Base):
    """An office that a source may post events for."""

    __tablename__ = "source_offices"

    source_id: Mapped[str] = mapped_column(ForeignKey("sources.id"), primary_key=True)
    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"), primary_key=True)


class ApiKey(Base):
    __tablename__ = "api_keys"

    id: Mapped[str] = mapped_column(primary_key=True)
    source_id: Mapped[str] = mapped_column(ForeignKey("sources.id"), index=True)
    secret_hash: Mapped[bytes] = mapped_column(unique=True)
    scopes: Mapped[list[str]] = mapped_column(JSON)
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    name: Mapped[str | None]  # what its owner calls it; one valid key of a source for each name
    expires_at: Mapped[datetime | None]  # set when another key takes its place
    replaced_by: Mapped[str | None]
    development: Mapped[bool] = mapped_column(server_default=false())  # made by a demo

    __table_args__ = (
        Index(
            "uq_api_keys_current",
            "source_id",
            "name",
            unique=True,
            postgresql_where=text("revoked_at IS NULL AND replaced_by IS NULL"),
            sqlite_where=text("revoked_at IS NULL AND replaced_by IS NULL"),
        ),
    )


class Situation(Base):
    """Whether a situation sends; `office_id` is empty for the shipped set."""

    __tablename__ = "situations"

    id: Mapped[str] = mapped_column(primary_key=True)
    office_id: Mapped[str | None] = mapped_column(ForeignKey("offices.id"))
    event_type: Mapped[str]
    channel: Mapped[str]
    sends: Mapped[bool]

    __table_args__ = (UniqueConstraint("office_id", "event_type", "channel"),)


class Template(Base):
    """The words for a situation in a language; `office_id` is empty for the shipped set."""

    __tablename__ = "templates"

    id: Mapped[str] = mapped_column(primary_key=True)
    office_id: Mapped[str | None] = mapped_column(ForeignKey("offices.id"))
    event_type: Mapped[str]
    channel: Mapped[str]
    language: Mapped[str]

    __table_args__ = (UniqueConstraint("office_id", "event_type", "channel", "language"),)


class TemplateVersion(Base):
    """Immutable words, whose status alone moves; at most one of a template is published."""

    __tablename__ = "template_versions"

    id: Mapped[str] = mapped_column(primary_key=True)
    template_id: Mapped[str] = mapped_column(ForeignKey("templates.id"))
    number: Mapped[int]
    text: Mapped[str]
    status: Mapped[str]
    created_at: Mapped[datetime]
    author: Mapped[str | None]  # a user or an API key; empty for the shipped words
    reason: Mapped[str | None]  # why the author wrote it
    back_to: Mapped[int | None]  # of a rollback: the number whose words these are

    __table_args__ = (
        UniqueConstraint("template_id", "number"),
        Index(
            "uq_template_versions_published",
            "template_id",
            unique=True,
            postgresql_where=sql("status = 'published'"),
            sqlite_where=sql("status = 'published'"),
        ),
        Index(
            "ix_template_versions_submitted",
            "id",
            postgresql_where=sql("status = 'submitted'"),
            sqlite_where=sql("status = 'submitted'"),
        ),
        Index(
            "ix_template_versions_approved",
            "id",
            postgresql_where=sql("status = 'approved'"),
            sqlite_where=sql("status = 'approved'"),
        ),
        Index(
            "ix_template_versions_drafts",
            *("author", "id"),
            postgresql_where=sql("status = 'draft'"),
            sqlite_where=sql("status = 'draft'"),
        ),
    )


class TemplateStep(Base):
    """What somebody did with a version, and what they said to it."""

    __tablename__ = "template_steps"

    id: Mapped[str] = mapped_column(primary_key=True)
    version_id: Mapped[str] = mapped_column(ForeignKey("template_versions.id"), index=True)
    step: Mapped[str]
    by: Mapped[str]
    at: Mapped[datetime]
    remark: Mapped[str | None]


class Revision(Base):
    """A counter that moves whenever offices, sources, situations or templates change.

    A process keeps its copy of those for as long as the counter stands.
    """

    __tablename__ = "revisions"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int]
