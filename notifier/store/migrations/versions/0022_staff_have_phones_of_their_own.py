"""Staff have phones of their own, and words are tried on them."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from notifier.store import columns

revision: str = "0022"
down_revision: str | Sequence[str] | None = "0021"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "own_phones",
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("phone_cipher", sa.LargeBinary(), nullable=False),
        sa.Column("phone_hash", sa.LargeBinary(), nullable=False),
        sa.Column("phone_mask", sa.String(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=True),
        sa.Column("code_expires_at", columns.Instant(), nullable=True),
        sa.Column("wrong_codes", sa.Integer(), nullable=False),
        sa.Column("given_at", columns.Instant(), nullable=False),
        sa.Column("verified_at", columns.Instant(), nullable=True),
        sa.Column("purge_after", columns.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_own_phones_user_id_users")
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_own_phones")),
    )
    op.create_table(
        "staff_texts",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("phone_hash", sa.LargeBinary(), nullable=False),
        sa.Column("sent_at", columns.Instant(), nullable=False),
        sa.Column("purge_after", columns.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_staff_texts_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_texts")),
    )
    op.create_index("ix_staff_texts_user", "staff_texts", ["user_id", "sent_at"])
    op.create_index("ix_staff_texts_phone", "staff_texts", ["phone_hash", "sent_at"])


def downgrade() -> None:
    op.drop_table("staff_texts")
    op.drop_table("own_phones")
