"""Single records: sixteen clients register one patient each time, together as they are and, for comparison, one by one.

One by one go calls that are ``atomic``; the work is the same. Runs of both kinds take turns on one service.
"""

from __future__ import annotations

import json
import os
import statistics
import tempfile
import uuid
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path

import psutil

from tests.benchmarks.asking import Served, in_processes, served
from tests.benchmarks.stock import SOURCE, Row, patients
from tests.postgres_server import new_database, start_for

PROCESSES, THREADS = 2, 8
CALLS = 480
RUNS = 3

Work = Callable[[Sequence[Row]], list[float]]


def main() -> dict[str, object]:
    """Registrations a second and processor time of one, together and one by one, on both databases."""
    figures: dict[str, object] = {"clients": PROCESSES * THREADS}
    server = start_for(os.getpid(), durable=True)
    with (
        new_database(server, f"b{uuid.uuid4().hex}") as url,
        tempfile.TemporaryDirectory() as folder,
        served(Path(folder), url) as service,
    ):
        figures |= _measured("PostgreSQL", service)
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as service:
        figures |= _measured("SQLite", service)
    return figures


def _measured(where: str, service: Served) -> dict[str, object]:
    blocks = count()
    for atomic in (False, True):  # connections, prepared statements, a stock to match with
        _run(service, blocks, atomic=atomic)
    runs: dict[bool, list[tuple[float, float]]] = {False: [], True: []}
    for _ in range(RUNS):
        for atomic, done in runs.items():
            done.append(_run(service, blocks, atomic=atomic))
    figures: dict[str, object] = {}
    for atomic, done in runs.items():
        how = f"{where}: single records, {'one by one' if atomic else 'together'}"
        speed, cpu = (statistics.median(values) for values in zip(*done, strict=True))
        figures |= {f"{how}, calls/s": round(speed), f"{how}, ms of processor": round(cpu, 1)}
    return figures


def _run(service: Served, blocks: Iterator[int], *, atomic: bool) -> tuple[float, float]:
    """Calls a second, and milliseconds that the service's processes worked for each."""
    before = _processor(service.process)
    drawn = patients(next(blocks), 2 * CALLS)
    rows = [row for row in drawn if row.get("birth_date", "") < "2026"][:CALLS]
    seconds, _ = in_processes(
        _registering(service, atomic), rows, processes=PROCESSES, threads=THREADS
    )
    return CALLS / seconds, (_processor(service.process) - before) / CALLS * 1000


def _registering(service: Served, atomic: bool) -> Work:
    head = {"Authorization": f"Bearer {service.key}", "Content-Type": "application/json"}

    def work(rows: Sequence[Row]) -> list[float]:
        client = service.client()
        for row in rows:
            body = json.dumps({"source": SOURCE, "records": [row], "atomic": atomic})
            client.request("POST", "/api/v1/identities", body, head)
            response = client.getresponse()
            answer = response.read()
            if response.status != 200:
                raise RuntimeError(f"{response.status}: {answer[:300]!r}")
        return []

    return work


def _processor(root: int) -> float:
    """Seconds that a process and those it started worked so far."""
    service = psutil.Process(root)
    spent = [one.cpu_times() for one in (service, *service.children(recursive=True))]
    return sum(one.user + one.system for one in spent)


if __name__ == "__main__":
    print(main())
