"""Cases, their events, and the life of a message."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from notifier.domain.states import State
from notifier.store.tables.base import Base

_UNREACHED = (
    "state IN ('expired', 'failed', 'undelivered') AND told_at IS NULL AND resent_at IS NULL"
)
# Few messages are in these. All others are found without their help: nearly all there are, or what
# has an index of its own while it waits.
BY_STATE = frozenset(
    {
        *(State.HELD, State.UNKNOWN, State.UNDELIVERED, State.FAILED),
        *(State.EXPIRED, State.SUPPRESSED, State.CANCELLED),
    }
)
_BY_STATE = "state IN ({})".format(", ".join(f"'{state}'" for state in sorted(BY_STATE)))


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
    purged_at: Mapped[datetime | None]  # when its personal columns were emptied

    __table_args__ = (UniqueConstraint("source_id", "source_event_id"),)


class Message(Base):
    __tablename__ = "messages"

    id: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(ForeignKey("events.id"), index=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"))
    source_id: Mapped[str] = mapped_column(ForeignKey("sources.id"))
    event_type: Mapped[str]
    priority: Mapped[int] = mapped_column(server_default="1")  # 0 goes first
    occurred_at: Mapped[datetime]
    template_version_id: Mapped[str | None] = mapped_column(ForeignKey("template_versions.id"))
    language: Mapped[str]
    state: Mapped[str]
    reason: Mapped[str | None]
    phone_cipher: Mapped[bytes | None]
    phone_hash: Mapped[bytes | None]
    phone_mask: Mapped[str]
    text_cipher: Mapped[bytes | None]
    values_cipher: Mapped[bytes | None]  # what a person filled in, beside the event's own
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
    released_at: Mapped[datetime | None]  # when a person let it go: past the caps
    purged_at: Mapped[datetime | None]  # when its personal columns were emptied
    told_at: Mapped[datetime | None]  # when a person said that the citizen was told otherwise
    told_by: Mapped[str | None]
    resent_at: Mapped[datetime | None]  # when a person sent its words again, as another message

    __table_args__ = (
        Index(
            "ix_messages_attention",
            "office_id",
            "id",
            postgresql_where=text("state IN ('held', 'unknown') AND told_at IS NULL"),
            sqlite_where=text("state IN ('held', 'unknown') AND told_at IS NULL"),
        ),
        Index(
            "ix_messages_unreached",
            *("office_id", "created_at", "id"),
            postgresql_where=text(_UNREACHED),
            sqlite_where=text(_UNREACHED),
        ),
        Index(
            "ix_messages_due",
            "send_at",
            postgresql_where=text("state = 'queued'"),
            sqlite_where=text("state = 'queued'"),
        ),
        Index(
            "ix_messages_turn",
            "office_id",
            "priority",
            "send_at",
            postgresql_where=text("state = 'queued'"),
            sqlite_where=text("state = 'queued'"),
        ),
        Index(
            "ix_messages_urgent",
            "send_at",
            postgresql_where=text("state = 'queued' AND priority = 0"),
            sqlite_where=text("state = 'queued' AND priority = 0"),
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
        Index(
            "ix_messages_expiring",
            "valid_until",
            postgresql_where=text("state IN ('held', 'queued')"),
            sqlite_where=text("state IN ('held', 'queued')"),
        ),
        Index(
            "ix_messages_held",
            *("reason", "office_id", "id"),
            postgresql_where=text("state = 'held'"),
            sqlite_where=text("state = 'held'"),
        ),
        Index(
            "ix_messages_state",
            *("state", "id", "office_id"),
            postgresql_where=text(_BY_STATE),
            sqlite_where=text(_BY_STATE),
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
    # While accepted without a final receipt, at a gateway that must be asked: when, how often.
    poll_at: Mapped[datetime | None]
    polls: Mapped[int] = mapped_column(server_default="0")

    __table_args__ = (
        UniqueConstraint("gateway", "provider_id"),
        Index(
            "ix_attempts_open",
            "started_at",
            postgresql_where=text("outcome IS NULL"),
            sqlite_where=text("outcome IS NULL"),
        ),
        Index(
            "ix_attempts_poll",
            "poll_at",
            postgresql_where=text("poll_at IS NOT NULL"),
            sqlite_where=text("poll_at IS NOT NULL"),
        ),
        Index(
            "ix_attempts_resolve",
            "resolve_at",
            postgresql_where=text("outcome = 'unknown'"),
            sqlite_where=text("outcome = 'unknown'"),
        ),
        Index(
            "ix_attempts_unknown",
            "gateway",
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
    operator: Mapped[str | None]  # of the phone, where the provider told it
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
