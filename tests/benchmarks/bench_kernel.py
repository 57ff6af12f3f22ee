"""Exact all-pairs Dice: time for 100,000 x 100,000 filters, and equality with brute force."""

import json
import sys
import time

import numpy as np

from linkage.kernel import PairTable, Words, best_matches, build_index, pairs_above, warm

ROWS = 100_000
WORDS = 16
SUBSET = 500
THRESHOLDS = (0.85, 0.75)


def filters(rng: np.random.Generator, rows: int) -> Words:
    """Filters with popcounts as CLKs of German records have them (319 +- 28 of 1024 bits)."""
    bits = WORDS * 64
    popularity = rng.random(bits) * 0.6 + 0.7
    made = np.empty((rows, WORDS), dtype=np.uint64)
    for start in range(0, rows, 10_000):
        stop = min(start + 10_000, rows)
        fill = np.clip(rng.normal(319, 28, (stop - start, 1)), 200, 500) / bits
        chosen = rng.random((stop - start, bits)) < fill * popularity
        made[start:stop] = np.packbits(chosen, axis=1).view(np.uint64)
    return made


def changed(rng: np.random.Generator, rows: Words) -> Words:
    """Copies in which every record differs by its own share of bits, 0 to 12 %."""
    share = rng.random((len(rows), 1)) * 0.12
    flips = rng.random((len(rows), WORDS * 64)) < share
    return rows ^ np.packbits(flips, axis=1).view(np.uint64)


def equal_to_brute_force(a: Words, b: Words, pairs: PairTable, threshold: float) -> bool:
    """Whether the pairs of the first rows of ``a`` are what counting every bit finds."""
    sizes = np.bitwise_count(b).sum(axis=1, dtype=np.int64)
    for row in range(SUBSET):
        common = np.bitwise_count(a[row] & b).sum(axis=1, dtype=np.int64)
        score = 2.0 * common / (int(np.bitwise_count(a[row]).sum()) + sizes)
        hits = np.flatnonzero(score >= threshold)
        mine = slice(*np.searchsorted(pairs.rows_a, [row, row + 1]))
        if not np.array_equal(pairs.rows_b[mine], hits):
            return False
        if not np.array_equal(pairs.score[mine], score[hits]):
            return False
    return True


def main() -> dict[str, object]:
    """Figures: seconds and comparisons a second per threshold, online search, equality."""
    rng = np.random.default_rng(2026)
    a = filters(rng, ROWS)
    b = np.vstack([changed(rng, a[: ROWS // 2]), filters(rng, ROWS - ROWS // 2)])
    started = time.perf_counter()
    warm()
    figures: dict[str, object] = {"warm-up, s": time.perf_counter() - started}
    for threshold in THRESHOLDS:
        times = []
        for _ in range(3):
            started = time.perf_counter()
            pairs = pairs_above(a, b, threshold)
            times.append(time.perf_counter() - started)
        name = f"{ROWS:,} x {ROWS:,}, t = {threshold}"
        figures["engine"] = pairs.engine
        figures[f"{name}, s (median of 3)"] = float(np.median(times))
        figures[f"{name}, G comparisons/s"] = ROWS * ROWS / float(np.median(times)) / 1e9
        figures[f"{name}, pairs"] = len(pairs)
        figures[f"{name}, first {SUBSET} rows equal brute force"] = equal_to_brute_force(
            a, b, pairs, threshold
        )
    index = build_index(b, 0.75)
    started = time.perf_counter()
    best_matches(a[:256], index)
    figures[f"256 queries against {ROWS:,}, ms"] = (time.perf_counter() - started) * 1e3
    return figures


if __name__ == "__main__":
    json.dump(main(), sys.stdout, indent=2)
