"""Batches of pseudonyms over HTTP, with audit and encryption, against psycopg executing the same statements.

Medians of five interleaved runs, on PostgreSQL at no rows, and on SQLite without a comparison. Connections are open
before a run is timed, on both sides. Which web process a connection comes to is chance, and of two, both come to one
in every second case and leave the other idle: clients connect until each process has as many, as it is with many
clients. ``--rows 1000000 --publish`` measures PostgreSQL at that many rows.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import orjson
import psutil

from tests.benchmarks.__main__ import publish
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
WEB_PROCESSES = 2  # the default, of a service on PostgreSQL
BATCHES = 6  # per connection and run
RUNS = 5


def main(sizes: Sequence[int] = (0,), *, embedded: bool = True) -> dict[str, object]:
    """Rows a second raw and over HTTP, and their ratio: PostgreSQL at these sizes, and SQLite if ``embedded``."""
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
    if embedded:
        with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as service:
            figures |= _measured("SQLite at 0 rows", service)
    return figures


def _measured(where: str, service: Served) -> dict[str, object]:
    rates: dict[str, list[float]] = {}
    before = 0.0
    with _connected(service) as (raws, https):
        for run in range(RUNS):
            for name, rate in _run(service, raws, https).items():
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


@contextmanager
def _connected(service: Served) -> Iterator[tuple[list[Any], list[Any]]]:
    """Connections of psycopg, none for SQLite, and as many clients over HTTP; all have been used."""
    with ExitStack() as held:
        raws = [
            held.enter_context(raw_connection(service.url))
            for _ in range(CONNECTIONS if service.url else 0)
        ]
        for raw in raws:
            raw_issue(raw, service.domains["raw"], new_rows(BATCH))
        yield raws, _spread_clients(service)


def _spread_clients(service: Served) -> list[Any]:
    """Connected clients, as many on each web process; SQLite has one."""
    while True:
        clients = [service.client() for _ in range(CONNECTIONS)]
        for client in clients:
            service.ask(client, "pseudonyms", {"originals": ["warm"]})
        held = [holds for one in _family(service) if (holds := _holds(one, service.port))]
        if not service.url or held == [CONNECTIONS // WEB_PROCESSES] * WEB_PROCESSES:
            return clients
        for client in clients:
            client.close()


def _holds(process: psutil.Process, port: int) -> int:
    """How many connections of clients a process holds."""
    return sum(
        one.status == psutil.CONN_ESTABLISHED and bool(one.laddr) and one.laddr.port == port
        for one in process.net_connections("tcp")
    )


def _family(service: Served) -> list[psutil.Process]:
    """The processes of the service."""
    supervisor = psutil.Process(service.process)
    return [supervisor, *supervisor.children(recursive=True)]


def _run(service: Served, raws: Sequence[Any], clients: Sequence[Any]) -> dict[str, float]:
    """One run of everything, raw and over HTTP by turns."""
    names = [[uuid.uuid4().hex for _ in range(BATCH)] for _ in range(BATCHES * CONNECTIONS)]
    rows = [new_rows(BATCH) for _ in names]
    rates: dict[str, float] = {}

    def raw(name: str, work: Callable[..., None]) -> None:
        if raws:
            domain = service.domains["raw"]
            rates[f"raw {name}"] = _rate(raws, lambda one, batch: work(one, domain, batch), rows)

    def http(name: str, what: str, field: str, values: Sequence[Any], **more: Any) -> list[Any]:
        answers: list[Any] = []

        def ask(client: Any, batch: Any) -> None:
            answers.append(service.ask(client, what, {field: batch, **more}))

        rates[f"http {name}"] = _rate(clients, ask, values)
        return answers

    raw("new", raw_issue)
    http("new", "pseudonyms", "originals", names)
    raw("known", raw_issue)
    known = http("known", "pseudonyms", "originals", names)
    raw("lookup", raw_issue)
    http("lookup", "pseudonyms", "originals", names, create=False)
    tokens = [[one["pseudonym"] for one in orjson.loads(answer)["results"]] for answer in known]
    raw("resolve", raw_resolve)
    http("resolve", "resolve", "pseudonyms", tokens)
    return rates


def _rate(
    connections: Sequence[Any], work: Callable[[Any, Any], None], batches: Sequence[Any]
) -> float:
    """Rows a second of batches that go through these connections at the same time."""
    turn = count()

    def through(part: Sequence[Any]) -> None:
        connection = connections[next(turn)]
        for batch in part:
            work(connection, batch)

    return len(batches) * BATCH / at_once(through, batches, threads=len(connections))


def _memory(service: Served) -> float:
    """MiB that the processes of the service hold."""
    return round(sum(one.memory_info().rss for one in _family(service)) / 2**20, 1)


def _by_hand() -> None:
    parser = argparse.ArgumentParser(description="Batches of pseudonyms at a number of rows.")
    parser.add_argument("--rows", type=int)
    parser.add_argument("--publish", action="store_true", help="write docs/benchmarks.md")
    asked = parser.parse_args()
    figures = main() if asked.rows is None else main([asked.rows], embedded=False)
    print(figures)
    if asked.publish and asked.rows is not None:
        command = f"python -m tests.benchmarks.bench_pseudonyms --rows {asked.rows}"
        publish(command, figures)


if __name__ == "__main__":
    _by_hand()
