"""What people who run the product should know."""

from datetime import datetime

from sqlalchemy import Index, text
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
