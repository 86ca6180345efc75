"""Offices say where their words may lead."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from notifier.store import columns

revision: str = "0024"
down_revision: str | Sequence[str] | None = "0023"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "link_hosts",
        sa.Column("office_id", sa.String(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("added_at", columns.Instant(), nullable=False),
        sa.Column("purge_after", columns.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_link_hosts_office_id_offices")
        ),
        sa.PrimaryKeyConstraint("office_id", "host", name=op.f("pk_link_hosts")),
    )


def downgrade() -> None:
    op.drop_table("link_hosts")
