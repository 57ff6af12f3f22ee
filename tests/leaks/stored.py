"""All that a database holds: a dump, as a thief would take one, and the raw files with their logs."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from pathlib import Path

import psycopg

from tests.postgres_server import server_programs


def dump(home: Path, database: str) -> bytes:
    """The whole database as SQL text; binary columns are hexadecimal."""
    if not database:
        with sqlite3.connect(f"file:{home / 'ttp.db'}?mode=ro", uri=True) as session:
            return "\n".join(session.iterdump()).encode()
    command = [str(server_programs() / "pg_dump"), "--no-sync", _plain(database)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout


def raw_files(database: str, *, since: float) -> bytes:
    """The files of the server, write-ahead log and statistics included, changed after a Unix time; after a checkpoint.

    Of the embedded database they lie in the home.
    """
    if not database:
        return b""
    with psycopg.connect(_plain(database), autocommit=True) as session:
        session.execute("CHECKPOINT")
        (folder,) = session.execute("SHOW data_directory").fetchone() or ("",)
    changed = [
        path
        for path in [*Path(folder).rglob("*"), Path(folder).with_name("log")]
        if path.is_file() and path.stat().st_mtime >= since
    ]
    assert any("pg_wal" in path.parts for path in changed)
    return b"\n".join(path.read_bytes() for path in changed if os.access(path, os.R_OK))


def _plain(database: str) -> str:
    return database.replace("+psycopg", "")
