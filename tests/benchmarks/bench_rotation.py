"""Online rotation under load: rows a second re-indexed and rewrapped by the worker while clients ask over HTTP.

``TTP_BENCH_ROWS`` (default 50,000) rows on each kind of database. Two clients ask for known and new originals all
the while, in requests of 20; every answer other than 200, and every pseudonym that differs from the one told before,
counts as failed. The worker rests half as long as it works, which is part of the rates.
"""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from keys.keyring import Purpose
from tests.benchmarks.ports import free_port
from tests.builders import PASSPHRASE, make_center, make_domain, make_key
from tests.postgres_server import new_database, start_for
from ttp.core.access import OPERATOR
from ttp.core.center import Center
from ttp.core.pseudonyms import Issued
from ttp.core.rotation import RotationState
from ttp.services.issue_pseudonyms import issue_pseudonyms
from ttp.services.rotate_keys import request_rotation

ROWS = int(os.environ.get("TTP_BENCH_ROWS", "50000"))
BLOCK = 5_000
CLIENTS = 2
ITEMS = 20
DOMAIN = "bench"


def main() -> dict[str, object]:
    """Rates, failed requests and latencies on SQLite and PostgreSQL."""
    figures: dict[str, object] = {"rows": ROWS, "clients": CLIENTS, "originals a request": ITEMS}
    with tempfile.TemporaryDirectory() as folder:
        figures |= _measure("sqlite", Path(folder), "")
    server = start_for(os.getpid(), durable=True)
    with (
        new_database(server, f"b{uuid.uuid4().hex}") as url,
        tempfile.TemporaryDirectory() as folder,
    ):
        postgresql = url.replace("postgresql://", "postgresql+psycopg://")
        figures |= _measure("postgresql", Path(folder), postgresql)
    return figures


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


def _measure(kind: str, folder: Path, url: str) -> dict[str, object]:
    center = make_center(folder, url)
    make_domain(center, DOMAIN)
    key = make_key(center, DOMAIN)
    known = _fill(center)
    figures: dict[str, object] = {}
    with _served(folder / "nord", url) as port:
        for word, purpose in (("re-indexed", Purpose.INDEX), ("rewrapped", Purpose.SEAL)):
            clients = [Client(port, key, known, number) for number in range(CLIENTS)]
            for client in clients:
                client.start()
            seconds, rows = _rotate(center, purpose)
            for client in clients:
                client.stop.set()
                client.join()
            figures |= _figures(f"{kind} {word}", clients, rows / seconds)
    return figures


def _figures(name: str, clients: list[Client], rate: float) -> dict[str, object]:
    seconds = sorted(second for client in clients for second in client.seconds)
    return {
        f"{name} rows/s": round(rate),
        f"{name}: requests meanwhile": len(seconds),
        f"{name}: failed": sum(client.failed for client in clients),
        f"{name}: median ms": round(1000 * statistics.median(seconds), 1),
        f"{name}: longest ms": round(1000 * seconds[-1], 1),
    }


def _fill(center: Center) -> dict[str, str]:
    """All rows; gives some of them for the clients to ask for."""
    known: dict[str, str] = {}
    for start in range(0, ROWS, BLOCK):
        names = [f"patient {number}" for number in range(start, min(start + BLOCK, ROWS))]
        answers = center.work.run(
            lambda tx, names=names: issue_pseudonyms(  # type: ignore[misc] # bound now
                center, tx, OPERATOR, domain_name=DOMAIN, originals=names
            )
        )
        issued = [answer for answer in answers if isinstance(answer, Issued)]
        known.update(list(zip(names, (one.pseudonym for one in issued), strict=True))[:200])
    return known


def _rotate(center: Center, purpose: Purpose) -> tuple[float, int]:
    """Seconds and rows, from the request to the end."""
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


@contextmanager
def _served(home: Path, url: str) -> Iterator[int]:
    port, unlock = free_port(), home.parent / "unlock"
    unlock.write_bytes(PASSPHRASE)
    environment = {**os.environ, "TTP_UNLOCK_FILE": str(unlock)}
    if url:
        environment["TTP_DATABASE"] = url
    command = [sys.executable, "-m", "ttp.cli", "--home", str(home), "serve", "--port", str(port)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        _wait(port)
        yield port
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


if __name__ == "__main__":
    print(main())
