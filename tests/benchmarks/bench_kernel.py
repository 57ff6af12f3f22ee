"""Exact all-pairs Dice: time for 100,000 x 100,000 filters, and equality with brute force.

``--million``: a million against a million, by hand, on a machine that does nothing else; ``--joins``: the joins alone.
"""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np

from linkage.kernel import PairTable, Words, best_matches, build_index, pairs_above, warm
from linkage.kernel.engine import select
from linkage.kernel.execution import Bounds, execute
from linkage.kernel.layout import sort_rows
from linkage.kernel.limits import Measure, limits_for
from linkage.kernel.plan import full_fold
from linkage.kernel.tiles import compare_at
from tests.benchmarks.__main__ import publish

ROWS = 100_000
WORDS = 16
SUBSET = 500
DIFFUSED = 60_000
HARD = 0.62
SLAB = 10_000
THRESHOLDS = (0.85, 0.75)
AVX2 = {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": "+sse4.2,+popcnt,+avx,+avx2"}


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


def timed(work: Callable[[], PairTable], times: int = 3) -> tuple[PairTable, float, float]:
    """What it found; the median of its seconds, and the least of its seconds of the processor."""
    wall, busy = [], []
    for _ in range(times):
        started, spent = time.perf_counter(), time.process_time()
        pairs = work()
        wall.append(time.perf_counter() - started)
        busy.append(time.process_time() - spent)
    return pairs, float(np.median(wall)), min(busy)


def two_sides(rng: np.random.Generator) -> tuple[Words, Words]:
    """A side, and another of which half are its copies with errors."""
    a = filters(rng, ROWS)
    return a, np.vstack([changed(rng, a[: ROWS // 2]), filters(rng, ROWS - ROWS // 2)])


def joins(a: Words, b: Words) -> dict[str, object]:
    """All pairs of both sides, at each threshold."""
    figures: dict[str, object] = {}
    for threshold in THRESHOLDS:
        pairs, wall, busy = timed(lambda at=threshold: pairs_above(a, b, at))  # type: ignore[misc]  # bound now
        name = f"{ROWS:,} x {ROWS:,}, t = {threshold}"
        figures["engine"] = pairs.engine
        figures[f"{name}, s (median of 3)"] = wall
        figures[f"{name}, CPU s (least of 3)"] = busy
        figures[f"{name}, G comparisons/s per core"] = ROWS * ROWS / busy / 1e9
        figures[f"{name}, pairs"] = len(pairs)
        figures[f"{name}, first {SUBSET} rows equal brute force"] = equal_to_brute_force(
            a, b, pairs, threshold
        )
    return figures


def by_avx2() -> dict[str, object]:
    """The joins by the instructions of processors without AVX-512, in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.bench_kernel", "--joins"]
    done = subprocess.run(command, env=os.environ | AVX2, capture_output=True, check=True)
    return {f"AVX2: {name}": value for name, value in json.loads(done.stdout).items()}


def diffused(rng: np.random.Generator) -> dict[str, object]:
    """Half-full filters at a threshold where folds hardly prune; every word of every pair, and as planned."""
    rows = rng.integers(0, 2**63, (DIFFUSED, WORDS), dtype=np.uint64) << np.uint64(1)
    side, engine = sort_rows(rows), select()
    limits = limits_for(Measure.DICE, HARD, 64 * WORDS)
    whole = compare_at(side, side, limits, fold=full_fold(side), same=False)
    _, _, full = timed(lambda: execute(whole, engine, Bounds()))
    _, _, planned = timed(lambda: pairs_above(rows, rows, HARD))
    name = "half-full filters, {}, G comparisons/s per core"
    return {
        name.format(f"all {WORDS} words"): DIFFUSED**2 / full / 1e9,
        name.format(f"t = {HARD}, as planned"): DIFFUSED**2 / planned / 1e9,
    }


def slab(a: Words, b: Words) -> dict[str, object]:
    """A tenth of one side against all of the other: what larger comparisons consist of."""
    _, _, busy = timed(lambda: pairs_above(a[:SLAB], b, 0.85), 1)
    million = 1e12 / (SLAB * len(b)) * busy
    return {
        f"{SLAB:,} x {len(b):,}, t = 0.85, CPU s": busy,
        "1,000,000 x 1,000,000, t = 0.85, CPU s (extrapolated from it)": million,
    }


def main() -> dict[str, object]:
    """Figures: seconds and comparisons a second per threshold, online search, equality."""
    rng = np.random.default_rng(2026)
    a, b = two_sides(rng)
    started = time.perf_counter()
    warm()
    figures: dict[str, object] = {"warm-up, s": time.perf_counter() - started}
    figures |= joins(a, b) | diffused(rng) | slab(a, b) | by_avx2()
    index = build_index(b, 0.75)
    started = time.perf_counter()
    best_matches(a[:256], index)
    figures[f"256 queries against {ROWS:,}, ms"] = (time.perf_counter() - started) * 1e3
    return figures


def million() -> dict[str, object]:
    """A million against a million, with the memory it takes; minutes on two cores."""
    rng = np.random.default_rng(2026)
    a = filters(rng, 10 * ROWS)
    parts = [changed(rng, part) for part in np.array_split(a[: 5 * ROWS], 50)]  # little memory
    b = np.vstack([*parts, filters(rng, 5 * ROWS)])
    warm()
    pairs, wall, busy = timed(lambda: pairs_above(a, b, 0.85), 1)
    return {
        "1,000,000 x 1,000,000, t = 0.85, s": wall,
        "CPU s": busy,
        "pairs": len(pairs),
        "largest memory of the process, GB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        / 1e6,
    }


if __name__ == "__main__":
    if "--million" in sys.argv:
        publish("python -m tests.benchmarks.bench_kernel --million", million())
    else:
        warm()
        figures = (
            joins(*two_sides(np.random.default_rng(2026))) if "--joins" in sys.argv else main()
        )
        json.dump(figures, sys.stdout, indent=2)
