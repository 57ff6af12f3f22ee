"""A keyring in a database of its own, for several hosts: one row, exchanged under a lock, compared before it is.

It must not be the database that the keys open: a backup of that one would hold the keyring, and bring destroyed
keys back. For the same reason the log archive of this database is a backup of the keyring like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Integer,
    MetaData,
    Row,
    Table,
    Uuid,
    inspect,
    select,
    text,
    update,
)
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError, SQLAlchemyError

from keys.errors import KeyringDamaged, KeyringUnreachable
from keys.keyring import Stored
from ttp.core.center_identity import KeyringNotApart
from ttp.storage.batches import is_postgresql
from ttp.storage.engine import READ_ONLY, open_engine
from ttp.storage.tables.base import Bytes

_metadata = MetaData()
_keyring = Table(
    "keyring",
    _metadata,
    Column("id", Integer, primary_key=True),
    Column("exchanges", BigInteger, nullable=False),
    Column(
        "mark", Uuid, nullable=False
    ),  # drawn for every exchange: tells a restored row from its successor
    Column("data", Bytes, nullable=False),
)
_ROW = 1
_MAIN_TABLES = text(
    "SELECT count(*) FROM pg_class WHERE relname IN ('audit_leaf', 'alembic_version')"
    " AND relkind IN ('r', 'p')"
)
_CLUSTER = text("SELECT pg_postmaster_start_time()::text || ' ' || current_setting('port')")


class DatabaseStore:
    """The keyring in the database at one URL."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._engine = open_engine(url, pool_size=2)

    def create(self, data: bytes) -> None:
        """Make the table and put the first generation in.

        Raises:
            FileExistsError: there is a keyring already; it is left as it was.
        """
        with self._answering():
            _metadata.create_all(self._engine)
            row = {"id": _ROW, "exchanges": 1, "mark": uuid4(), "data": data}
            try:
                with self._engine.begin() as connection:
                    connection.execute(_keyring.insert().values(row))
            except IntegrityError:
                raise FileExistsError("this database holds a keyring already") from None

    def read(self) -> Stored:
        """Give the generation that stands."""
        with self._reading() as connection:
            return _stored(_row(connection, hold=False))

    def stamp(self) -> Hashable:
        """The number of exchanges, and the mark of the last."""
        query = select(_keyring.c.exchanges, _keyring.c.mark).where(_keyring.c.id == _ROW)
        with self._reading() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            raise _missing()
        return row.exchanges, row.mark

    def exchange(self, change: Callable[[Stored], bytes | None]) -> None:
        """Replace the row by what ``change`` makes of it, in one transaction that holds it.

        Raises:
            KeyringUnreachable: the database does not answer. Whether a commit that was cut off took place, the
                next reading tells.
        """
        with self._answering(), self._engine.begin() as connection:
            present = _row(connection, hold=True)
            following = change(_stored(present))
            if following is not None:
                _replace(connection, present, following)

    def forget(self) -> None:
        """Rewrite the table, so that its file holds the present row only; the log archive is another matter."""
        with self._answering(), self._engine.connect() as connection:
            if is_postgresql(connection):
                apart = connection.execution_options(isolation_level="AUTOCOMMIT")
                apart.execute(text("VACUUM FULL keyring"))
                return
            raw = connection.connection.cursor()
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def require_apart(self, database_url: str) -> None:
        """Pass if backups of the center's own database cannot hold this keyring by being copies of one database.

        Raises:
            KeyringNotApart: it is the same database, or one that holds a center's tables.
        """
        if _same_file(make_url(self._url), make_url(database_url)):
            raise KeyringNotApart
        with self._reading() as connection:
            if is_postgresql(connection):
                found = bool(connection.execute(_MAIN_TABLES).scalar_one())
            else:
                found = inspect(connection).has_table("audit_leaf")
        if found:
            raise KeyringNotApart

    def shares_server(self, database_url: str) -> bool:
        """Whether one physical backup of a database server would hold both, keyring and database."""
        parsed = make_url(database_url)
        with self._reading() as connection:
            if not is_postgresql(connection) or parsed.get_backend_name() != "postgresql":
                return False
            own = connection.execute(_CLUSTER).scalar_one()
        other = open_engine(database_url, pool_size=1)
        try:
            with other.connect() as connection:
                return bool(connection.execute(_CLUSTER).scalar_one() == own)
        finally:
            other.dispose()

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._answering():
            reader: Engine = self._engine.execution_options(**{READ_ONLY: True})
            with reader.connect() as connection:
                yield connection

    @contextmanager
    def _answering(self) -> Iterator[None]:
        """Errors of the database by the names the keyring knows; none of them shows the URL or the row."""
        try:
            yield
        except ProgrammingError:
            raise _missing() from None
        except DBAPIError as error:
            if "no such table" in str(error.orig):
                raise _missing() from None
            raise _unreachable() from None
        except SQLAlchemyError:
            raise _unreachable() from None


def _row(connection: Connection, *, hold: bool) -> Row[Any]:
    query = select(_keyring).where(_keyring.c.id == _ROW)
    row = connection.execute(query.with_for_update() if hold else query).one_or_none()
    if row is None:
        raise _missing()
    return row


def _stored(row: Row[Any]) -> Stored:
    return Stored(row.data, (row.exchanges, row.mark))


def _replace(connection: Connection, present: Row[Any], data: bytes) -> None:
    unchanged = (_keyring.c.id == _ROW) & (_keyring.c.mark == present.mark)
    values = {"exchanges": present.exchanges + 1, "mark": uuid4(), "data": data}
    if connection.execute(update(_keyring).where(unchanged).values(values)).rowcount != 1:
        raise KeyringUnreachable("the keyring was changed by somebody else at the same time")


def _same_file(one: URL, other: URL) -> bool:
    if "sqlite" not in {one.get_backend_name(), other.get_backend_name()}:
        return False
    return one.get_backend_name() == other.get_backend_name() and (
        Path(one.database or "").resolve() == Path(other.database or "").resolve()
    )


def _missing() -> KeyringDamaged:
    return KeyringDamaged("the keyring cannot be read: this database holds none")


def _unreachable() -> KeyringUnreachable:
    return KeyringUnreachable("the database of the keyring does not answer")
