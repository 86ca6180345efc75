"""Messages have priorities, and offices take turns: the claim finds both by an index."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from notifier.store.migrations import online

revision: str = "0014"
down_revision: str | Sequence[str] | None = "0013"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_QUEUED = sa.text("state = 'queued'")
_URGENT = sa.text("state = 'queued' AND priority = 0")


def upgrade() -> None:
    online.add_column(
        "messages", sa.Column("priority", sa.Integer(), server_default="1", nullable=False)
    )
    online.create_index(
        "ix_messages_turn", "messages", ["office_id", "priority", "send_at"], _QUEUED
    )
    online.create_index("ix_messages_urgent", "messages", ["send_at"], _URGENT)


def downgrade() -> None:
    op.drop_index("ix_messages_urgent", "messages")
    op.drop_index("ix_messages_turn", "messages")
    op.drop_column("messages", "priority")
