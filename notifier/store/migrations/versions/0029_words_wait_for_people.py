"""Words that wait for somebody are found by an index: submitted ones, and an author's drafts."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from notifier.store.migrations import online

revision: str = "0029"
down_revision: str | Sequence[str] | None = "0028"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    online.create_index(
        "ix_template_versions_submitted",
        "template_versions",
        ["id"],
        sa.text("status = 'submitted'"),
    )
    online.create_index(
        "ix_template_versions_drafts",
        "template_versions",
        ["author", "id"],
        sa.text("status = 'draft'"),
    )


def downgrade() -> None:
    op.drop_index("ix_template_versions_drafts", "template_versions")
    op.drop_index("ix_template_versions_submitted", "template_versions")
