"""What offices may spend, and what they spent."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from notifier.store import columns

revision: str = "0021"
down_revision: str | Sequence[str] | None = "0020"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_LIMITS = ("daily_segments", "monthly_segments", "daily_dong", "monthly_dong")


def upgrade() -> None:
    op.create_table(
        "office_budgets",
        sa.Column("office_id", sa.String(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=True) for name in _LIMITS),
        sa.Column("purge_after", columns.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_office_budgets_office_id_offices")
        ),
        sa.PrimaryKeyConstraint("office_id", name=op.f("pk_office_budgets")),
    )
    op.create_table(
        "office_spending",
        sa.Column("office_id", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("segments", sa.BigInteger(), nullable=False),
        sa.Column("dong", sa.BigInteger(), nullable=False),
        sa.Column("purge_after", columns.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_office_spending_office_id_offices")
        ),
        sa.PrimaryKeyConstraint("office_id", "day", name=op.f("pk_office_spending")),
    )


def downgrade() -> None:
    op.drop_table("office_spending")
    op.drop_table("office_budgets")
