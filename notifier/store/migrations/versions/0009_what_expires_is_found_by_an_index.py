"""What expires is found by an index: every sweep read the whole table for it."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from notifier.store.migrations import online

revision: str = "0009"
down_revision: str | Sequence[str] | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_EXPIRES = sa.text("state IN ('held', 'queued')")


def upgrade() -> None:
    online.create_index("ix_messages_expiring", "messages", ["valid_until"], _EXPIRES)


def downgrade() -> None:
    op.drop_index("ix_messages_expiring", "messages")
