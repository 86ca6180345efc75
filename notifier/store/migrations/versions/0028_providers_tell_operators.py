"""Which operator a provider last told of a phone; receipts keep what they told."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from notifier.store import columns

revision: str = "0028"
down_revision: str | Sequence[str] | None = "0027"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("receipts", sa.Column("operator", sa.String(), nullable=True))
    op.create_table(
        "phone_operators",
        sa.Column("phone_hash", sa.LargeBinary(), nullable=False),
        sa.Column("operator", sa.String(), nullable=False),
        sa.Column("told_by", sa.String(), nullable=False),
        sa.Column("told_at", columns.Instant(), nullable=False),
        sa.Column("purge_after", columns.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("phone_hash", name=op.f("pk_phone_operators")),
    )


def downgrade() -> None:
    op.drop_table("phone_operators")
    with op.batch_alter_table("receipts") as batch_op:
        batch_op.drop_column("operator")
