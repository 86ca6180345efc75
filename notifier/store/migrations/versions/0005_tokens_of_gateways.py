"""Access tokens of gateways, shared by all processes."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from notifier.store import columns

revision: str = "0005"
down_revision: str | Sequence[str] | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "gateway_tokens",
        sa.Column("gateway", sa.String(), nullable=False),
        sa.Column("token_cipher", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("renewed_at", columns.Instant(), nullable=True),
        sa.Column("lease_until", columns.Instant(), nullable=True),
        sa.Column("purge_after", columns.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("gateway", name=op.f("pk_gateway_tokens")),
    )


def downgrade() -> None:
    op.drop_table("gateway_tokens")
