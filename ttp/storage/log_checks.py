"""Checks of the log in the database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import Column, Connection, exists, select, update

from ttp.core.log_check import LogCheck, Orphan
from ttp.storage.tables import audit_leaf, audit_node, log_check, metadata
from ttp.storage.upserts import insert_free

_ROW = 1


class SqlLogCheckStore:
    """Checks as one transaction sees them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def latest(self) -> LogCheck | None:
        """The latest check, None before the first."""
        row = self._connection.execute(select(log_check)).one_or_none()
        return LogCheck(row.at, row.size, row.flaw, row.whole_at, row.swept_at) if row else None

    def save(self, check: LogCheck) -> None:
        """Keep this check in place of the one before it."""
        values = asdict(check)
        insert_free(self._connection, log_check, [{"id": _ROW, **values}])
        self._connection.execute(update(log_check).where(log_check.c.id == _ROW).values(**values))

    def nodes(self, level: int, start: int, end: int) -> Mapping[int, bytes]:
        """Stored nodes of a level from index ``start`` up to, not including, ``end``, by index."""
        query = select(audit_node.c.index, audit_node.c.hash).where(
            audit_node.c.level == level, audit_node.c.index >= start, audit_node.c.index < end
        )
        return {index: bytes(digest) for index, digest in self._connection.execute(query)}

    def place_of(self, digest: bytes) -> int | None:
        """The position of the leaf of this hash, None if there is none."""
        query = select(audit_node.c.index).where(audit_node.c.level == 0)
        return self._connection.execute(query.where(audit_node.c.hash == digest)).scalar()

    def orphan(self) -> Orphan | None:
        """Any row, of any table that stores leaves of changes, whose leaf is missing."""
        for column in leaf_columns():
            known = exists(select(audit_leaf.c.id).where(audit_leaf.c.id == column))
            query = select(column).where(column.is_not(None), ~known).limit(1)
            found = self._connection.execute(query).scalar()
            if found is not None:
                return Orphan(column.table.name, column.name, found)
        return None


def leaf_columns() -> Iterator[Column[Any]]:
    """Every column that names the leaf of a change."""
    for table in metadata.sorted_tables:
        for column in table.columns:
            if column.name == "leaf" or column.name.endswith("_leaf"):
                yield column
