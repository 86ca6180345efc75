"""People let held messages go: past caps, and what gateways said before counts no more."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from notifier.store import columns

revision: str = "0016"
down_revision: str | Sequence[str] | None = "0015"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("messages", sa.Column("released_at", columns.Instant(), nullable=True))


def downgrade() -> None:
    op.drop_column("messages", "released_at")
