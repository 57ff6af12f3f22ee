"""The answer without any trick: every pair, counted in full."""

import numpy as np
from numpy.typing import NDArray

from linkage.kernel import PairTable, Words

Pairs = list[tuple[int, int, float]]


def brute_force(a: Words, b: Words, threshold: float) -> Pairs:
    """All (row_a, row_b, Dice) with Dice >= threshold, by row_a then row_b."""
    sizes_a = np.bitwise_count(a).sum(axis=1, dtype=np.int64)
    sizes_b = np.bitwise_count(b).sum(axis=1, dtype=np.int64)
    found: Pairs = []
    for row, filter_a in enumerate(a):
        common = np.bitwise_count(filter_a & b).sum(axis=1, dtype=np.int64)
        total = sizes_a[row] + sizes_b
        score = np.where(total > 0, 2.0 * common / np.maximum(total, 1), 0.0)
        hits = np.flatnonzero(score >= threshold)
        found.extend((row, int(hit), float(score[hit])) for hit in hits)
    return found


def listed(pairs: PairTable) -> Pairs:
    """A pair table in the form of `brute_force`."""
    columns = pairs.rows_a.tolist(), pairs.rows_b.tolist(), pairs.score.tolist()
    return list(zip(*columns, strict=True))


def random_filters(seed: int, rows: int, *, bits: int = 256, fill: float = 0.3) -> Words:
    """Filters with about ``fill`` of their bits set, popcounts differing by row."""
    rng = np.random.default_rng(seed)
    density = np.clip(rng.normal(fill, fill / 8, (rows, 1)), 0.0, 1.0)
    return pack(rng.random((rows, bits)) < density)


def disturbed(filters: Words, seed: int, share: float) -> Words:
    """Copies with about ``share`` of all bits flipped."""
    rng = np.random.default_rng(seed)
    return filters ^ pack(rng.random((len(filters), filters.shape[1] * 64)) < share)


def pack(bits: NDArray[np.bool_]) -> Words:
    """Rows of bits as rows of 64-bit words."""
    return np.packbits(bits, axis=1).view(np.uint64)
