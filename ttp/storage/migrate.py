"""Migrations: the one way a database comes to the present form, on SQLite and PostgreSQL alike."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.exc import ArgumentError, DatabaseError

from ttp.core.errors import Unavailable
from ttp.storage.engine import open_engine

_SCRIPTS = Path(__file__).parent / "migrations"


class CannotOpenDatabase(Unavailable):
    """The database cannot be opened: its server refuses or does not answer, or URL or file are damaged."""

    code = "cannot-open-database"


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database to the revision.

    Raises:
        CannotOpenDatabase: it is not there, or is none.
    """
    with _opened(url):
        pass
    command.upgrade(_config(url), revision)


def downgrade(url: str, revision: str) -> None:
    """Take the database back to the revision; ``base`` empties it."""
    command.downgrade(_config(url), revision)


def is_current(url: str) -> bool:
    """Whether the database has the form this program needs.

    Raises:
        CannotOpenDatabase: it is not there, or is none.
    """
    with _opened(url) as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    return current == ScriptDirectory.from_config(_config(url)).get_current_head()


@contextmanager
def _opened(url: str) -> Iterator[Connection]:
    """A connection; why there is none is said without the URL, which may hold a password."""
    try:
        engine = open_engine(url)
        connection = engine.connect()
    except (ArgumentError, DatabaseError, ImportError) as error:
        raise CannotOpenDatabase from error
    try:
        yield connection
    finally:
        connection.close()
        engine.dispose()


def _config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.attributes["url"] = url
    return config
