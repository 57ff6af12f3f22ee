"""Online rotation under load: rows a second re-indexed and rewrapped by the worker while clients ask over HTTP.

50,000 rows on each kind of database. Two clients ask for known and new originals all the while, in requests of 20;
every answer other than 200, and every pseudonym that differs from the one told before, counts as failed. The worker
rests half as long as it works, which is part of the rates. Afterwards no row may refer to the old key.

By hand with another number of rows, on one database, and with a kill -9 of the worker in the middle of each rotation:
``python -m tests.benchmarks.bench_rotation --rows 1000000 --on postgresql --kill``. With ``--publish`` the figures go
into a part of ``docs/benchmarks.md`` of their own, with this command.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

from keys.keyring import Purpose
from tests.benchmarks.__main__ import publish
from tests.benchmarks.ports import free_port
from tests.builders import PASSPHRASE, make_center, make_domain, make_key
from tests.postgres_server import new_database, start_for
from ttp.core.access import OPERATOR
from ttp.core.center import Center
from ttp.core.pseudonyms import Issued
from ttp.core.rotation import RotationState
from ttp.services.custody.destroy_keys import references
from ttp.services.custody.rotate_keys import request_rotation
from ttp.services.pseudonyms.issue_pseudonyms import issue_pseudonyms

ROWS = 50_000
BLOCK = 5_000
CLIENTS = 2
ITEMS = 20
DOMAIN = "bench"
DATABASES = ("sqlite", "postgresql")


def main(
    rows: int = ROWS, databases: Sequence[str] = DATABASES, *, kill: bool = False
) -> dict[str, object]:
    """Rates, failed requests and latencies on each database."""
    figures: dict[str, object] = {"rows": rows, "clients": CLIENTS, "originals a request": ITEMS}
    for kind in databases:
        with _database(kind) as url, tempfile.TemporaryDirectory() as folder:
            figures |= _measure(kind, Path(folder), url, rows, kill=kill)
    return figures


@contextmanager
def _database(kind: str) -> Iterator[str]:
    if kind == "sqlite":
        yield ""
        return
    server = start_for(os.getpid(), durable=True)
    with new_database(server, f"b{uuid.uuid4().hex}") as url:
        yield url.replace("postgresql://", "postgresql+psycopg://")


class Client(threading.Thread):
    """Asks without pause until it is stopped; remembers what it was told."""

    def __init__(self, port: int, key: str, known: dict[str, str], number: int) -> None:
        super().__init__()
        self._http = httpx.Client(
            base_url=f"http://127.0.0.1:{port}",
            headers={"Authorization": f"Bearer {key}"},
            timeout=60,
        )
        self._known, self._names, self._chance = dict(known), list(known), random.Random(number)
        self._number, self.stop = number, threading.Event()
        self.failed, self.seconds = 0, list[float]()

    def run(self) -> None:
        """Half of the originals are known, half are new."""
        while not self.stop.is_set():
            names = self._chance.sample(self._names, ITEMS // 2)
            names += [f"{self._number} {self._chance.random()}" for _ in range(ITEMS // 2)]
            begun = time.monotonic()
            self.failed += not self._ask(names)
            self.seconds.append(time.monotonic() - begun)

    def _ask(self, names: list[str]) -> bool:
        try:
            answer = self._http.post(
                f"/api/v1/domains/{DOMAIN}/pseudonyms", json={"originals": names}
            )
        except httpx.TransportError:
            return False
        if answer.status_code != 200:
            return False
        told = [item.get("pseudonym") for item in answer.json()["results"]]
        return all(
            pseudonym and self._known.get(name, pseudonym) == pseudonym
            for name, pseudonym in zip(names, told, strict=True)
        )


def _measure(kind: str, folder: Path, url: str, rows: int, *, kill: bool) -> dict[str, object]:
    center = make_center(folder, url)
    make_domain(center, DOMAIN)
    key = make_key(center, DOMAIN)
    known = _fill(center, rows)
    figures: dict[str, object] = {}
    with _served(folder / "nord", url) as (port, supervisor):
        for word, purpose in (("re-indexed", Purpose.INDEX), ("rewrapped", Purpose.SEAL)):
            clients = [Client(port, key, known, number) for number in range(CLIENTS)]
            for client in clients:
                client.start()
            seconds, changed = _rotate(center, purpose, rows // 2 if kill else None, supervisor)
            for client in clients:
                client.stop.set()
                client.join()
            figures |= _figures(f"{kind} {word}", clients, seconds, changed)
            figures[f"{kind} {word}: rows left under the old key"] = center.work.run(
                lambda tx, purpose=purpose: references(  # type: ignore[misc] # bound now
                    tx, purpose=purpose, scope=DOMAIN, version=1
                ),
                write=False,
            )
    return figures


def _figures(name: str, clients: list[Client], taken: float, changed: int) -> dict[str, object]:
    seconds = sorted(second for client in clients for second in client.seconds)
    return {
        f"{name} rows/s": round(changed / taken),
        f"{name}: seconds": round(taken, 1),
        f"{name}: requests meanwhile": len(seconds),
        f"{name}: failed": sum(client.failed for client in clients),
        f"{name}: median ms": round(1000 * statistics.median(seconds), 1),
        f"{name}: longest ms": round(1000 * seconds[-1], 1),
    }


def _fill(center: Center, rows: int) -> dict[str, str]:
    """All rows; gives some of them for the clients to ask for."""
    known: dict[str, str] = {}
    for start in range(0, rows, BLOCK):
        names = [f"patient {number}" for number in range(start, min(start + BLOCK, rows))]
        answers = center.work.run(
            lambda tx, names=names: issue_pseudonyms(  # type: ignore[misc] # bound now
                center, tx, OPERATOR, domain_name=DOMAIN, originals=names
            )
        )
        issued = [answer for answer in answers if isinstance(answer, Issued)]
        known.update(list(zip(names, (one.pseudonym for one in issued), strict=True))[:200])
    return known


def _rotate(
    center: Center, purpose: Purpose, kill_at: int | None, supervisor: int
) -> tuple[float, int]:
    """Seconds and rows, from the request to the end; once so many rows are done, the worker is killed."""
    begun = time.monotonic()
    asked = center.work.run(
        lambda tx: request_rotation(center, tx, OPERATOR, purpose=purpose, scope=DOMAIN)
    )
    while True:
        time.sleep(0.1)
        found = center.work.run(lambda tx: tx.rotations.get(asked.id), write=False)
        if found.state is RotationState.DONE:
            return time.monotonic() - begun, found.done
        if found.error is not None:
            raise RuntimeError(found.error)
        if kill_at is not None and found.done >= kill_at:
            os.kill(_worker_of(supervisor), signal.SIGKILL)
            kill_at = None


def _worker_of(supervisor: int) -> int:
    """The worker's process among the children of the supervisor, which starts it again."""
    for task in Path(f"/proc/{supervisor}/task").iterdir():
        for child in (task / "children").read_text().split():
            if b"ttp.worker" in Path(f"/proc/{child}/cmdline").read_bytes():
                return int(child)
    raise RuntimeError("the supervisor has no worker")


@contextmanager
def _served(home: Path, url: str) -> Iterator[tuple[int, int]]:
    """A server's port and the process of its supervisor."""
    port, unlock = free_port(), home.parent / "unlock"
    unlock.write_bytes(PASSPHRASE)
    environment = {**os.environ, "TTP_UNLOCK_FILE": str(unlock)}
    if url:
        environment["TTP_DATABASE"] = url
    command = [sys.executable, "-m", "ttp.cli", "--home", str(home), "serve", "--port", str(port)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        _wait(port)
        yield port, process.pid
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


def _by_hand() -> None:
    parser = argparse.ArgumentParser(description="Rotation under load.")
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--on", choices=DATABASES, action="append")
    parser.add_argument("--kill", action="store_true", help="kill -9 the worker midway")
    parser.add_argument("--publish", action="store_true", help="write docs/benchmarks.md")
    asked = parser.parse_args()
    databases = asked.on or DATABASES
    figures = main(asked.rows, databases, kill=asked.kill)
    print(figures)
    if asked.publish:
        words = [f"--rows {asked.rows}", *(f"--on {one}" for one in databases)]
        words += ["--kill"] * asked.kill
        publish(f"python -m {__spec__.name} {' '.join(words)}", figures)


if __name__ == "__main__":
    _by_hand()
