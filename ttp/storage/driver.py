"""Driver: the few statements on which speed depends go to PostgreSQL's driver as they are, values in binary.

They run in the transaction of the connection they are given; what they raise looks as it does everywhere else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from struct import Struct
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

_HEAD = Struct(
    "!5i"
)  # dimensions, whether nulls occur, type of the elements, how many, first subscript
_LENGTH = Struct("!i")
_NULL = _LENGTH.pack(-1)
BYTEA, TEXT = 17, 25
"""Object identifiers of the two types (PostgreSQL's catalog ``pg_type``)."""


class ByteArray(bytes):
    """A ``bytea[]`` in PostgreSQL's binary form; see ``byte_array``."""


class TextArray(bytes):
    """A ``text[]`` in PostgreSQL's binary form; see ``text_array``."""


def byte_array(values: Sequence[bytes | None]) -> ByteArray:
    """The values as one parameter; writing the array down is what a thousand parameters cost most."""
    return ByteArray(_array(BYTEA, values))


def text_array(values: Sequence[str]) -> TextArray:
    """The values as one parameter, in UTF-8."""
    return TextArray(_array(TEXT, [value.encode() for value in values]))


def fetch(
    connection: Connection, statement: str, values: Mapping[str, Any], *, keep_plan: bool = True
) -> list[tuple[Any, ...]]:
    """All rows of a statement whose places are written ``%(name)s``, or ``:name`` for SQLite.

    Without ``keep_plan`` PostgreSQL plans it for the size that tables have now. A plan kept from when a table was
    nearly empty can walk a whole domain for every key, until the next ``ANALYZE``: a thousand keys among 30,000 rows
    took a second.
    """
    try:
        if connection.dialect.name == "sqlite":
            found: list[tuple[Any, ...]] = _driver(connection).execute(statement, values).fetchall()
            return found
        with _driver(connection).cursor(binary=True) as cursor:
            rows: list[tuple[Any, ...]] = cursor.execute(
                statement, values, prepare=None if keep_plan else False
            ).fetchall()
            return rows
    except connection.dialect.loaded_dbapi.Error as error:
        raise _named(connection, statement, error) from error


def execute(connection: Connection, statement: str, values: Mapping[str, Any]) -> None:
    """Execute a statement that returns no rows."""
    try:
        _driver(connection).execute(statement, values)
    except connection.dialect.loaded_dbapi.Error as error:
        raise _named(connection, statement, error) from error


def _driver(connection: Connection) -> Any:
    return connection.connection.driver_connection


def _named(connection: Connection, statement: str, error: Exception) -> BaseException:
    """The error as every other statement raises it, without the values."""
    kind = connection.dialect.loaded_dbapi.Error
    return DBAPIError.instance(statement, None, error, kind, hide_parameters=True)


def _array(kind: int, values: Sequence[bytes | None]) -> bytes:
    present = [value for value in values if value is not None]
    head = _HEAD.pack(1, len(present) < len(values), kind, len(values), 1)
    lengths = set(map(len, present))
    if len(present) == len(values) and len(lengths) == 1:
        mark = _LENGTH.pack(lengths.pop())
        return head + mark + mark.join(present)
    if not present:
        return head + _NULL * len(values)
    parts = (_NULL if value is None else _LENGTH.pack(len(value)) + value for value in values)
    return head + b"".join(parts)


@contextmanager
def planned_anew(connection: Connection) -> Iterator[None]:
    """PostgreSQL plans what SQLAlchemy executes here for the size that tables have now; see ``fetch``."""
    driver = _driver(connection)
    kept = driver.prepare_threshold
    driver.prepare_threshold = None
    try:
        yield
    finally:
        driver.prepare_threshold = kept
