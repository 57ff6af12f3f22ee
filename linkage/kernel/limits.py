"""Limits: a Dice threshold becomes integers once, so no rounding can lose or invent a pair."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Limits:
    """Largest allowed Hamming distance for every possible sum of two popcounts.

    ``exact[s]`` is the largest distance two filters with ``|a| + |b| = s`` may have and still reach
    the threshold, or -1 where none can. Distance and sum have the same parity, so ``exact`` is not
    monotone in ``s``; ``upper[s]`` is its running maximum and bounds all sums up to ``s``, which is
    what a block of rows with differing popcounts needs.
    """

    threshold: float
    exact: NDArray[np.int64]
    upper: NDArray[np.int64]


def dice(common: NDArray[np.int64], total: NDArray[np.int64]) -> NDArray[np.float64]:
    """Dice coefficient ``2 c / (|a| + |b|)`` from integers; 0.0 where both filters are empty."""
    score = np.zeros(total.shape, dtype=np.float64)
    np.divide(2.0 * common, total, out=score, where=total > 0)
    return score


def hamming_limits(threshold: float, bits: int) -> Limits:
    """Limits for Dice >= ``threshold`` (0 < threshold <= 1) on filters of ``bits`` bits.

    The smallest sufficient intersection is found with the very division that later gives the
    score, so "reaches the threshold" means the same in both places.
    """
    total = np.arange(2 * bits + 1, dtype=np.int64)
    common = np.ceil(threshold * total / 2.0).astype(np.int64)
    for correction in (-1, 0):
        enough = dice(common + correction, total) >= threshold
        common = np.where(enough & (common + correction >= 0), common + correction, common)
    common = np.where(dice(common, total) >= threshold, common, common + 1)
    exact = total - 2 * common
    possible = (dice(common, total) >= threshold) & (exact >= 0)
    exact = np.where(possible, exact, -1)
    return Limits(threshold, exact, np.maximum.accumulate(exact))
