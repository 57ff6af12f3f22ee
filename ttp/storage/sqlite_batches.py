"""SQLite batches: the few statements on which speed depends go to SQLite's driver as they are, rows as tuples.

They run in the transaction of the connection they are given; what they raise looks as it does everywhere else.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, Connection
from sqlalchemy.exc import DBAPIError

from ttp.storage.batches import SQLITE_KEYS, cut

Rows = list[tuple[Any, ...]]


def fetch_among(connection: Connection, statement: str, domain: int, keys: Sequence[Any]) -> Rows:
    """All rows of a statement with the places ``domain = ?`` and, last, ``IN ({keys})``; any number of keys."""
    found: Rows = []
    for part in cut(keys, SQLITE_KEYS):
        text = statement.format(keys=",".join("?" * len(part)))
        found += _run(connection, "execute", text, (domain, *part)).fetchall()
    return found


def insert_many(connection: Connection, statement: str, rows: Sequence[tuple[Any, ...]]) -> int:
    """Execute the statement for each row; returns how many rows were really inserted."""
    return int(_run(connection, "executemany", statement, rows).rowcount)


def as_stored(connection: Connection, column: Column[Any], value: object) -> Any:
    """A value as the column's type hands it to the driver."""
    dialect = connection.dialect
    process = column.type.dialect_impl(dialect).bind_processor(dialect)
    return process(value) if process else value


def _run(connection: Connection, method: str, statement: str, values: Sequence[Any]) -> Any:
    kind = connection.dialect.loaded_dbapi.Error
    try:
        return getattr(connection.connection.driver_connection, method)(statement, values)
    except kind as error:
        raise DBAPIError.instance(statement, None, error, kind, hide_parameters=True) from error
