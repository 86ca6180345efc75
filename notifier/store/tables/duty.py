"""Offices' duty phones, and the alerts that are to be told to them."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from notifier.store.tables.base import Base


class DutyPhone(Base):
    """The phone that gets an SMS of alerts that touch the office, or those below without one."""

    __tablename__ = "duty_phones"

    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"), primary_key=True)
    phone_cipher: Mapped[bytes]
    phone_hash: Mapped[bytes]
    phone_mask: Mapped[str]
    set_at: Mapped[datetime]


class AlertNotice(Base):
    """An alert that a duty phone is to be told of: until it is settled."""

    __tablename__ = "alert_notices"

    id: Mapped[str] = mapped_column(primary_key=True)
    alert_id: Mapped[str] = mapped_column(ForeignKey("alerts.id"))
    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"))  # whose duty phone
    made_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    message_id: Mapped[str | None]  # the SMS that tells it; empty where there was no need any more

    __table_args__ = (
        UniqueConstraint("alert_id", "office_id"),
        Index(
            "ix_alert_notices_open",
            "id",
            postgresql_where=text("settled_at IS NULL"),
            sqlite_where=text("settled_at IS NULL"),
        ),
    )
