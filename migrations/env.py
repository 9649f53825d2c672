"""Runs the migrations: ``toise migrate`` gives a connection, the ``alembic`` command finds its own.

One transaction per migration, one process at a time, and no long wait for a lock: a migration that queues
behind a slow query would make every other query queue behind itself.
"""

from alembic import context
from sqlalchemy import Connection, text

from app import settings
from app.db import connection as database
from app.db import schema
from app.db.tables import Row

LOCK = 7_646_950_001  # any number, the same for all who migrate
TIMEOUTS = ("SET lock_timeout = '5s'", "SET statement_timeout = '15min'")


def migrate(connection: Connection) -> None:
    connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": LOCK})
    try:
        for timeout in TIMEOUTS:
            connection.execute(text(timeout))
        connection.commit()
        context.configure(
            connection=connection,
            target_metadata=Row.metadata,
            compare_server_default=True,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
    finally:
        connection.rollback()
        connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": LOCK})
        connection.commit()


def migrate_from_the_command_line() -> None:
    chosen = settings.read()
    with database.addresses(chosen) as at, database.owner_engine(at) as owner, owner.connect() as connection:
        migrate(connection)


given = context.config.attributes.get(schema.CONNECTION)
if given is None:
    migrate_from_the_command_line()
else:
    migrate(given)
