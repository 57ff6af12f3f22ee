"""Upserts: insert what is free and leave what stands, on both databases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from ttp.storage.batches import cut, is_postgresql

ROWS = 5000


def insert_free(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> int:
    """Insert the rows that collide with nothing; returns how many were inserted where the driver tells, else -1."""
    inserted = 0
    for part in cut(rows, ROWS):
        if is_postgresql(connection):
            done = connection.execute(postgresql_insert(table).on_conflict_do_nothing(), list(part))
        else:
            done = connection.execute(sqlite_insert(table).on_conflict_do_nothing(), list(part))
        inserted += done.rowcount
    return inserted
