"""How migrations run: online only, one transaction, in batch mode so that SQLite can alter tables.

A table that others refer to is altered on SQLite by making it anew, which its foreign keys would forbid halfway:
they are off meanwhile and checked as a whole before the commit (the procedure of sqlite.org/lang_altertable.html).
"""

from alembic import context

from ttp.storage.engine import open_engine
from ttp.storage.tables import metadata

engine = open_engine(context.config.attributes["url"])
embedded = engine.dialect.name == "sqlite"
with engine.connect() as connection:
    if embedded:
        connection.connection.cursor().execute("PRAGMA foreign_keys=OFF")
    context.configure(
        connection=connection, target_metadata=metadata, render_as_batch=True, compare_type=True
    )
    with context.begin_transaction():
        context.run_migrations()
        if embedded and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
            raise RuntimeError("a migration would leave rows that refer to nothing")
    connection.commit()
engine.dispose()
