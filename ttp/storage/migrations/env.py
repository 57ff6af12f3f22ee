"""How migrations run: online only, one transaction, in batch mode so that SQLite can alter tables."""

from alembic import context

from ttp.storage.engine import open_engine
from ttp.storage.tables import metadata

engine = open_engine(context.config.attributes["url"])
with engine.connect() as connection:
    context.configure(
        connection=connection, target_metadata=metadata, render_as_batch=True, compare_type=True
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
engine.dispose()
