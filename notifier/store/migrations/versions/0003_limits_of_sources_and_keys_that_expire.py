"""Limits of sources, and keys that have a name, expire and know their successor."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from notifier.store import columns

revision: str = "0003"
down_revision: str | Sequence[str] | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_CURRENT = sa.text("revoked_at IS NULL AND replaced_by IS NULL")


def upgrade() -> None:
    op.add_column("sources", sa.Column("intake_per_minute", sa.Integer(), nullable=True))
    for column in (
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("expires_at", columns.Instant(), nullable=True),
        sa.Column("replaced_by", sa.String(), nullable=True),
        sa.Column("development", sa.Boolean(), nullable=False, server_default=sa.false()),
    ):
        op.add_column("api_keys", column)
    op.create_index(
        "uq_api_keys_current",
        "api_keys",
        ["source_id", "name"],
        unique=True,
        postgresql_where=_CURRENT,
        sqlite_where=_CURRENT,
    )


def downgrade() -> None:
    op.drop_index("uq_api_keys_current", "api_keys")
    for name in ("development", "replaced_by", "expires_at", "name"):
        op.drop_column("api_keys", name)
    op.drop_column("sources", "intake_per_minute")
