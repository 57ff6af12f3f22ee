"""Guarded updates: a block of rows gets new values in one statement, each only where its old value still stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    bindparam,
    column,
    func,
    literal,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY

from ttp.storage.batches import is_postgresql

_BY_INDEX = text("SET LOCAL enable_seqscan = off")


class Changes(NamedTuple):
    """Keys, what stood in each row when it was read, and what shall stand."""

    keys: Sequence[Any]
    olds: Sequence[bytes]
    news: Sequence[bytes]


def change_where_unchanged(
    connection: Connection,
    key: Column[Any],
    guard: Column[Any],
    target: Column[Any],
    changes: Changes,
    where: ColumnElement[bool],
) -> None:
    """Set ``target`` of each row whose ``guard`` is as it was read; other rows are left alone."""
    if not changes.keys:
        return
    if is_postgresql(connection):
        _by_arrays(connection, key, guard, target, changes, where)
    else:
        _by_rows(connection, key, guard, target, changes, where)


def _by_arrays(
    connection: Connection,
    key: Column[Any],
    guard: Column[Any],
    target: Column[Any],
    changes: Changes,
    where: ColumnElement[bool],
) -> None:
    """One statement; each row is looked up by its key, for blocks are small against their table."""
    connection.execute(_BY_INDEX)
    columns = {"k": (key, changes.keys), "o": (guard, changes.olds), "n": (target, changes.news)}
    arrays = [literal(list(values), ARRAY(kind.type)) for kind, values in columns.values()]
    rows = (
        func.unnest(*arrays)
        .table_valued(*(column(name, kind.type) for name, (kind, _) in columns.items()))
        .render_derived(name="rows")
    )
    connection.execute(
        update(key.table)
        .where(where, key == rows.c.k, guard == rows.c.o)
        .values({target: rows.c.n})
    )


def _by_rows(
    connection: Connection,
    key: Column[Any],
    guard: Column[Any],
    target: Column[Any],
    changes: Changes,
    where: ColumnElement[bool],
) -> None:
    statement = (
        update(key.table)
        .where(where, key == bindparam("b_key"), guard == bindparam("b_old"))
        .values({target: bindparam("b_new")})
    )
    connection.execute(
        statement,
        [
            {"b_key": one, "b_old": old, "b_new": new}
            for one, old, new in zip(changes.keys, changes.olds, changes.news, strict=True)
        ],
    )
