"""Asking: a service with its database, clients of it over HTTP, and psycopg executing the statements it executes.

*Raw* executes our final statements with the same columns, indexes, bytes, fsync, batch and connections, without
HTTP, crypto and audit.
"""

from __future__ import annotations

import http.client
import json
import multiprocessing
import os
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import httpx
import psycopg

from tests.benchmarks.ports import free_port
from tests.builders import PASSPHRASE, make_center, make_domain, make_key
from ttp.storage.array_dumpers import register_arrays
from ttp.storage.driver import byte_array, text_array
from ttp.storage.pseudonyms import ENVELOPES, FIND_LINKS, INSERT_LINKS

T = TypeVar("T")
Row = tuple[str, bytes, bytes]
"""A pseudonym of 16 characters, an index of 16 bytes, an envelope of the size of ours."""

PIPELINE = "bench"
ENVELOPE_BYTES = 1 + 2 + 12 + 64 + 16  # of an original of 32 to 63 bytes


@dataclass(frozen=True)
class Served:
    """A running service: domain ``bench`` is its own, ``raw`` is for psycopg."""

    port: int
    key: str
    url: str
    domains: dict[str, int]
    process: int

    def client(self) -> http.client.HTTPConnection:
        """A connection that is kept; the leanest client there is, for it runs on the same cores."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def ask(self, client: http.client.HTTPConnection, what: str, body: Any) -> Any:
        """The answer to a request about the domain; every one has to succeed."""
        head = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        client.request("POST", f"/api/v1/domains/{PIPELINE}/{what}", json.dumps(body), head)
        response = client.getresponse()
        answer = response.read()
        if response.status != 200:
            raise RuntimeError(f"{response.status}: {answer[:300]!r}")
        return answer


@contextmanager
def served(folder: Path, url: str = "", *, more: Sequence[str] = ()) -> Iterator[Served]:
    """A service on a new database: the embedded one, or that of ``url`` (``postgresql://``); ``more`` domains."""
    database = url.replace("postgresql://", "postgresql+psycopg://")
    center = make_center(folder, database)
    domains = {name: make_domain(center, name).id for name in (PIPELINE, *more, "raw")}
    key = make_key(center, PIPELINE, *more)
    center.work.close()
    unlock = folder / "unlock"
    unlock.write_bytes(PASSPHRASE)
    port = free_port()
    command = [sys.executable, "-m", "ttp.cli", "--home", str(folder / "nord")]
    environment = {**os.environ, "TTP_UNLOCK_FILE": str(unlock), "TTP_DATABASE": database}
    process = subprocess.Popen(
        [*command, "serve", "--port", str(port)], env=environment, stdout=subprocess.DEVNULL
    )
    try:
        _wait(port)
        yield Served(port, key, url, domains, process.pid)
    finally:
        process.terminate()
        process.wait(20)


def _wait(port: int) -> None:
    for _ in range(300):
        try:
            if httpx.get(f"http://127.0.0.1:{port}/readyz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise TimeoutError("the server did not become ready")


def new_rows(count: int) -> list[Row]:
    """Rows as the service stores them."""
    return [
        (uuid.uuid4().hex[:16].upper(), uuid.uuid4().bytes, os.urandom(ENVELOPE_BYTES))
        for _ in range(count)
    ]


@contextmanager
def raw_connection(url: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection that sends and takes what ours do, in binary."""
    with psycopg.connect(url) as connection:
        register_arrays(connection)
        yield connection


def raw_issue(connection: psycopg.Connection[Any], domain: int, rows: Sequence[Row]) -> None:
    """Find what is known, insert what is not, commit."""
    ordered = sorted(rows, key=lambda row: row[1])
    keys = [row[1] for row in ordered]
    cursor = connection.cursor(binary=True)
    known = dict(
        cursor.execute(
            FIND_LINKS, {"domain": domain, "indexes": byte_array(keys)}, prepare=False
        ).fetchall()
    )
    missing = [row for row in ordered if row[1] not in known]
    if missing:
        columns = {
            "domain": domain,
            "at": datetime.now(UTC),
            "leaf": uuid.uuid4(),
            "pseudonyms": text_array([row[0] for row in missing]),
            "currents": byte_array([row[1] for row in missing]),
            "nexts": byte_array([None] * len(missing)),
            "envelopes": byte_array([row[2] for row in missing]),
        }
        cursor.execute(INSERT_LINKS, columns).fetchall()
    connection.commit()


def raw_resolve(connection: psycopg.Connection[Any], domain: int, rows: Sequence[Row]) -> None:
    """Fetch the envelopes of pseudonyms."""
    sought = {"domain": domain, "pseudonyms": text_array([row[0] for row in rows])}
    connection.cursor(binary=True).execute(ENVELOPES, sought, prepare=False).fetchall()
    connection.commit()


def fill(url: str, domain: int, count: int) -> None:
    """Put rows into a domain, as fast as the database can."""
    with psycopg.connect(url) as connection:
        connection.execute(
            "INSERT INTO pseudonym (domain_id, pseudonym, index_a, envelope, created_at, leaf)"
            " SELECT %s, substr(upper(md5(n::text || %s::text)), 1, 17), uuid_send(gen_random_uuid()),"
            " decode(repeat(md5(n::text), 6), 'hex'), now(), gen_random_uuid()"
            " FROM generate_series(1, %s) AS rows (n)",
            (domain, domain, count),
        )
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ANALYZE pseudonym")
        connection.execute("CHECKPOINT")


def at_once(work: Callable[[Sequence[T]], None], items: Sequence[T], *, threads: int) -> float:
    """Seconds that so many threads of this process need for the items."""
    workers = [
        threading.Thread(target=work, args=(items[start::threads],)) for start in range(threads)
    ]
    started = time.monotonic()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return time.monotonic() - started


def in_processes(
    work: Callable[[Sequence[T]], list[float]],
    items: Sequence[T],
    *,
    processes: int,
    threads: int,
) -> tuple[float, list[float]]:
    """Seconds that processes of so many threads need for the items, and what ``work`` returned in all of them."""
    fork = multiprocessing.get_context("fork")
    told: Any = fork.Queue()

    def run(part: Sequence[T]) -> None:
        found: list[float] = []
        at_once(lambda some: found.extend(work(some)), part, threads=threads)
        told.put(found)

    workers = [
        fork.Process(target=run, args=(items[start::processes],)) for start in range(processes)
    ]
    started = time.monotonic()
    for worker in workers:
        worker.start()
    results = [one for _ in workers for one in told.get(timeout=300)]
    seconds = time.monotonic() - started
    for worker in workers:
        worker.join()
    return seconds, results
