"""Files: rows a second of CPU and memory of rewriting CSV, NDJSON and Parquet, with an exchange that costs nothing.

``python -m tests.benchmarks.bench_files --rows 10000000 --served`` runs the command against a service on PostgreSQL.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import psutil
import pyarrow as pa
import pyarrow.parquet as pq

from tests.benchmarks.__main__ import publish
from tests.benchmarks.asking import PIPELINE, served
from tests.postgres_server import new_database, start_for
from ttp.client.files.batches import Exchanged
from ttp.client.files.ndjson import Documents, Selecting
from ttp.client.files.parquet import ParquetFile
from ttp.client.files.resuming import Done, Rewriting
from ttp.client.files.rewriting import rewrite
from ttp.client.files.table import Table
from ttp.client.files.units import Format

ROWS = 200_000
MIB = 1024 * 1024


def main() -> dict[str, object]:
    """Rows a second of CPU, and how memory grows between a tenth and nine tenths of a file."""
    figures: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, (path, opened) in _files(Path(folder), ROWS).items():
            figures |= _measured(name, path, opened)
    return figures


def _measured(name: str, path: Path, opened: Callable[[], Format]) -> dict[str, object]:
    memory: list[tuple[int, int]] = []
    process = psutil.Process()

    def watch(done: Done, _size: int) -> None:
        memory.append((done.rows, process.memory_info().rss))

    work = Rewriting(path, path.with_name(f"new-{path.name}"), name, path.with_suffix(".bad"))
    source, spent = opened(), time.process_time()
    rewrite(work, source, _exchange, progress=watch)
    spent = time.process_time() - spent
    return {f"{name}: rows/s of CPU": round(ROWS / spent)} | _growth(name, memory, ROWS)


def _growth(name: str, memory: Sequence[tuple[int, int]], rows: int) -> dict[str, object]:
    """Resident memory at a tenth and at nine tenths of the rows."""
    return {
        f"{name}: RSS at {share} %, MiB": round(
            next(size for done, size in memory if done >= rows * share // 100) / MIB
        )
        for share in (10, 90)
    }


def _exchange(_domain: str, values: Sequence[str], _key: str) -> list[Exchanged]:
    return [Exchanged(value[::-1]) for value in values]


def _files(folder: Path, rows: int) -> dict[str, tuple[Path, Callable[[], Format]]]:
    csv, quoted = folder / "in.csv", folder / "quoted.csv"
    ndjson, parquet = folder / "in.ndjson", folder / "in.parquet"
    _write(csv, "pid,name,city\n", (f"{n:09d},Name {n % 977},Ort\n" for n in range(rows)))
    _write(quoted, "pid,name\n", (f'"{n:09d}","Name, {n % 977}"\n' for n in range(rows)))
    _write(ndjson, "", (f'{{"pid":"{n:09d}","name":"N","n":1.10}}\n' for n in range(rows)))
    table = {"pid": [f"{n:09d}" for n in range(rows)], "number": list(range(rows))}
    pq.write_table(pa.table(table), parquet)
    columns = {"pid": "d"}
    return {
        "CSV": (csv, lambda: Table(csv.open("rb"), columns)),
        "CSV, quoted": (quoted, lambda: Table(quoted.open("rb"), columns)),
        "NDJSON": (ndjson, lambda: Documents(ndjson.open("rb"), Selecting(columns))),
        "Parquet": (parquet, lambda: ParquetFile(parquet, columns)),
    }


def _write(path: Path, head: str, lines: Iterator[str]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(head)
        file.writelines(lines)


def through_a_service(rows: int) -> dict[str, object]:
    """The command against a service on PostgreSQL: rows a second of wall-clock, memory of both."""
    server = start_for(os.getpid(), durable=True)
    with (
        new_database(server, f"b{uuid.uuid4().hex}") as url,
        tempfile.TemporaryDirectory() as folder,
        served(Path(folder), url) as center,
    ):
        source = Path(folder) / "in.csv"
        _write(source, "pid,name\n", (f"{n:09d},Name {n % 977}\n" for n in range(rows)))
        command = [sys.executable, "-m", "ttp.cli", "pseudonymize", str(source)]
        command += ["-o", str(Path(folder) / "out.csv"), "--column", f"pid={PIPELINE}"]
        command += ["--url", f"http://127.0.0.1:{center.port}"]
        started = time.monotonic()
        process = subprocess.Popen(command, env={**os.environ, "TTP_KEY": center.key})
        seen = {"command": _tree(process.pid), "service": _tree(center.process)}
        most = {name: [0] for name in seen}
        while process.poll() is None:
            for name, look in seen.items():
                most[name].append(look())
            time.sleep(1)
        seconds = time.monotonic() - started
        if process.returncode:
            raise RuntimeError(f"the command ended with {process.returncode}")
    figures: dict[str, object] = {f"served, {rows:,} rows: rows/s": round(rows / seconds)}
    for name, sizes in most.items():
        for share in (10, 90):
            figures[f"served: RSS of the {name} at {share} % of the time, MiB"] = round(
                sizes[len(sizes) * share // 100] / MIB
            )
    return figures


def _tree(pid: int) -> Callable[[], int]:
    """Resident memory of a process and its children."""

    def look() -> int:
        try:
            top = psutil.Process(pid)
            return sum(one.memory_info().rss for one in (top, *top.children(recursive=True)))
        except psutil.NoSuchProcess:
            return 0

    return look


def _by_hand() -> None:
    parser = argparse.ArgumentParser(description="Files, alone or through a service.")
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--served", action="store_true")
    parser.add_argument("--publish", action="store_true", help="write docs/benchmarks.md")
    given = parser.parse_args()
    figures = through_a_service(given.rows) if given.served else main()
    print(figures)
    if given.publish and given.served:
        command = f"python -m tests.benchmarks.bench_files --rows {given.rows} --served"
        publish(command, figures)


if __name__ == "__main__":
    _by_hand()
