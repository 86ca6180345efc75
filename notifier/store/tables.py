"""The tables. Times are aware and UTC; `*_cipher` columns hold `store/sealing.py`'s envelopes.

Every row carries `purge_after`: when retention may remove it or its personal columns; empty
means that it is kept until something else says so (settings of an office, for example).
"""

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, Index, MetaData, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from notifier.store.columns import Instant


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: Instant()}  # noqa: RUF012 - SQLAlchemy's own hook

    purge_after: Mapped[datetime | None] = mapped_column(sort_order=99)


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


class Source(Base):
    __tablename__ = "sources"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    created_at: Mapped[datetime]


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
    """Immutable words; at most one version of a template is published."""

    __tablename__ = "template_versions"

    id: Mapped[str] = mapped_column(primary_key=True)
    template_id: Mapped[str] = mapped_column(ForeignKey("templates.id"))
    number: Mapped[int]
    text: Mapped[str]
    status: Mapped[str]
    created_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("template_id", "number"),)


class Revision(Base):
    """A counter that moves whenever offices, sources, situations or templates change.

    A process keeps its copy of those for as long as the counter stands.
    """

    __tablename__ = "revisions"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int]


class Case(Base):
    __tablename__ = "cases"

    id: Mapped[str] = mapped_column(primary_key=True)
    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"))
    code: Mapped[str]
    created_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("office_id", "code"),)


class Event(Base):
    __tablename__ = "events"

    id: Mapped[str] = mapped_column(primary_key=True)
    source_id: Mapped[str] = mapped_column(ForeignKey("sources.id"))
    source_event_id: Mapped[str]
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"))
    type: Mapped[str]
    channel: Mapped[str]
    occurred_at: Mapped[datetime]
    received_at: Mapped[datetime]
    sends: Mapped[bool]  # whether its situation sends: it may make earlier ones moot
    outcome: Mapped[str]
    reason: Mapped[str | None]
    body_hash: Mapped[bytes]
    body_cipher: Mapped[bytes | None]  # the raw event, recipient and data in it

    __table_args__ = (UniqueConstraint("source_id", "source_event_id"),)


class Message(Base):
    __tablename__ = "messages"

    id: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(ForeignKey("events.id"), index=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"))
    source_id: Mapped[str] = mapped_column(ForeignKey("sources.id"))
    event_type: Mapped[str]
    occurred_at: Mapped[datetime]
    template_version_id: Mapped[str | None] = mapped_column(ForeignKey("template_versions.id"))
    language: Mapped[str]
    state: Mapped[str]
    reason: Mapped[str | None]
    phone_cipher: Mapped[bytes | None]
    phone_hash: Mapped[bytes | None]
    phone_mask: Mapped[str]
    text_cipher: Mapped[bytes | None]
    encoding: Mapped[str | None]
    segments: Mapped[int | None]
    sender: Mapped[str]
    send_at: Mapped[datetime]
    valid_until: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    claim_token: Mapped[str | None]
    blocks_until: Mapped[datetime | None]  # while unknown: until then the case waits for it
    superseded_by: Mapped[str | None]
    resend_of: Mapped[str | None]
    possible_double: Mapped[bool]
    no_receipt: Mapped[bool]
    tries: Mapped[int]
    created_at: Mapped[datetime]
    state_at: Mapped[datetime]  # when it came to the state it is in
    handed_over_at: Mapped[datetime | None]

    __table_args__ = (
        Index(
            "ix_messages_due",
            "send_at",
            postgresql_where=text("state = 'queued'"),
            sqlite_where=text("state = 'queued'"),
        ),
        Index(
            "ix_messages_leased",
            "lease_until",
            postgresql_where=text("state = 'sending'"),
            sqlite_where=text("state = 'sending'"),
        ),
        Index(
            "ix_messages_case_open",
            "case_id",
            postgresql_where=text("state IN ('queued', 'sending', 'unknown')"),
            sqlite_where=text("state IN ('queued', 'sending', 'unknown')"),
        ),
        Index("ix_messages_case", "case_id", "id"),
        Index("ix_messages_office", "office_id", "id"),
        Index("ix_messages_phone", "phone_hash", "id"),
        Index(
            "ix_messages_superseded",
            "id",
            postgresql_where=text("state = 'queued' AND superseded_by IS NOT NULL"),
            sqlite_where=text("state = 'queued' AND superseded_by IS NOT NULL"),
        ),
    )


class Attempt(Base):
    __tablename__ = "attempts"

    id: Mapped[str] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(ForeignKey("messages.id"), index=True)
    gateway: Mapped[str]
    claim_token: Mapped[str]
    outcome: Mapped[str | None]  # empty while open
    fault: Mapped[str | None]
    code: Mapped[str | None]
    provider_id: Mapped[str | None]
    started_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    # While unknown: when it is next asked about, and from when "absent" is believed.
    resolve_at: Mapped[datetime | None]
    absent_counts_at: Mapped[datetime | None]
    resolve_tries: Mapped[int]

    __table_args__ = (
        UniqueConstraint("gateway", "provider_id"),
        Index(
            "ix_attempts_open",
            "started_at",
            postgresql_where=text("outcome IS NULL"),
            sqlite_where=text("outcome IS NULL"),
        ),
        Index(
            "ix_attempts_resolve",
            "resolve_at",
            postgresql_where=text("outcome = 'unknown'"),
            sqlite_where=text("outcome = 'unknown'"),
        ),
    )


class Receipt(Base):
    __tablename__ = "receipts"

    id: Mapped[str] = mapped_column(primary_key=True)
    gateway: Mapped[str]
    provider_id: Mapped[str]  # empty when the provider told only our reference
    reference: Mapped[str]  # our attempt id, or empty
    report: Mapped[str]
    code: Mapped[str]
    occurred_at: Mapped[datetime | None]
    received_at: Mapped[datetime]
    attempt_id: Mapped[str | None] = mapped_column(ForeignKey("attempts.id"), index=True)

    __table_args__ = (
        UniqueConstraint("gateway", "provider_id", "reference", "report", "code"),
        Index(
            "ix_receipts_unmatched",
            "received_at",
            postgresql_where=text("attempt_id IS NULL"),
            sqlite_where=text("attempt_id IS NULL"),
        ),
    )


class Inbound(Base):
    __tablename__ = "inbound"

    id: Mapped[str] = mapped_column(primary_key=True)
    gateway: Mapped[str]
    provider_id: Mapped[str]
    phone_cipher: Mapped[bytes | None]
    phone_hash: Mapped[bytes | None]
    text_cipher: Mapped[bytes | None]
    to: Mapped[str]
    received_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("gateway", "provider_id"),)


class OptOut(Base):
    """A phone that wants no messages: all of them, or only requests to rate."""

    __tablename__ = "opt_outs"

    phone_hash: Mapped[bytes] = mapped_column(primary_key=True)
    covers_all: Mapped[bool]
    created_at: Mapped[datetime]


class GatewayPause(Base):
    """A gateway that is not used until a person says so, or the time is over."""

    __tablename__ = "gateway_pauses"

    gateway: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str]
    paused_at: Mapped[datetime]
    resumes_at: Mapped[datetime | None]


class Alert(Base):
    """Something a person should know; one open row for one kind and subject."""

    __tablename__ = "alerts"

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    subject: Mapped[str]
    detail: Mapped[str]
    raised_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    __table_args__ = (
        Index(
            "uq_alerts_open",
            "kind",
            "subject",
            unique=True,
            postgresql_where=text("closed_at IS NULL"),
            sqlite_where=text("closed_at IS NULL"),
        ),
    )
