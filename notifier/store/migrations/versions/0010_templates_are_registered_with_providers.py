"""Template versions are registered with providers; corrected messages keep what was filled in."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from notifier.store import columns

revision: str = "0010"
down_revision: str | Sequence[str] | None = "0009"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "registrations",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("version_id", sa.String(), nullable=False),
        sa.Column("gateway", sa.String(), nullable=False),
        sa.Column("network", sa.String(), nullable=False),
        sa.Column("office", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("provider_id", sa.String(), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("remark", sa.String(), nullable=True),
        sa.Column("status_at", columns.Instant(), nullable=False),
        sa.Column("purge_after", columns.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["template_versions.id"],
            name=op.f("fk_registrations_version_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registrations")),
        sa.UniqueConstraint(
            "version_id",
            "gateway",
            "network",
            "office",
            name=op.f("uq_registrations_version_id_gateway_network_office"),
        ),
    )
    op.create_index("ix_registrations_gateway", "registrations", ["gateway", "status"])
    op.add_column("messages", sa.Column("values_cipher", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("messages", "values_cipher")
    op.drop_index("ix_registrations_gateway", "registrations")
    op.drop_table("registrations")
