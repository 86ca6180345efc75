"""Retention counts what it removes."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from notifier.store import columns

revision: str = "0008"
down_revision: str | Sequence[str] | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_PERSONAL = ("messages", "events", "inbound")


def upgrade() -> None:
    for table in _PERSONAL:
        op.add_column(table, sa.Column("purged_at", columns.Instant(), nullable=True))
    op.create_table(
        "daily_counts",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("office_id", sa.String(), nullable=False),
        sa.Column("event_type", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("gateway", sa.String(), nullable=False),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.Column("segments", sa.Integer(), nullable=False),
        sa.Column("purge_after", columns.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_daily_counts_office_id_offices")
        ),
        sa.PrimaryKeyConstraint(
            "day", "office_id", "event_type", "state", "gateway", name=op.f("pk_daily_counts")
        ),
    )
    op.create_table(
        "upkeep_runs",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("began_at", columns.Instant(), nullable=False),
        sa.Column("ended_at", columns.Instant(), nullable=False),
        sa.Column("purge_after", columns.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_upkeep_runs")),
    )


def downgrade() -> None:
    op.drop_table("upkeep_runs")
    op.drop_table("daily_counts")
    for table in _PERSONAL:
        op.drop_column(table, "purged_at")
