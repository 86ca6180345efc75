"""A search for a state that few messages are in, or for a rare action, reads no table through."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from notifier.store.migrations import online

revision: str = "0031"
down_revision: str | Sequence[str] | None = "0030"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_BY_STATE = sa.text(
    "state IN ('cancelled', 'expired', 'failed', 'held', 'suppressed', 'undelivered', 'unknown')"
)


def upgrade() -> None:
    online.create_index("ix_messages_state", "messages", ["state", "id", "office_id"], _BY_STATE)
    online.create_index("ix_audit_action", "audit", ["action", "id"])


def downgrade() -> None:
    op.drop_index("ix_audit_action", "audit")
    op.drop_index("ix_messages_state", "messages")
