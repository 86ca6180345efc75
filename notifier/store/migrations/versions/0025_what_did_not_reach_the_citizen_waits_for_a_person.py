"""What did not reach the citizen waits for a person, until it is sent again or told."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from notifier.store import columns
from notifier.store.migrations import online

revision: str = "0025"
down_revision: str | Sequence[str] | None = "0024"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_UNREACHED = sa.text(
    "state IN ('expired', 'failed', 'undelivered') AND told_at IS NULL AND resent_at IS NULL"
)


def upgrade() -> None:
    online.add_column("messages", sa.Column("resent_at", columns.Instant(), nullable=True))
    online.fill(
        "UPDATE messages SET resent_at = again.first FROM"
        " (SELECT resend_of, min(created_at) AS first FROM messages"
        " WHERE resend_of IS NOT NULL GROUP BY resend_of) AS again"
        " WHERE messages.id = again.resend_of"
    )
    online.create_index(
        "ix_messages_unreached", "messages", ["office_id", "created_at", "id"], _UNREACHED
    )


def downgrade() -> None:
    op.drop_index("ix_messages_unreached", "messages")
    op.drop_column("messages", "resent_at")
