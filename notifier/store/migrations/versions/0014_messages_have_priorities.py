"""Messages have priorities, and offices take turns: the claim finds both by an index."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0014"
down_revision: str | Sequence[str] | None = "0013"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_QUEUED = sa.text("state = 'queued'")
_URGENT = sa.text("state = 'queued' AND priority = 0")


def upgrade() -> None:
    op.add_column(
        "messages", sa.Column("priority", sa.Integer(), server_default="1", nullable=False)
    )
    op.create_index(
        "ix_messages_turn",
        "messages",
        ["office_id", "priority", "send_at"],
        postgresql_where=_QUEUED,
        sqlite_where=_QUEUED,
    )
    op.create_index(
        "ix_messages_urgent",
        "messages",
        ["send_at"],
        postgresql_where=_URGENT,
        sqlite_where=_URGENT,
    )


def downgrade() -> None:
    op.drop_index("ix_messages_urgent", "messages")
    op.drop_index("ix_messages_turn", "messages")
    op.drop_column("messages", "priority")
