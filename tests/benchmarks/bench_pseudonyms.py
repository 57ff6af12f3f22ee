"""Batch get-or-create over HTTP on PostgreSQL, with audit and encryption, against psycopg running the same statements.

*Raw* executes our final statements with the same columns, indexes, bytes, fsync, batch and connections, without
HTTP, crypto and audit. Five interleaved runs; medians.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import httpx
import psycopg

from tests.benchmarks.ports import free_port
from tests.builders import make_center, make_domain, make_key
from tests.postgres_server import new_database, start_for
from ttp.storage.pseudonyms import INSERT_LINKS

T = TypeVar("T")

BATCH = 1000
CONNECTIONS = 2
BATCHES = 15  # per connection and run
RUNS = 5
SELECT = "SELECT index_a, pseudonym FROM pseudonym WHERE domain_id = %s AND index_a = ANY(%s)"


def main() -> dict[str, object]:
    """Rows a second raw and over HTTP, and their ratio."""
    server = start_for(os.getpid(), durable=True)
    with (
        new_database(server, f"b{uuid.uuid4().hex}") as url,
        tempfile.TemporaryDirectory() as folder,
    ):
        return _measure(Path(folder), url)


def _measure(folder: Path, url: str) -> dict[str, object]:
    center = make_center(folder, url.replace("postgresql://", "postgresql+psycopg://"))
    make_domain(center, "bench")
    raw_domain = make_domain(center, "raw").id
    key = make_key(center, "bench")
    port = free_port()
    process = _serve(folder / "nord", url, port)
    try:
        _wait(port)
        figures = _interleaved(url, raw_domain, port, key)
    finally:
        process.terminate()
        process.wait(20)
    return figures


def _interleaved(url: str, domain: int, port: int, key: str) -> dict[str, object]:
    rates: dict[str, list[float]] = {
        "raw new": [],
        "http new": [],
        "raw known": [],
        "http known": [],
    }
    for _ in range(RUNS):
        names = [
            [f"{uuid.uuid4().hex}" for _ in range(BATCH)] for _ in range(BATCHES * CONNECTIONS)
        ]
        rows = [[_row() for _ in range(BATCH)] for _ in range(BATCHES * CONNECTIONS)]
        rates["raw new"].append(_rate(lambda part: _raw(url, domain, part), rows))
        rates["http new"].append(_rate(lambda part: _http(port, key, part), names))
        rates["raw known"].append(_rate(lambda part: _raw(url, domain, part), rows))
        rates["http known"].append(_rate(lambda part: _http(port, key, part), names))
    median = {name: statistics.median(values) for name, values in rates.items()}
    return {
        "batch": BATCH,
        "connections": CONNECTIONS,
        **{f"{name} rows/s": round(value) for name, value in median.items()},
        "ratio new": round(median["http new"] / median["raw new"], 3),
        "ratio known": round(median["http known"] / median["raw known"], 3),
    }


def _rate(work: Callable[[Sequence[T]], None], batches: Sequence[T]) -> float:
    parts = [batches[start::CONNECTIONS] for start in range(CONNECTIONS)]
    threads = [threading.Thread(target=work, args=(part,)) for part in parts]
    start = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(batches) * BATCH / (time.monotonic() - start)


def _row() -> tuple[str, bytes, bytes]:
    """A pseudonym of 16 characters, an index of 16 bytes, an envelope of the size of ours."""
    return uuid.uuid4().hex[:16], uuid.uuid4().bytes, os.urandom(1 + 2 + 12 + 32 + 16)


def _raw(url: str, domain: int, batches: Sequence[Sequence[tuple[str, bytes, bytes]]]) -> None:
    insert = INSERT_LINKS.replace(":domain", "%(domain)s")
    for name in ("at", "leaf", "pseudonyms", "currents", "nexts", "envelopes"):
        insert = insert.replace(f":{name}", f"%({name})s")
    with psycopg.connect(url) as connection:
        for batch in batches:
            ordered = sorted(batch, key=lambda row: row[1])
            keys = [row[1] for row in ordered]
            known = connection.execute(SELECT, (domain, keys)).fetchall()
            if len(known) < len(keys):
                columns = {
                    "domain": domain,
                    "at": datetime.now(UTC),
                    "leaf": uuid.uuid4(),
                    "pseudonyms": [row[0] for row in ordered],
                    "currents": keys,
                    "nexts": [None] * len(keys),
                    "envelopes": [row[2] for row in ordered],
                }
                connection.execute(insert, columns).fetchall()
            connection.commit()


def _http(port: int, key: str, batches: Sequence[Sequence[str]]) -> None:
    url = f"http://127.0.0.1:{port}/api/v1/domains/bench/pseudonyms"
    with httpx.Client(headers={"Authorization": f"Bearer {key}"}, timeout=60) as client:
        for batch in batches:
            client.post(url, json={"originals": list(batch)}).raise_for_status()


def _serve(home: Path, url: str, port: int) -> subprocess.Popen[bytes]:
    unlock = home.parent / "unlock"
    unlock.write_bytes(b"a passphrase for tests only")
    environment = {
        **os.environ,
        "TTP_UNLOCK_FILE": str(unlock),
        "TTP_DATABASE": url.replace("postgresql://", "postgresql+psycopg://"),
    }
    command = [sys.executable, "-m", "ttp.cli", "--home", str(home), "serve", "--port", str(port)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)


def _wait(port: int) -> None:
    for _ in range(300):
        try:
            if httpx.get(f"http://127.0.0.1:{port}/readyz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise TimeoutError("the server did not become ready")


if __name__ == "__main__":
    print(main())
