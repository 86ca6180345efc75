"""What expires is found by an index: every sweep read the whole table for it."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0009"
down_revision: str | Sequence[str] | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_EXPIRES = sa.text("state IN ('held', 'queued')")


def upgrade() -> None:
    op.create_index(
        "ix_messages_expiring",
        "messages",
        ["valid_until"],
        postgresql_where=_EXPIRES,
        sqlite_where=_EXPIRES,
    )


def downgrade() -> None:
    op.drop_index("ix_messages_expiring", "messages")
