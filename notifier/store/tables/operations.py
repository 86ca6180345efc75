"""What people who run the product should know."""

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from notifier.store.tables.base import Base


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
    announced_at: Mapped[datetime | None]  # when it was put down who is told of it
    end_announced_at: Mapped[datetime | None]  # and of its end

    __table_args__ = (
        Index(
            "ix_alerts_unannounced",
            "id",
            postgresql_where=text("announced_at IS NULL"),
            sqlite_where=text("announced_at IS NULL"),
        ),
        Index(
            "ix_alerts_end_unannounced",
            "id",
            postgresql_where=text("closed_at IS NOT NULL AND end_announced_at IS NULL"),
            sqlite_where=text("closed_at IS NOT NULL AND end_announced_at IS NULL"),
        ),
        Index(
            "uq_alerts_open",
            "kind",
            "subject",
            unique=True,
            postgresql_where=text("closed_at IS NULL"),
            sqlite_where=text("closed_at IS NULL"),
        ),
    )


class OfficeBudget(Base):
    """What an office may spend; an empty column is no limit."""

    __tablename__ = "office_budgets"

    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"), primary_key=True)
    daily_segments: Mapped[int | None] = mapped_column(BigInteger)
    monthly_segments: Mapped[int | None] = mapped_column(BigInteger)
    daily_dong: Mapped[int | None] = mapped_column(BigInteger)
    monthly_dong: Mapped[int | None] = mapped_column(BigInteger)


class OfficeSpending(Base):
    """What providers took of an office's messages on a day (in Vietnam). Never purged."""

    __tablename__ = "office_spending"

    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    segments: Mapped[int] = mapped_column(BigInteger)
    dong: Mapped[int] = mapped_column(BigInteger)


class DailyCount(Base):
    """What became of the messages of a day (in Vietnam) that retention removed. Never purged."""

    __tablename__ = "daily_counts"

    day: Mapped[date] = mapped_column(primary_key=True)
    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"), primary_key=True)
    event_type: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(primary_key=True)
    gateway: Mapped[str] = mapped_column(primary_key=True)  # empty: none was tried
    messages: Mapped[int]
    segments: Mapped[int]


class UpkeepRun(Base):
    """Work that is done once a night: when it was done last."""

    __tablename__ = "upkeep_runs"

    name: Mapped[str] = mapped_column(primary_key=True)
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime]


class EncryptionKey(Base):
    """A key of the encryption ring that rows are sealed under, or were."""

    __tablename__ = "encryption_keys"

    name: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[bytes]  # tells another key of that name; never the key
    used_at: Mapped[datetime]  # when a process that seals with it last began
    emptied_at: Mapped[datetime | None]  # since when no row needs it any more
