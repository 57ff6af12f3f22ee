"""Plan: what to compare before reading in full, judged on a sample, for a wrong guess costs 25-fold."""

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

import numpy as np

from linkage.kernel.engine import Costs, Engine
from linkage.kernel.layout import COLUMN_BLOCK, ROW_BLOCK, Blocks, Fold, Sorted, block
from linkage.kernel.limits import Limits
from linkage.kernel.tiles import Comparison, Tile

SAMPLE: Final = 1024
"""Most rows drawn from each side."""
_WORTH_PLANNING: Final = 1 << 20
"""Pairs; fewer are compared in full before a sample is drawn."""
_WORTH_BANDS: Final = 1 << 28
"""Pairs; fewer are all compared in one way."""
_BANDS: Final = 7
_SAMPLED: Final = 128
"""A sample has at most one in so many of the pairs, for it is compared once per fold in question."""


def full_fold(side: Sorted) -> Fold:
    """No fold at all: every word is compared."""
    return Fold(0, int(side.rows.shape[1]))


def cost(costs: Costs, fold: Fold, *, share: float) -> float:
    """Expected relative time per pair when ``share`` of the pairs is read in full in vain."""
    words = fold.pairs * costs.joined + (fold.singles - 2 * fold.couples) * costs.word
    once = words + fold.couples * costs.couple + costs.pair
    return once + share * (costs.verify + costs.again * once)


def sample(side: Sorted, size: int = SAMPLE) -> Sorted:
    """Evenly drawn rows in popcount order; the draw depends on nothing but the numbers of rows."""
    count = len(side.order)
    if count <= size:
        return side
    chosen = np.sort(np.random.default_rng(count).choice(count, size, replace=False))
    columns = side.rows[chosen], side.order[chosen], side.popcounts[chosen]
    return Sorted(*columns, side.count)


def strays(engine: Engine, work: Comparison) -> float:
    """Share of all pairs of a comparison that come through the fold and yet miss the threshold.

    Those that reach it are read in full whatever the fold, so they speak neither for nor against it.
    """
    tile = Tile(0, len(work.blocks_a.least), 0, len(work.blocks_b.least))
    found = engine.scan(work, tile, tile.pairs)
    return (found.verified - len(found.rows_a)) / tile.pairs if found is not None else 1.0


def choose_fold(engine: Engine, a: Sorted, b: Sorted, limits: Limits) -> Fold:
    """The cheapest fold; none at all where folding does not pay.

    Folds are tried from the widest down, of each width those that promise less than the best so
    far. More joined words let more through, and so do fewer words: once strays alone cost more
    than the best, as many joined words are not tried again, and the search ends when none are left.
    """
    pairs = len(a.order) * len(b.order)
    if pairs < _WORTH_PLANNING:
        return full_fold(a)
    size = min(SAMPLE, math.isqrt(pairs // _SAMPLED))
    return _cheapest(engine, sample(a, size), sample(b, size), limits)


def choose_folds(
    engine: Engine, a: Sorted, b: Sorted, limits: Limits
) -> tuple[tuple[int, Fold], ...]:
    """The cheapest fold for each of some sums of two popcounts, the middle one first.

    The rows of many pairs are judged in bands of like popcount.
    """
    pairs = len(a.order) * len(b.order)
    if pairs < _WORTH_BANDS:
        return ((0, choose_fold(engine, a, b, limits)),)
    sides = [_bands(sample(side, 2 * SAMPLE)) for side in (a, b)]
    found = []
    for band in sorted(range(_BANDS), key=lambda at: abs(at - _BANDS // 2)):
        left, right = sides[0][band], sides[1][band]
        fold = _cheapest(engine, left, right, limits)
        found.append((int(np.median(left.popcounts) + np.median(right.popcounts)), fold))
    return tuple(found)


def _bands(side: Sorted) -> list[Sorted]:
    cuts = [len(side.order) * band // _BANDS for band in range(_BANDS + 1)]
    return [
        Sorted(side.rows[low:high], side.order[low:high], side.popcounts[low:high], side.count)
        for low, high in pairwise(cuts)
    ]


def _cheapest(engine: Engine, left: Sorted, right: Sorted, limits: Limits) -> Fold:
    best = full_fold(left)
    least = cost(engine.costs, best, share=0.0)
    joinable = best.words
    for width in range(best.words, 0, -1):
        for fold in _promising(engine.costs, width, joinable, least):
            sides = _blocks(left, right, fold)
            share = strays(engine, Comparison(left, right, *sides, limits, fold, same=False))
            expected = cost(engine.costs, fold, share=share)
            if expected < least:
                best, least = fold, expected
            elif expected - cost(engine.costs, fold, share=0.0) > least:
                joinable = fold.pairs
                break
        if not joinable:
            break
    return best


def _blocks(left: Sorted, right: Sorted, fold: Fold) -> tuple[Blocks, Blocks]:
    return block(left, fold=fold, size=ROW_BLOCK), block(right, fold=fold, size=COLUMN_BLOCK)


def _promising(costs: Costs, width: int, joinable: int, least: float) -> Iterator[Fold]:
    """Folds to one width that would be cheaper than the best so far if nothing strayed."""
    for pairs in range(min(width // 2 + 1, joinable)):
        fold = Fold(pairs, width - 2 * pairs)
        if cost(costs, fold, share=0.0) < least:
            yield fold
