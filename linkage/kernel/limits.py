"""Limits: a threshold becomes integers once, so no rounding can lose or invent a pair."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
Scores = NDArray[np.float64]


class Measure(StrEnum):
    """How alike two filters are, from the bits set in one, in the other and in both; 0.0 to 1.0.

    An empty filter carries no evidence: a search finds it with no other, whatever the measure.
    """

    DICE = "dice"
    JACCARD = "jaccard"
    HAMMING = "hamming"
    COSINE = "cosine"


@dataclass(frozen=True, slots=True)
class Limits:
    """Largest Hamming distance for every possible sum of two popcounts.

    ``exact[s]`` is the largest distance two filters with ``|a| + |b| = s`` may have and still reach
    the threshold, or -1 where none can. Distance and sum have the same parity, so ``exact`` is not
    monotone in ``s``; ``upper[s]`` is its running maximum and bounds all sums up to ``s``, which is
    what a block of rows with differing popcounts needs.

    Cosine depends on both popcounts, not on their sum: there ``exact`` is a bound for the most
    unequal split that can reach the threshold, and ``cosine`` repeats the threshold, by which a
    pair within the bound is then judged; -1.0 for the other measures.
    """

    threshold: float
    measure: Measure
    bits: int
    exact: Counts
    upper: Counts
    cosine: float = -1.0


def dice(common: Counts, total: Counts) -> Scores:
    """Dice coefficient ``2 c / (|a| + |b|)`` from integers; 0.0 where both filters are empty."""
    score = np.zeros(total.shape, dtype=np.float64)
    np.divide(2.0 * common, total, out=score, where=total > 0)
    return score


def _jaccard(common: Counts, total: Counts) -> Scores:
    score = np.zeros(total.shape, dtype=np.float64)
    np.divide(common, total - common, out=score, where=total > common)
    return score


def cosine(common: Counts, count_a: Counts, count_b: Counts) -> Scores:
    """Cosine ``c / sqrt(|a| |b|)``; 0.0 where a filter is empty."""
    score = np.zeros(common.shape, dtype=np.float64)
    lengths = np.sqrt(count_a.astype(np.float64) * count_b.astype(np.float64))
    np.divide(common, lengths, out=score, where=lengths > 0)
    return score


def similarity(
    measure: Measure, common: Counts, count_a: Counts, count_b: Counts, *, bits: int
) -> Scores:
    """The measure of pairs with ``common`` bits set in both, on filters of ``bits`` bits."""
    if measure is Measure.COSINE:
        return cosine(common, count_a, count_b)
    return _by_sum(measure, bits)(common, count_a + count_b)


def _by_sum(measure: Measure, bits: int) -> Callable[[Counts, Counts], Scores]:
    """A measure that depends on the common bits and the sum of the popcounts alone."""
    if measure is Measure.DICE:
        return dice
    if measure is Measure.JACCARD:
        return _jaccard
    return lambda common, total: np.where(total > 0, (bits - (total - 2 * common)) / bits, 0.0)


def _first_guess(measure: Measure, threshold: float, bits: int, total: Counts) -> Counts:
    """About the smallest intersection that reaches the threshold; at most one off."""
    if measure is Measure.HAMMING:
        exact = (total - (1.0 - threshold) * bits) / 2.0
    elif measure is Measure.JACCARD:
        exact = threshold * total / (1.0 + threshold)
    else:
        exact = threshold * total / 2.0
    rounded: Counts = np.maximum(np.ceil(exact), 0.0).astype(np.int64)
    return rounded


_ROUNDING: Final = 1e-9


def _cosine_limits(threshold: float, bits: int) -> Limits:
    """A pair reaches t only if ``min >= t^2 max``; the most unequal such split bounds its distance."""
    total = np.arange(2 * bits + 1, dtype=np.int64)
    square = threshold * threshold
    bound = np.floor(total * (1.0 - square) / (1.0 + square) + _ROUNDING).astype(np.int64)
    bound[0] = -1
    upper = np.maximum.accumulate(bound)
    return Limits(threshold, Measure.COSINE, bits, bound, upper, threshold)


def limits_for(measure: Measure, threshold: float, bits: int) -> Limits:
    """Limits for ``measure`` >= ``threshold`` (0 < threshold <= 1) on filters of ``bits`` bits.

    The smallest sufficient intersection is found with the very division that later gives the
    score, so "reaches the threshold" means the same in both places.
    """
    if measure is Measure.COSINE:
        return _cosine_limits(threshold, bits)
    score = _by_sum(measure, bits)
    total = np.arange(2 * bits + 1, dtype=np.int64)
    common = _first_guess(measure, threshold, bits, total)
    for correction in (-1, 0):
        enough = score(common + correction, total) >= threshold
        common = np.where(enough & (common + correction >= 0), common + correction, common)
    common = np.where(score(common, total) >= threshold, common, common + 1)
    exact = total - 2 * common
    possible = (score(common, total) >= threshold) & (exact >= 0)
    exact = np.where(possible, exact, -1)
    return Limits(threshold, measure, bits, exact, np.maximum.accumulate(exact))


def hamming_limits(threshold: float, bits: int) -> Limits:
    """Limits for Dice >= ``threshold`` (0 < threshold <= 1) on filters of ``bits`` bits."""
    return limits_for(Measure.DICE, threshold, bits)
