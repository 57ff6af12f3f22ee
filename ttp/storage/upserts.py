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
    upsert = postgresql_insert if is_postgresql(connection) else sqlite_insert
    statement = upsert(table).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
    inserted = 0
    for part in cut(rows, ROWS):
        # one row is not sent as a batch: only then does every driver tell what it inserted
        parameters = part[0] if len(part) == 1 else list(part)
        inserted += connection.execute(statement, parameters).rowcount
    return inserted
