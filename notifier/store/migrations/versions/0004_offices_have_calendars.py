"""Offices have calendars."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from notifier.store import columns

revision: str = "0004"
down_revision: str | Sequence[str] | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "office_calendars",
        sa.Column("office_id", sa.String(), nullable=False),
        sa.Column("sending_hours", sa.String(), nullable=True),
        sa.Column("office_hours", sa.String(), nullable=True),
        sa.Column("weekdays", sa.String(), nullable=True),
        sa.Column("holidays_close_sending", sa.Boolean(), nullable=True),
        sa.Column("purge_after", columns.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_office_calendars_office_id_offices")
        ),
        sa.PrimaryKeyConstraint("office_id", name=op.f("pk_office_calendars")),
    )
    op.create_table(
        "calendar_days",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("office_id", sa.String(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("purge_after", columns.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_calendar_days_office_id_offices")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_days")),
        sa.UniqueConstraint("office_id", "day", name=op.f("uq_calendar_days_office_id_day")),
    )
    op.create_index(
        "uq_calendar_days_shipped",
        "calendar_days",
        ["day"],
        unique=True,
        postgresql_where=sa.text("office_id IS NULL"),
        sqlite_where=sa.text("office_id IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("calendar_days")
    op.drop_table("office_calendars")
