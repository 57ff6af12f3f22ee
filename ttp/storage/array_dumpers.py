"""Array dumpers: how PostgreSQL's driver sends the arrays that are in binary form already: as they are."""

from __future__ import annotations

from psycopg import Connection
from psycopg.adapt import Buffer, Dumper
from psycopg.pq import Format

from ttp.storage.driver import ByteArray, TextArray


class _ByteArrayDumper(Dumper):
    format = Format.BINARY
    oid = 1001

    def dump(self, obj: ByteArray) -> Buffer:
        return obj


class _TextArrayDumper(Dumper):
    format = Format.BINARY
    oid = 1009

    def dump(self, obj: TextArray) -> Buffer:
        return obj


def register_arrays(connection: Connection[object]) -> None:
    """Let this connection take both kinds of arrays."""
    connection.adapters.register_dumper(ByteArray, _ByteArrayDumper)
    connection.adapters.register_dumper(TextArray, _TextArrayDumper)
