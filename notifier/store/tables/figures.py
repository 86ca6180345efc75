"""What processes counted, for the metrics."""

from sqlalchemy.orm import Mapped, mapped_column

from notifier.store.tables.base import Base


class Figure(Base):
    """How often something happened since the first release that counted it; it only grows.

    Processes share a figure out among a few rows, so that they do not wait for each other.
    """

    __tablename__ = "figures"

    name: Mapped[str] = mapped_column(primary_key=True)
    gateway: Mapped[str] = mapped_column(primary_key=True)
    label: Mapped[str] = mapped_column(primary_key=True)  # an outcome, or the end of a bucket
    share: Mapped[int] = mapped_column(primary_key=True)
    value: Mapped[float]
