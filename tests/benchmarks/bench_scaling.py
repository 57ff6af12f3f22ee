"""What a comparison of sources of any size consists of: pairs per engine, tokens per record, a task's price.

Seconds are those of the processor. Half-full filters are what diffusion leaves; tokens are 64 random
bits, as keyed tokens and salts are. The cluster is two processes of this machine.
"""

import json
import sys
import time
from dataclasses import replace
from typing import Any

import distributed
import numpy as np

from linkage.candidates import join_equal
from linkage.kernel import Words, pairs_above, warm
from linkage.kernel.cluster import on_cluster
from linkage.kernel.engine import Engine, select
from tests.benchmarks.bench_kernel import WORDS, filters

ROWS = 40_000
TOKENS = 1_000_000


def per_pair(rows: Words, threshold: float, engine: Engine) -> float:
    """Nanoseconds of a processor per pair of rows, the least of two runs."""
    spent = []
    for _ in range(2):
        started = time.process_time()
        pairs_above(rows, rows[::-1].copy(), threshold, engine=engine)
        spent.append(time.process_time() - started)
    return min(spent) / len(rows) ** 2 * 1e9


def engines() -> dict[str, object]:
    """A pair's price by threshold, by engine, and where no fold prunes."""
    rng = np.random.default_rng(7)
    rows = filters(rng, ROWS)
    full = rng.integers(0, 2**63, (ROWS // 2, WORDS), dtype=np.uint64) << np.uint64(1)
    compiled, plain = select("auto"), select("numpy")
    found: dict[str, object] = {
        f"{compiled.name}, t = {at}, ns/pair": per_pair(rows, at, compiled)
        for at in (0.9, 0.85, 0.8, 0.75, 0.7)
    }
    found[f"{compiled.name}, half-full filters, t = 0.62, ns/pair"] = per_pair(full, 0.62, compiled)
    return found | {"numpy, t = 0.85, ns/pair": per_pair(rows[:3000], 0.85, plain)}


def tokens() -> dict[str, object]:
    """A token's price: one column of a million against another, half of them shared."""
    rng = np.random.default_rng(8)
    left = rng.integers(1, 2**63, TOKENS).astype(np.uint64)
    right = np.concatenate([left[: TOKENS // 2], rng.integers(1, 2**63, TOKENS // 2, np.uint64)])
    started = time.process_time()
    shared = len(join_equal(left, rng.permutation(right)))
    spent = time.process_time() - started
    return {f"one token column, {TOKENS:,} x {TOKENS:,}, CPU s": spent, "shared": shared}


def cluster() -> dict[str, object]:
    """The same pairs on two worker processes: seconds by the clock against threads of one process."""
    rows = filters(np.random.default_rng(7), ROWS)
    local = replace(select("auto"), threads=2)
    start: Any = distributed.LocalCluster
    options = {"dashboard_address": None, "silence_logs": 50, "host": "127.0.0.1"}
    with start(n_workers=2, threads_per_worker=1, processes=True, **options) as workers:
        remote = on_cluster(workers.scheduler_address, tile_pairs=1 << 26)
        pairs_above(rows[:8000], rows[:8000], 0.85, engine=remote)
        times: dict[str, list[float]] = {"threads": [], "cluster": []}
        for _ in range(3):
            for name, engine in (("threads", local), ("cluster", remote)):
                started = time.perf_counter()
                found = pairs_above(rows, rows, 0.85, engine=engine)
                times[name].append(time.perf_counter() - started)
    return {
        f"{ROWS:,} x {ROWS:,} with 2 threads, s": min(times["threads"]),
        f"{ROWS:,} x {ROWS:,} on Dask with 2 worker processes, data shipped, s": min(
            times["cluster"]
        ),
        "pairs": len(found),
    }


def main() -> dict[str, object]:
    """Prices of pairs, tokens and tasks."""
    warm()
    return engines() | tokens() | cluster()


if __name__ == "__main__":
    json.dump(main(), sys.stdout, indent=2)
