"""Registration against a full population: records a second in batches of 256, single calls, memory, load time.

Through the use case itself, on a real database, with audit log and encryption. Of a batch seven in ten are new, one is
known, one has moved, one is a known patient with typing errors from another source. The stock itself is put into the
database without being matched. By hand with another size or database, and figures into ``docs/benchmarks.md``:
``python -m tests.benchmarks.bench_registration --persons 1000000 --database sqlite --publish``.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from linkage.kernel import warm
from tests.benchmarks import stock
from tests.benchmarks.__main__ import publish
from tests.builders import make_center
from tests.postgres_server import new_database, start_for
from ttp.core.access import OPERATOR
from ttp.core.center import Center
from ttp.core.errors import TTPError
from ttp.core.identities import BATCH
from ttp.core.persons import LOCAL
from ttp.services.persons import load_index
from ttp.services.persons.load_index import present_index
from ttp.services.persons.register_identities import register_identities

PERSONS = 20_000
BATCHES = 24
SINGLES = 100
DATABASES = ("sqlite", "postgresql")
_FRESH = 1 << 20
"""Blocks from here on hold nobody of the stock."""


def main(
    persons: int = PERSONS, databases: Sequence[str] = DATABASES, *, load: bool = True
) -> dict[str, object]:
    """The figures on each database."""
    warm()
    figures: dict[str, object] = {"persons": persons}
    for kind in databases:
        with _database(kind) as url, tempfile.TemporaryDirectory() as folder:
            center = make_center(Path(folder), url)
            figures |= {
                f"{kind}: {name}": value for name, value in _measured(center, persons, load=load)
            }
    return figures


@contextmanager
def _database(kind: str) -> Iterator[str]:
    if kind == "sqlite":
        yield ""
        return
    server = start_for(os.getpid(), durable=True)
    with new_database(server, f"b{uuid.uuid4().hex}") as url:
        yield url.replace("postgresql://", "postgresql+psycopg://")


def _measured(center: Center, persons: int, *, load: bool) -> Iterator[tuple[str, object]]:
    started, busy = time.perf_counter(), time.process_time()
    stock.fill(center, persons, indexed=not load)
    yield "stock filled, s", time.perf_counter() - started
    if load:
        yield from _loaded(center)
    yield "index, bytes a record", present_index(center, LOCAL).nbytes / persons
    yield from _batches(center, persons)
    yield from _singles(center)
    yield "CPU s in all", time.process_time() - busy
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    yield "peak memory of the process, GiB", peak


def _loaded(center: Center) -> Iterator[tuple[str, object]]:
    started, busy = time.perf_counter(), time.process_time()
    load_index.load_index(center)
    yield "index loaded from the database, s", time.perf_counter() - started
    yield "index loaded from the database, CPU s", time.process_time() - busy


def _batches(center: Center, persons: int) -> Iterator[tuple[str, object]]:
    batches = [_batch(number, persons) for number in range(BATCHES + 1)]
    _register(center, batches[0])
    seconds, spent, outcomes = [], [], Counter[str]()
    started, busy = time.perf_counter(), time.process_time()
    for batch in batches[1:]:
        begun, before = time.perf_counter(), time.process_time()
        outcomes.update(_register(center, batch))
        seconds.append(time.perf_counter() - begun)
        spent.append(time.process_time() - before)
    wall, cpu = time.perf_counter() - started, time.process_time() - busy
    count = BATCHES * BATCH
    yield "registrations/s, batches of 256", count / wall
    yield "registrations a CPU second", count / cpu
    yield "CPU ms a registration", cpu / count * 1e3
    yield "longest batch, s", max(seconds)
    yield "most CPU of a batch, s", max(spent)
    yield "median batch, s", sorted(seconds)[len(seconds) // 2]
    yield from ((f"outcomes: {name}", outcomes[name]) for name in sorted(outcomes))


def _singles(center: Center) -> Iterator[tuple[str, object]]:
    rows = stock.patients(_FRESH - 1, SINGLES)
    seconds = []
    for row in rows:
        begun = time.perf_counter()
        _register(center, [(stock.SOURCE, row)])
        seconds.append(time.perf_counter() - begun)
    seconds.sort()
    yield "single registration, ms (p50)", seconds[SINGLES // 2] * 1e3
    yield "single registration, ms (p99)", seconds[SINGLES * 99 // 100] * 1e3


Sourced = tuple[str, stock.Row]


def _batch(number: int, persons: int) -> list[Sourced]:
    """Seven of ten new; known ones from all over the stock."""
    tenth = BATCH // 10
    block = number * 7 % max(persons // stock.BLOCK, 1)
    first = number * 3 * tenth % (min(persons, stock.BLOCK) - 3 * tenth)
    known = stock.patients(block, min(persons, stock.BLOCK))[first : first + 3 * tenth]
    batch = [(stock.SOURCE, row) for row in known[:tenth]]
    batch += [(stock.SOURCE, stock.moved(row)) for row in known[tenth : 2 * tenth]]
    batch += [("labor", stock.again(row, seed=number)) for row in known[2 * tenth :]]
    fresh = stock.patients(_FRESH + number, BATCH - len(batch))
    return batch + [(stock.SOURCE, row) for row in fresh]


def _register(center: Center, batch: Sequence[Sourced]) -> list[str]:
    """Register the records of each source; what came of them."""
    told = []
    for source in sorted({source for source, _ in batch}):
        records = [row for of, row in batch if of == source]
        answers = center.work.run(
            lambda tx, source=source, records=records: register_identities(  # type: ignore[misc] # bound now
                center, tx, OPERATOR, source=source, records=records
            )
        )
        told += [one.code if isinstance(one, TTPError) else one.outcome.value for one in answers]
    return told


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--persons", type=int, default=PERSONS)
    parser.add_argument("--database", choices=DATABASES)
    parser.add_argument("--no-load", action="store_true", help="index while filling")
    parser.add_argument("--publish", action="store_true")
    asked = parser.parse_args()
    on = [asked.database] if asked.database else DATABASES
    found = main(asked.persons, on, load=not asked.no_load)
    for key, value in found.items():
        sys.stdout.write(
            f"{key}: {value:.4g}\n" if isinstance(value, float) else f"{key}: {value}\n"
        )
    if asked.publish:
        command = f"python -m tests.benchmarks.bench_registration --persons {asked.persons}"
        publish(f"{command} --database {on[0]}" if asked.database else command, found)
