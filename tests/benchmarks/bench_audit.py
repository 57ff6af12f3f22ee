"""The audit log: leaves a second that operations record and the sequencer places, against psycopg doing the same.

Four processes write one leaf a transaction, each on its own connection to PostgreSQL with every commit on disk, while a
sequencer runs beside them. *Raw* executes the same INSERT of the same bytes and commits. *In blocks* is one
transaction of 500 leaves, as of a bulk operation. On SQLite one process writes.
"""

from __future__ import annotations

import multiprocessing
import os
import statistics
import tempfile
import threading
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from multiprocessing.queues import Queue
from pathlib import Path
from typing import TypeAlias

import psycopg

from keys.transparency import inclusion_proof, leaf_hash, new_nodes
from tests.builders import make_center
from tests.postgres_server import new_database, start_for
from ttp.core.access import OPERATOR
from ttp.core.audit_trust import AuditTrust
from ttp.core.audit_verifier import verify_export
from ttp.core.center import Center
from ttp.core.event_kinds import EventKind
from ttp.core.ports import Transaction
from ttp.services.log.export_audit import export_audit
from ttp.services.log.record_leaf import Act, record_leaf
from ttp.services.log.sequence_leaves import sequence_leaves
from ttp.services.peers.describe_trust import describe_trust

PROCESSES = 4
SECONDS = 1.5
BLOCK = 500
TREE = 1_000_000
EFFORTS = 2_000
PROOFS = 100
Answers: TypeAlias = "Queue[int]"
ACT = Act(EventKind.PSEUDONYMS_READ, domain="bench", counts={"known": 1})
INSERT = "INSERT INTO raw_leaf (id, body, subjects, at) VALUES (%s, %s, %s, %s)"


def main() -> dict[str, object]:
    """Leaves a second on both databases, and what proofs and verification cost."""
    figures: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as folder:
        figures |= _measured("SQLite", make_center(Path(folder)), 1)
    server = start_for(os.getpid(), durable=True)
    with new_database(server, f"b{uuid.uuid4().hex}") as url, tempfile.TemporaryDirectory() as home:
        center = make_center(Path(home), url.replace("postgresql://", "postgresql+psycopg://"))
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE raw_leaf (LIKE audit_leaf INCLUDING ALL)")
        raw = _rate(lambda end: _raw(url, end), PROCESSES)
        figures["PostgreSQL: raw psycopg, one a commit, leaves/s"] = raw
        figures |= _measured("PostgreSQL", center, PROCESSES)
        figures |= _verified(center)
    return figures | _proofs()


def _measured(name: str, center: Center, processes: int) -> dict[str, object]:
    stop, placed = threading.Event(), [0]

    def keep_up() -> None:
        while not stop.is_set():
            placed[0] += center.work.run(lambda tx: _sequence(center, tx))
            stop.wait(0.1)

    center.work.close()
    results = _started(lambda end: _record(center, end, 1), processes)
    sequencer = threading.Thread(target=keep_up)
    sequencer.start()
    one = _total(results, processes) / SECONDS
    stop.set()
    sequencer.join()
    backlog = len(center.work.run(lambda tx: tx.audit.unsequenced(1_000_000), write=False))
    center.work.close()
    blocks = _rate(lambda end: _record(center, end, BLOCK), processes)
    started, spent, count = time.monotonic(), time.process_time(), 0
    while done := center.work.run(lambda tx: _sequence(center, tx)):
        count += done
    return {
        f"{name}: recorded, one a transaction, leaves/s": round(one),
        f"{name}: waiting for the sequencer after {SECONDS:g} s of that": backlog,
        f"{name}: recorded in blocks of {BLOCK}, leaves/s": blocks,
        f"{name}: sequencer alone, leaves/s": round(count / (time.monotonic() - started)),
        f"{name}: sequencer, CPU µs a leaf": (time.process_time() - spent) / count * 1e6,
        f"{name}: recording in a block, CPU µs a leaf": _effort(center),
    }


def _effort(center: Center) -> float:
    """What recording costs this process; unlike rates it does not depend on what else runs on the machine."""

    def write(tx: Transaction) -> float:
        spent = time.process_time()
        for _ in range(EFFORTS):
            record_leaf(center, tx, OPERATOR, ACT)
        return (time.process_time() - spent) / EFFORTS * 1e6

    return center.work.run(write)


def _sequence(center: Center, tx: Transaction) -> int:
    return sequence_leaves(center, tx, holder="bench")


def _record(center: Center, end: float, count: int) -> int:
    done = 0
    while time.monotonic() < end:
        center.work.run(lambda tx: [record_leaf(center, tx, OPERATOR, ACT) for _ in range(count)])
        done += count
    return done


def _raw(url: str, end: float) -> int:
    body, done = os.urandom(560), 0
    with psycopg.connect(url) as connection:
        while time.monotonic() < end:
            connection.execute(INSERT, (uuid.uuid4(), body, b"", datetime.now(UTC)))
            connection.commit()
            done += 1
    return done


def _started(work: Callable[[float], int], processes: int) -> Answers:
    """Processes that do the work until the time is over and tell how much it was."""
    fork = multiprocessing.get_context("fork")
    results: Answers = fork.Queue()
    end = time.monotonic() + SECONDS
    for _ in range(processes):
        fork.Process(target=lambda: results.put(work(end)), daemon=True).start()
    return results


def _total(results: Answers, processes: int) -> int:
    return sum(results.get(timeout=60) for _ in range(processes))


def _rate(work: Callable[[float], int], processes: int) -> int:
    return round(_total(_started(work, processes), processes) / SECONDS)


def _verified(center: Center) -> dict[str, object]:
    lines: list[bytes] = []
    export_audit(center, OPERATOR, write=lines.append)
    trust = AuditTrust.from_document(describe_trust(center))
    started = time.monotonic()
    size = verify_export(lines, trust=trust).size
    return {
        f"verify an export of {size:,} leaves, leaves/s": round(size / (time.monotonic() - started))
    }


def _proofs() -> dict[str, object]:
    """Proofs from the nodes of a large tree in memory: what the hashes cost; a node in a database is one look-up."""
    nodes: dict[tuple[int, int], bytes] = {}

    def node(level: int, index: int) -> bytes:
        return nodes[level, index]

    hashes = [leaf_hash(number.to_bytes(8, "big")) for number in range(TREE)]
    for level, index, digest in new_nodes(0, hashes, node):
        nodes[level, index] = digest
    times = []
    for number in range(PROOFS):
        started = time.perf_counter()
        inclusion_proof(number * (TREE // PROOFS), TREE, node)
        times.append(time.perf_counter() - started)
    return {f"inclusion proof at {TREE:,} leaves in memory, ms": statistics.median(times) * 1e3}


if __name__ == "__main__":
    print(main())
