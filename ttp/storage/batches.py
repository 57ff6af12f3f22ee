"""Batches: how sets of keys reach the databases: arrays on PostgreSQL, cut lists on SQLite."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Row, Select, any_, literal
from sqlalchemy.dialects.postgresql import ARRAY

from ttp.storage.driver import planned_anew

T = TypeVar("T")

SQLITE_KEYS = 10_000  # bound parameters a statement; the library's limit is above 30,000


def is_postgresql(connection: Connection) -> bool:
    """Whether the connection speaks to PostgreSQL."""
    return connection.dialect.name == "postgresql"


def cut(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """The items in slices of at most ``size``."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def arrays(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> dict[str, list[Any]]:
    """The rows as one list per column, by name: parameters of a statement that unnests arrays."""
    return {name: list(values) for name, values in zip(names, zip(*rows, strict=True), strict=True)}


def select_in(
    connection: Connection, query: Select[Any], column: ColumnElement[Any], keys: Sequence[Any]
) -> Iterator[Row[Any]]:
    """The rows of the query whose column is among the keys: one statement on PostgreSQL."""
    if not keys:
        return
    if is_postgresql(connection):
        array = literal(list(keys), ARRAY(column.type))
        with planned_anew(connection):
            found = connection.execute(query.where(column == any_(array))).all()
        yield from found
        return
    for part in cut(keys, SQLITE_KEYS):
        yield from connection.execute(query.where(column.in_(part)))
