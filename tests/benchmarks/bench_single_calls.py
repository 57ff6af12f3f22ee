"""Single calls: sixteen clients ask for one pseudonym each time; psycopg does so with as many processes and threads.

The load of FTSnext for 1,000 patients is 3,552 such calls in the manner of gPAS: three at once, in three domains, for
each of 1,184 bundles, eight of which are on their way. The same as batches, one a domain, stands beside it.
"""

from __future__ import annotations

import http.client
import json
import multiprocessing
import os
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.benchmarks.asking import (
    PIPELINE,
    Served,
    in_processes,
    new_rows,
    raw_connection,
    raw_issue,
    served,
)
from tests.postgres_server import new_database, start_for

PROCESSES, THREADS = 2, 8
CALLS = 480
RUNS = 5
BUNDLES, AT_ONCE = 1_184, 8
DOMAINS = (PIPELINE, "salt", "date-shift")
GPAS = "/ttp-fhir/fhir/gpas/$pseudonymizeAllowCreate"

Call = Callable[[str], object]


def main() -> dict[str, object]:
    """Calls a second raw and over HTTP, how long they take, and the load of FTSnext."""
    figures: dict[str, object] = {"clients": PROCESSES * THREADS}
    server = start_for(os.getpid(), durable=True)
    more = DOMAINS[1:]
    with (
        new_database(server, f"b{uuid.uuid4().hex}") as url,
        tempfile.TemporaryDirectory() as folder,
        served(Path(folder), url, more=more) as service,
    ):
        figures |= _measured("PostgreSQL", service) | _ftsnext("PostgreSQL", service)
    with tempfile.TemporaryDirectory() as folder, served(Path(folder), more=more) as service:
        figures |= _measured("SQLite", service) | _ftsnext("SQLite", service)
    return figures


def _measured(where: str, service: Served) -> dict[str, object]:
    raw, http, waits = [], [], []
    _at_once(lambda _stack: _asker(service))  # connections, prepared statements
    for _ in range(RUNS):
        if service.url:
            raw.append(_at_once(lambda stack: _raw(service, stack))[0])
        speed, took = _at_once(lambda _stack: _asker(service))
        http.append(speed)
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


def _at_once(connect: Callable[[ExitStack], Call]) -> tuple[float, list[float]]:
    """Calls a second of all clients from the moment when all are connected, and the seconds each call took."""
    ready: Any = multiprocessing.get_context("fork").Barrier(PROCESSES * THREADS)

    def work(names: Sequence[str]) -> list[float]:
        times = []
        with ExitStack() as stack:
            call = connect(stack)
            ready.wait(60)
            for name in names:
                started = time.monotonic()
                call(name)
                times += [started, time.monotonic()]
        return times

    names = [uuid.uuid4().hex for _ in range(CALLS)]
    _, times = in_processes(work, names, processes=PROCESSES, threads=THREADS)
    took = [end - start for start, end in zip(times[::2], times[1::2], strict=True)]
    return CALLS / (max(times) - min(times)), took


def _asker(service: Served) -> Call:
    client = service.client()
    client.connect()
    return lambda name: service.ask(client, "pseudonyms", {"originals": [name]})


def _raw(service: Served, stack: ExitStack) -> Call:
    connection = stack.enter_context(raw_connection(service.url))
    return lambda _name: raw_issue(connection, service.domains["raw"], new_rows(1))


def _ftsnext(where: str, service: Served) -> dict[str, object]:
    def work(bundles: Sequence[str]) -> list[float]:
        clients = [service.client() for _ in DOMAINS]
        for bundle in bundles:
            for client, domain in zip(clients, DOMAINS, strict=True):
                _send(service, client, domain, [f"{domain}_{bundle}"])
            for client in clients:
                _receive(client)
        return []

    names = [uuid.uuid4().hex for _ in range(BUNDLES)]
    single, _ = in_processes(work, names, processes=PROCESSES, threads=AT_ONCE // PROCESSES)
    client, started = service.client(), time.monotonic()
    for domain in DOMAINS:
        _send(service, client, domain, [f"{domain}_{uuid.uuid4().hex}" for _ in range(BUNDLES)])
        _receive(client)
    calls = BUNDLES * len(DOMAINS)
    return {
        f"{where}: FTSnext, {calls:,} single calls, s": round(single, 2),
        f"{where}: FTSnext, a batch for each domain, s": round(time.monotonic() - started, 2),
    }


def _send(
    service: Served, client: http.client.HTTPConnection, domain: str, originals: Sequence[str]
) -> None:
    parameter = [{"name": "target", "valueString": domain}]
    parameter += [{"name": "original", "valueString": original} for original in originals]
    body = json.dumps({"resourceType": "Parameters", "parameter": parameter})
    kind = "application/fhir+json"
    head = {"Authorization": f"Bearer {service.key}", "Content-Type": kind, "Accept": kind}
    client.request("POST", GPAS, body, head)


def _receive(client: http.client.HTTPConnection) -> None:
    response = client.getresponse()
    answer = response.read()
    if response.status != 200 or b'"pseudonym"' not in answer:
        raise RuntimeError(f"{response.status}: {answer[:300]!r}")


if __name__ == "__main__":
    print(main())
