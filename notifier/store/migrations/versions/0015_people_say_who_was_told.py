"""A person may say that a citizen was told otherwise; what waits for one has an index."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from notifier.store import columns
from notifier.store.migrations import online

revision: str = "0015"
down_revision: str | Sequence[str] | None = "0014"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_WAITS = sa.text("state IN ('held', 'unknown') AND told_at IS NULL")


def upgrade() -> None:
    online.add_column("messages", sa.Column("told_at", columns.Instant(), nullable=True))
    online.add_column("messages", sa.Column("told_by", sa.String(), nullable=True))
    online.create_index("ix_messages_attention", "messages", ["office_id", "id"], _WAITS)


def downgrade() -> None:
    op.drop_index("ix_messages_attention", "messages")
    op.drop_column("messages", "told_by")
    op.drop_column("messages", "told_at")
