"""Engine: how a database is opened: SQLite in WAL with full durability, PostgreSQL through psycopg 3.

Neither logs nor errors show the values of a statement: pseudonyms and what people wrote are among them.
"""

from __future__ import annotations

import sqlite3
import time
from math import inf
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

SQLITE_BUSY_SECONDS = 10
STATEMENT_TIMEOUT_MS = 120_000
LOCK_TIMEOUT_MS = 30_000
RESTED_SECONDS = 1.0
READ_ONLY = "ttp_read_only"
_RESTS_SINCE = "ttp_rests_since"


def open_engine(url: str, *, pool_size: int = 10) -> Engine:
    """An engine for ``sqlite:///PATH`` or ``postgresql://…`` (psycopg 3 is chosen for the latter)."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(url)
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    return _postgresql(parsed, pool_size)


def _postgresql(url: URL, pool_size: int) -> Engine:
    from ttp.storage.array_dumpers import register_arrays  # noqa: PLC0415 - SQLite needs no such driver

    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        hide_parameters=True,
        connect_args={
            "options": f"-c statement_timeout={STATEMENT_TIMEOUT_MS} -c lock_timeout={LOCK_TIMEOUT_MS} -c timezone=UTC"
        },
    )

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: ConnectionPoolEntry) -> None:
        register_arrays(connection)

    @event.listens_for(engine, "checkin")
    def rest(_connection: Any, record: ConnectionPoolEntry) -> None:
        record.info[_RESTS_SINCE] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def wake(connection: Any, record: ConnectionPoolEntry, _proxy: PoolProxiedConnection) -> None:
        """One that rested may have been cut off meanwhile; one in use a moment ago is not asked again."""
        if time.monotonic() - record.info.get(_RESTS_SINCE, inf) > RESTED_SECONDS:
            _ping(engine, connection)

    return engine


def _ping(engine: Engine, connection: Any) -> None:
    try:
        engine.dialect.do_ping(connection)
    except engine.dialect.loaded_dbapi.Error as error:
        raise DisconnectionError from error  # the pool opens another one


def _sqlite(url: str) -> Engine:
    engine = create_engine(
        url, connect_args={"timeout": SQLITE_BUSY_SECONDS}, pool_size=10, hide_parameters=True
    )

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _record: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # the driver's own BEGIN comes too late
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "secure_delete=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        read_only = connection.get_execution_options().get(READ_ONLY)
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine
