"""Several processes and threads write one keyring, and no key is ever lost."""

import multiprocessing
import os
import signal
import threading
import time
from pathlib import Path

from keys.custody.root_key import RootKey
from keys.keyring import Keyring, KeyState, Purpose
from tests.scale import scaled

ROOT = RootKey(bytes(range(32)))
FORK = multiprocessing.get_context("fork")


def _add_domains(path: str, writer: int, count: int) -> None:
    ring = Keyring.open(Path(path), root=ROOT)
    for number in range(count):
        ring.ensure(Purpose.SEAL, f"own-{writer}-{number}")
        ring.ensure(Purpose.SEAL, f"shared-{number}")
        ring.rotate(Purpose.INDEX, "everyone")


def _add_for_ever(path: str, reports: str) -> None:
    ring = Keyring.open(Path(path), root=ROOT)
    with Path(reports).open("a", buffering=1) as report:
        for number in range(1_000_000):
            domain = f"{os.getpid()}-{number}"
            ring.ensure(Purpose.SEAL, domain)
            report.write(f"{domain} {ring.active(Purpose.SEAL, domain).secret.hex()}\n")


def test_processes_writing_at_once_lose_nothing(tmp_path: Path) -> None:
    path, writers, count = tmp_path / "keyring", 3, scaled(12, least=4)
    ring = Keyring.create(path, root=ROOT)
    processes = [
        FORK.Process(target=_add_domains, args=(str(path), writer, count))
        for writer in range(writers)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * writers
    domains = {i.domain for i in ring.all_versions() if i.purpose is Purpose.SEAL}
    own = {f"own-{writer}-{number}" for writer in range(writers) for number in range(count)}
    assert domains == own | {f"shared-{number}" for number in range(count)}
    assert all(len(ring.versions(Purpose.SEAL, domain)) == 1 for domain in domains)
    rotated = ring.versions(Purpose.INDEX, "everyone")
    assert [info.version for info in rotated] == list(range(1, writers * count + 1))
    assert [info.state for info in rotated].count(KeyState.ACTIVE) == 1


def test_threads_ensuring_at_once_get_the_same_key(tmp_path: Path) -> None:
    ring = Keyring.create(tmp_path / "keyring", root=ROOT)
    gate, seen = threading.Barrier(8), []

    def ask() -> None:
        gate.wait()
        for number in range(5):
            ring.ensure(Purpose.SEAL, f"d{number}")
            seen.append((number, ring.active(Purpose.SEAL, f"d{number}").secret))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 40
    assert len(set(seen)) == 5


def test_a_key_that_was_handed_out_survives_the_kill_of_its_writer(tmp_path: Path) -> None:
    path, reports = tmp_path / "keyring", tmp_path / "reports"
    Keyring.create(path, root=ROOT)
    for attempt in range(scaled(5, least=2)):
        writer = FORK.Process(target=_add_for_ever, args=(str(path), str(reports)))
        writer.start()
        while not reports.exists():
            time.sleep(0.005)
        time.sleep(0.05 + attempt * 0.013)
        assert writer.pid is not None
        os.kill(writer.pid, signal.SIGKILL)
        writer.join()
    ring = Keyring.open(path, root=ROOT)
    lines = reports.read_text().split("\n")[:-1]
    assert len(lines) > 5
    for line in lines:
        domain, secret = line.split()
        assert ring.active(Purpose.SEAL, domain).secret.hex() == secret
