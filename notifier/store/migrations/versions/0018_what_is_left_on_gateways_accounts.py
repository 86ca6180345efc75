"""What is left on gateways' accounts, as their providers last told."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from notifier.store import columns

revision: str = "0018"
down_revision: str | Sequence[str] | None = "0017"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "gateway_balances",
        sa.Column("gateway", sa.String(), nullable=False),
        sa.Column("amount", sa.String(), nullable=True),
        sa.Column("currency", sa.String(), nullable=True),
        sa.Column("told_at", columns.Instant(), nullable=True),
        sa.Column("ask_at", columns.Instant(), nullable=False),
        sa.Column("purge_after", columns.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("gateway", name=op.f("pk_gateway_balances")),
    )


def downgrade() -> None:
    op.drop_table("gateway_balances")
