"""What Alembic runs: the migrations, in one transaction, over the connection that `bot.store.upgrade` opened."""

from alembic import context
from sqlalchemy import func, select

from bot.store.tables import Base

UPGRADE_LOCK = 0xCA11
"""The number of the lock on PostgreSQL that makes processes take turns; any number will do."""

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    # One transaction for all steps: a failed upgrade leaves the old schema. SQLite can do it too.
    transactional_ddl=True,
    render_as_batch=True,
)
with context.begin_transaction():
    if connection.dialect.name == "postgresql":  # on SQLite the transaction itself is the lock
        connection.execute(select(func.pg_advisory_xact_lock(UPGRADE_LOCK)))
    context.run_migrations()
