"""Approved words that nobody has published yet are found by an index."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from notifier.store.migrations import online

revision: str = "0030"
down_revision: str | Sequence[str] | None = "0029"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    online.create_index(
        "ix_template_versions_approved",
        "template_versions",
        ["id"],
        sa.text("status = 'approved'"),
    )


def downgrade() -> None:
    op.drop_index("ix_template_versions_approved", "template_versions")
