"""Offices go live, have test numbers until then, and what is held for a reason has an index."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from notifier.store import columns
from notifier.store.migrations import online

revision: str = "0012"
down_revision: str | Sequence[str] | None = "0011"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_HELD = sa.text("state = 'held'")


def upgrade() -> None:
    online.create_index("ix_messages_held", "messages", ["reason", "office_id", "id"], _HELD)
    op.add_column("offices", sa.Column("live", sa.Boolean(), nullable=True))
    op.add_column("offices", sa.Column("live_at", columns.Instant(), nullable=True))
    # Whoever is there already sends already; those below inherit it.
    op.execute("UPDATE offices SET live = true WHERE parent_id IS NULL")
    op.create_table(
        "test_numbers",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("office_id", sa.String(), nullable=False),
        sa.Column("phone_hash", sa.LargeBinary(), nullable=False),
        sa.Column("phone_mask", sa.String(), nullable=False),
        sa.Column("added_at", columns.Instant(), nullable=False),
        sa.Column("purge_after", columns.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_test_numbers_office_id_offices")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_test_numbers")),
        sa.UniqueConstraint(
            "office_id", "phone_hash", name=op.f("uq_test_numbers_office_id_phone_hash")
        ),
    )


def downgrade() -> None:
    op.drop_index("ix_messages_held", "messages")
    op.drop_table("test_numbers")
    op.drop_column("offices", "live_at")
    op.drop_column("offices", "live")
