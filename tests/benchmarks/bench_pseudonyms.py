"""Batches of pseudonyms over HTTP, with audit and encryption, against psycopg executing the same statements.

Five interleaved runs, medians, at no rows and at a million of them on PostgreSQL; SQLite without a comparison.
``--rows`` measures at another number of rows.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path

import orjson
import psutil

from tests.benchmarks.__main__ import publish_by_hand
from tests.benchmarks.asking import (
    Served,
    at_once,
    fill,
    new_rows,
    raw_connection,
    raw_issue,
    raw_resolve,
    served,
)
from tests.postgres_server import new_database, start_for

BATCH = 1000
CONNECTIONS = 2
BATCHES = 6  # per connection and run
RUNS = 5
MILLION = 1_000_000


def main(sizes: Sequence[int] = (0, MILLION)) -> dict[str, object]:
    """Rows a second raw and over HTTP, and their ratio."""
    figures: dict[str, object] = {"batch": BATCH, "connections": CONNECTIONS}
    server = start_for(os.getpid(), durable=True)
    for size in sizes:
        with (
            new_database(server, f"b{uuid.uuid4().hex}") as url,
            tempfile.TemporaryDirectory() as folder,
            served(Path(folder), url) as service,
        ):
            if size:
                fill(url, service.domains["bench"], size // 2)
                fill(url, service.domains["raw"], size // 2)
            figures |= _measured(f"PostgreSQL at {size:,} rows", service)
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as service:
        figures |= _measured("SQLite at 0 rows", service)
    return figures


def _measured(where: str, service: Served) -> dict[str, object]:
    rates: dict[str, list[float]] = {}
    before = 0.0
    for run in range(RUNS):
        for name, rate in _run(service).items():
            rates.setdefault(name, []).append(rate)
        before = before if run else _memory(service)
    median = {name: statistics.median(values) for name, values in rates.items()}
    figures: dict[str, object] = {
        f"{where}: {name}, rows/s": round(value) for name, value in median.items()
    }
    for name in ("new", "known", "lookup", "resolve"):
        if f"raw {name}" in median:
            ratio = median[f"http {name}"] / median[f"raw {name}"]
            figures[f"{where}: {name}, share of raw"] = round(ratio, 3)
    growth = _memory(service) - before
    return figures | {f"{where}: memory of the service, growth from first to last run, MiB": growth}


def _run(service: Served) -> dict[str, float]:
    """One run of everything, raw and over HTTP by turns."""
    names = [[uuid.uuid4().hex for _ in range(BATCH)] for _ in range(BATCHES * CONNECTIONS)]
    rows = [new_rows(BATCH) for _ in names]
    tokens: list[list[str]] = []
    rates: dict[str, float] = {}

    def raw(name: str, work: Callable[..., None]) -> None:
        if service.url:
            rates[f"raw {name}"] = _rate(lambda part: _raw(service, work, part), rows)

    def http(name: str, what: str, field: str, values: Sequence[object], **more: object) -> None:
        rates[f"http {name}"] = _rate(
            lambda part: _http(service, what, [{field: one, **more} for one in part]), values
        )

    raw("new", raw_issue)
    http("new", "pseudonyms", "originals", names)
    raw("known", raw_issue)
    http("known", "pseudonyms", "originals", names)
    raw("lookup", raw_issue)
    http("lookup", "pseudonyms", "originals", names, create=False)
    client = service.client()
    for batch in names[:2]:
        answer = orjson.loads(service.ask(client, "pseudonyms", {"originals": batch}))
        tokens.append([one["pseudonym"] for one in answer["results"]])
    raw("resolve", raw_resolve)
    http("resolve", "resolve", "pseudonyms", tokens * BATCHES)
    return rates


def _rate(work: Callable[[Sequence[object]], None], batches: Sequence[object]) -> float:
    return len(batches) * BATCH / at_once(work, batches, threads=CONNECTIONS)


def _raw(service: Served, work: Callable[..., None], batches: Sequence[object]) -> None:
    with raw_connection(service.url) as connection:
        for batch in batches:
            work(connection, service.domains["raw"], batch)


def _http(service: Served, what: str, bodies: Sequence[object]) -> None:
    client = service.client()
    for body in bodies:
        service.ask(client, what, body)


def _memory(service: Served) -> float:
    """MiB that the processes of the service hold."""
    supervisor = psutil.Process(service.process)
    family = [supervisor, *supervisor.children(recursive=True)]
    return round(sum(one.memory_info().rss for one in family) / 2**20, 1)


if __name__ == "__main__":
    if "--rows" in sys.argv:
        count = sys.argv[sys.argv.index("--rows") + 1]
        found = main([int(count)])
        publish_by_hand(f"python -m tests.benchmarks.bench_pseudonyms --rows {count}", found)
    else:
        found = main()
    print(found)
