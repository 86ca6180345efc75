"""Offices have routes of their own."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from notifier.store import columns

revision: str = "0020"
down_revision: str | Sequence[str] | None = "0019"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "office_routes",
        sa.Column("office_id", sa.String(), nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("cheapest_first", sa.Boolean(), nullable=False),
        sa.Column("on_unknown", sa.String(), nullable=True),
        sa.Column("purge_after", columns.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_office_routes_office_id_offices")
        ),
        sa.PrimaryKeyConstraint("office_id", name=op.f("pk_office_routes")),
    )


def downgrade() -> None:
    op.drop_table("office_routes")
