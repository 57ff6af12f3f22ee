"""Loot: a stolen database as a thief reads it: tables, columns, cells; nothing is known of what they mean."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql


@dataclass(frozen=True, slots=True)
class Column:
    """All cells of one column; empty ones left out, texts as UTF-8."""

    table: str
    name: str
    cells: tuple[bytes, ...]

    @property
    def title(self) -> str:
        """Table and column."""
        return f"{self.table}.{self.name}"


@dataclass(frozen=True, slots=True)
class Loot:
    """Everything in the database, and for an SQLite file also its raw bytes, freed pages and logs included."""

    columns: tuple[Column, ...]
    raw: bytes

    def names(self) -> set[str]:
        """Short words of the database itself: names of domains, populations, clients, the center."""
        return {
            cell.decode()
            for column in self.columns
            for cell in set(column.cells)
            if column.name in {"name", "origin", "population", "source", "center"}
            and len(cell) < 64
        }

    def short_secrets(self) -> set[bytes]:
        """What could be a salt or a public key: binary cells of 8 to 64 bytes that stand in small tables."""
        return {
            cell
            for column in self.columns
            if len(column.cells) <= 20
            for cell in column.cells
            if 8 <= len(cell) <= 64
        }


def steal(place: str) -> Loot:
    """Read an SQLite file, a `postgresql://` database, or any other file as mere bytes."""
    if place.startswith("postgresql"):
        return Loot(tuple(_postgresql(place.replace("+psycopg", ""))), b"")
    path = Path(place)
    beside = [path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")]
    raw = b"".join(one.read_bytes() for one in beside if one.is_file())
    is_database = raw.startswith(b"SQLite format 3\x00")
    return Loot(tuple(_sqlite(path)) if is_database else (), raw)


def _sqlite(path: Path) -> Iterator[Column]:
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as session:
        tables = session.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            cursor = session.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - names of the database itself
            yield from _columns(table, [one[0] for one in cursor.description], cursor.fetchall())


def _postgresql(url: str) -> Iterator[Column]:
    with psycopg.connect(url) as session:
        named = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        for (table,) in session.execute(named).fetchall():
            query = sql.SQL("SELECT * FROM {}").format(sql.Identifier(table))
            cursor = session.execute(query)
            titles = [one.name for one in cursor.description or ()]
            yield from _columns(table, titles, cursor.fetchall())


def _columns(table: str, titles: list[str], rows: list[tuple[object, ...]]) -> Iterator[Column]:
    for position, title in enumerate(titles):
        cells = (row[position] for row in rows)
        yield Column(table, title, tuple(_bytes(cell) for cell in cells if cell is not None))


def _bytes(cell: object) -> bytes:
    return bytes(cell) if isinstance(cell, bytes | memoryview) else str(cell).encode()
