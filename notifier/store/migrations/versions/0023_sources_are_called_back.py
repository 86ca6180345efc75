"""Sources have callbacks, and are told of alerts; what closed before is told to nobody."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from notifier.store import columns

revision: str = "0023"
down_revision: str | Sequence[str] | None = "0022"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_PARTS = {
    "ix_alerts_unannounced": "announced_at IS NULL",
    "ix_alerts_end_unannounced": "closed_at IS NOT NULL AND end_announced_at IS NULL",
}


def upgrade() -> None:
    for name in ("announced_at", "end_announced_at"):
        op.add_column("alerts", sa.Column(name, columns.Instant(), nullable=True))
    op.execute(
        "UPDATE alerts SET announced_at = closed_at, end_announced_at = closed_at"
        " WHERE closed_at IS NOT NULL"
    )
    for name, rows in _PARTS.items():
        op.create_index(
            name, "alerts", ["id"], postgresql_where=sa.text(rows), sqlite_where=sa.text(rows)
        )
    op.create_table(
        "source_callbacks",
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("secret_cipher", sa.LargeBinary(), nullable=False),
        sa.Column("set_at", columns.Instant(), nullable=False),
        sa.Column("purge_after", columns.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["source_id"], ["sources.id"], name=op.f("fk_source_callbacks_source_id_sources")
        ),
        sa.PrimaryKeyConstraint("source_id", name=op.f("pk_source_callbacks")),
    )
    op.create_table(
        "alert_callbacks",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("alert_id", sa.String(), nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("tells", sa.String(), nullable=False),
        sa.Column("offices", sa.JSON(), nullable=False),
        sa.Column("made_at", columns.Instant(), nullable=False),
        sa.Column("due_at", columns.Instant(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("delivered_at", columns.Instant(), nullable=True),
        sa.Column("given_up_at", columns.Instant(), nullable=True),
        sa.Column("purge_after", columns.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["alerts.id"], name=op.f("fk_alert_callbacks_alert_id_alerts")
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["sources.id"], name=op.f("fk_alert_callbacks_source_id_sources")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_callbacks")),
        sa.UniqueConstraint(
            *("alert_id", "source_id", "tells"),
            name=op.f("uq_alert_callbacks_alert_id_source_id_tells"),
        ),
    )
    op.create_index(op.f("ix_alert_callbacks_source_id"), "alert_callbacks", ["source_id"])
    op.create_index(
        "ix_alert_callbacks_due",
        "alert_callbacks",
        ["due_at"],
        postgresql_where=sa.text("due_at IS NOT NULL"),
        sqlite_where=sa.text("due_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_table("alert_callbacks")
    op.drop_table("source_callbacks")
    for name in _PARTS:
        op.drop_index(name, "alerts")
    with op.batch_alter_table("alerts") as batch_op:
        batch_op.drop_column("end_announced_at")
        batch_op.drop_column("announced_at")
