"""Where sources are called back, and what is still to be told to them."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from notifier.store.tables.base import Base


class SourceCallback(Base):
    """The address at which a source is called back, and the secret that signs it."""

    __tablename__ = "source_callbacks"

    source_id: Mapped[str] = mapped_column(ForeignKey("sources.id"), primary_key=True)
    url: Mapped[str]
    secret_cipher: Mapped[bytes]
    set_at: Mapped[datetime]


class AlertCallback(Base):
    """An alert, or its end, that a source is told of; due until delivered or given up."""

    __tablename__ = "alert_callbacks"

    id: Mapped[str] = mapped_column(primary_key=True)
    alert_id: Mapped[str] = mapped_column(ForeignKey("alerts.id"))
    source_id: Mapped[str] = mapped_column(ForeignKey("sources.id"), index=True)
    tells: Mapped[str]  # raised or closed
    offices: Mapped[list[str]] = mapped_column(JSON)  # those of the source that it touches
    made_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    tries: Mapped[int]
    code: Mapped[str | None]  # how the last try ended
    delivered_at: Mapped[datetime | None]
    given_up_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("alert_id", "source_id", "tells"),
        Index(
            "ix_alert_callbacks_due",
            "due_at",
            postgresql_where=text("due_at IS NOT NULL"),
            sqlite_where=text("due_at IS NOT NULL"),
        ),
    )
