"""Alembic's environment: runs on the connection that `notifier.store.migrate` hands over."""

from alembic import context
from sqlalchemy import Connection

from notifier.store.tables import Base


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=False,
        user_module_prefix="columns.",
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])
