"""What workers count, so that no scrape reads whole tables."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from notifier.store import columns

revision: str = "0019"
down_revision: str | Sequence[str] | None = "0018"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "figures",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("gateway", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("share", sa.Integer(), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("purge_after", columns.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("name", "gateway", "label", "share", name=op.f("pk_figures")),
    )


def downgrade() -> None:
    op.drop_table("figures")
