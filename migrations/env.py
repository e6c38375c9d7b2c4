"""Alembic environment: one revision set for SQLite and PostgreSQL."""

from alembic import context
from sqlalchemy.engine import Connection

from dispatch.config import Settings
from dispatch.db import make_engine
from dispatch.tables import metadata


def run(connection: Connection) -> None:
    is_sqlite = connection.dialect.name == "sqlite"
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=True,
        include_object=_ours,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        context.run_migrations()
    if not is_sqlite or connection.in_transaction():
        connection.connection.commit()


def _ours(_item: object, name: str | None, kind: str, *_rest: object) -> bool:
    return not (kind == "table" and name == "spatial_ref_sys")


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with make_engine(Settings.from_env().database_url).connect() as own:
        run(own)
