"""Online search: one query against a million internal encodings in memory; ``--large``: ten million.

The median of queries one after the other, all threads of the machine on each; a query has a true
match among the records. Seconds of the processor are given as well, for a machine that is shared.
"""

import sys
import time

import numpy as np

from linkage.index import SearchIndex
from tests.benchmarks.__main__ import publish
from tests.benchmarks.bench_kernel import WORDS, changed, filters

ROWS = 1_000_000
QUERIES = 60
THRESHOLDS = (0.85, 0.80, 0.75)
BLOCK = 250_000


def _filled(threshold: float, rows: int) -> SearchIndex:
    """An index of ``rows`` filters; they are made block by block, as memory is short for ten million."""
    index = SearchIndex(words=WORDS, threshold=threshold)
    rng = np.random.default_rng(2026)
    made = np.empty((rows, WORDS), np.uint64)
    for start in range(0, rows, BLOCK):
        made[start : start + BLOCK] = filters(rng, min(BLOCK, rows - start))
    index.add(np.arange(rows), made)
    return index


def measured(rows: int) -> dict[str, object]:
    """Milliseconds of a query per threshold, and how many queries a second come through together."""
    figures: dict[str, object] = {}
    first = filters(np.random.default_rng(2026), min(BLOCK, rows))[:QUERIES]
    queries = changed(np.random.default_rng(1), first)
    for threshold in THRESHOLDS:
        index = _filled(threshold, rows)
        index.query(queries[0])
        wall, busy = [], time.process_time()
        for query in queries:
            started = time.perf_counter()
            index.query(query)
            wall.append(time.perf_counter() - started)
        busy = time.process_time() - busy
        name = f"1 query against {rows:,}, t = {threshold}"
        figures[f"{name}, ms (median)"] = float(np.median(wall)) * 1e3
        figures[f"{name}, ms (fastest)"] = min(wall) * 1e3
        figures[f"{name}, CPU ms"] = busy / QUERIES * 1e3
        started = time.perf_counter()
        index.query_many(queries)
        figures[f"{name}, queries/s together"] = QUERIES / (time.perf_counter() - started)
        index.close()
    return figures


def main() -> dict[str, object]:
    """Figures for a million encodings."""
    return measured(ROWS)


if __name__ == "__main__":
    large = "--large" in sys.argv
    found = measured(10 * ROWS if large else ROWS)
    for key, value in found.items():
        sys.stdout.write(f"{key}: {value:.4g}\n")
    if large:
        publish("python -m tests.benchmarks.bench_search --large", found)
