"""Single calls: sixteen clients ask for one pseudonym each time; psycopg does so with as many processes and threads.

The load of FTSnext is 3,552 such calls for 1,000 patients; the same as one batch stands beside it.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
import uuid
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.asking import (
    Row,
    Served,
    in_processes,
    new_rows,
    raw_connection,
    raw_issue,
    served,
)
from tests.postgres_server import new_database, start_for

PROCESSES, THREADS = 2, 8
CALLS = 800
RUNS = 5
FTSNEXT = 3_552


def main() -> dict[str, object]:
    """Calls a second raw and over HTTP, how long they take, and the load of FTSnext."""
    figures: dict[str, object] = {"clients": PROCESSES * THREADS}
    server = start_for(os.getpid(), durable=True)
    with (
        new_database(server, f"b{uuid.uuid4().hex}") as url,
        tempfile.TemporaryDirectory() as folder,
        served(Path(folder), url) as service,
    ):
        figures |= _measured("PostgreSQL", service) | _ftsnext("PostgreSQL", service)
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as service:
        figures |= _measured("SQLite", service) | _ftsnext("SQLite", service)
    return figures


def _measured(where: str, service: Served) -> dict[str, object]:
    raw, http, waits = [], [], []
    for _ in range(RUNS):
        if service.url:
            raw.append(CALLS / _raw(service, new_rows(CALLS)))
        seconds, took = _http(service, CALLS)
        http.append(CALLS / seconds)
        waits.append(statistics.quantiles(took, n=100)[98] * 1000)
    figures: dict[str, object] = {
        f"{where}: single creates, calls/s": round(statistics.median(http)),
        f"{where}: single creates, 99 % within, ms": round(statistics.median(waits), 1),
    }
    if raw:
        ratio = statistics.median(http) / statistics.median(raw)
        figures[f"{where}: raw single creates, calls/s"] = round(statistics.median(raw))
        figures[f"{where}: single creates, share of raw"] = round(ratio, 3)
    return figures


def _ftsnext(where: str, service: Served) -> dict[str, object]:
    seconds, _ = _http(service, FTSNEXT)
    started = time.monotonic()
    service.ask(
        service.client(), "pseudonyms", {"originals": [uuid.uuid4().hex for _ in range(FTSNEXT)]}
    )
    return {
        f"{where}: {FTSNEXT:,} single calls, s": round(seconds, 2),
        f"{where}: {FTSNEXT:,} in one batch, s": round(time.monotonic() - started, 2),
    }


def _http(service: Served, calls: int) -> tuple[float, list[float]]:
    def work(names: Sequence[str]) -> list[float]:
        client, took = service.client(), []
        for name in names:
            started = time.monotonic()
            service.ask(client, "pseudonyms", {"originals": [name]})
            took.append(time.monotonic() - started)
        return took

    names = [uuid.uuid4().hex for _ in range(calls)]
    return in_processes(work, names, processes=PROCESSES, threads=THREADS)


def _raw(service: Served, rows: Sequence[Row]) -> float:
    def work(part: Sequence[Row]) -> list[float]:
        with raw_connection(service.url) as connection:
            for row in part:
                raw_issue(connection, service.domains["raw"], [row])
        return []

    return in_processes(work, rows, processes=PROCESSES, threads=THREADS)[0]


if __name__ == "__main__":
    print(main())
