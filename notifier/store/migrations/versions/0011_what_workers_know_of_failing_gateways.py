"""What all workers know of gateways that fail."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from notifier.store import columns
from notifier.store.migrations import online

revision: str = "0011"
down_revision: str | Sequence[str] | None = "0010"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_UNKNOWN = sa.text("outcome = 'unknown'")


def upgrade() -> None:
    online.create_index("ix_attempts_unknown", "attempts", ["gateway", "resolve_at"], _UNKNOWN)
    op.create_table(
        "gateway_breakers",
        sa.Column("gateway", sa.String(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing_since", columns.Instant(), nullable=True),
        sa.Column("opened_at", columns.Instant(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("probed_at", columns.Instant(), nullable=True),
        sa.Column("probe_until", columns.Instant(), nullable=True),
        sa.Column("wait_s", sa.Integer(), nullable=False),
        sa.Column("closed_at", columns.Instant(), nullable=True),
        sa.Column("purge_after", columns.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("gateway", name=op.f("pk_gateway_breakers")),
    )


def downgrade() -> None:
    op.drop_index("ix_attempts_unknown", "attempts")
    op.drop_table("gateway_breakers")
