"""When offices send and work."""

from datetime import date

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from notifier.store.tables.base import Base


class OfficeCalendar(Base):
    """An office's own hours, as people write them; what is empty, its parent says."""

    __tablename__ = "office_calendars"

    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"), primary_key=True)
    sending_hours: Mapped[str | None]  # such as 07:00-21:00
    office_hours: Mapped[str | None]  # such as 07:00-11:30,13:30-17:00
    weekdays: Mapped[str | None]  # such as 1-5
    holidays_close_sending: Mapped[bool | None]


class CalendarDay(Base):
    """What a calendar says of a day; `office_id` is empty for the shipped set."""

    __tablename__ = "calendar_days"

    id: Mapped[str] = mapped_column(primary_key=True)
    office_id: Mapped[str | None] = mapped_column(ForeignKey("offices.id"))
    day: Mapped[date]
    kind: Mapped[str]
    name: Mapped[str]

    __table_args__ = (
        UniqueConstraint("office_id", "day"),
        Index(
            "uq_calendar_days_shipped",
            "day",
            unique=True,
            postgresql_where=text("office_id IS NULL"),
            sqlite_where=text("office_id IS NULL"),
        ),
    )
