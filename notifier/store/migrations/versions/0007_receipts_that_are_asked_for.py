"""Attempts know when their provider is asked what became of them."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from notifier.store import columns
from notifier.store.migrations import online

revision: str = "0007"
down_revision: str | Sequence[str] | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_ASKED = sa.text("poll_at IS NOT NULL")


def upgrade() -> None:
    online.add_column("attempts", sa.Column("poll_at", columns.Instant(), nullable=True))
    online.add_column(
        "attempts", sa.Column("polls", sa.Integer(), nullable=False, server_default="0")
    )
    online.create_index("ix_attempts_poll", "attempts", ["poll_at"], _ASKED)


def downgrade() -> None:
    op.drop_index("ix_attempts_poll", "attempts")
    op.drop_column("attempts", "polls")
    op.drop_column("attempts", "poll_at")
