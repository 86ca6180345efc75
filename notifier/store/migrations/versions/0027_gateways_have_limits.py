"""What gateway accounts may be given each second, where a person says it."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from notifier.store import columns

revision: str = "0027"
down_revision: str | Sequence[str] | None = "0026"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "gateway_limits",
        sa.Column("gateway", sa.String(), nullable=False),
        sa.Column("per_second", sa.Float(), nullable=False),
        sa.Column("rate_unit", sa.String(), nullable=False),
        sa.Column("purge_after", columns.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("gateway", name=op.f("pk_gateway_limits")),
    )


def downgrade() -> None:
    op.drop_table("gateway_limits")
