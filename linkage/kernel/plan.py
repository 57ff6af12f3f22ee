"""Plan: what to compare before reading in full, judged on a sample, for a wrong guess costs 25-fold."""

import math
from collections.abc import Iterator
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
_SAMPLED: Final = 128
"""A sample has at most one in so many of the pairs, for it is compared once per fold in question."""


def full_fold(side: Sorted) -> Fold:
    """No fold at all: every word is compared."""
    return Fold(0, int(side.rows.shape[1]))


def cost(costs: Costs, fold: Fold, *, share: float) -> float:
    """Expected relative time per pair when ``share`` of the pairs is read in full in vain."""
    words = fold.pairs * costs.joined + fold.singles * costs.word
    return words + costs.pair + share * costs.verify


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


def choose_fold(engine: Engine, a: Sorted, b: Sorted, limits: Limits, *, same: bool) -> Fold:
    """The cheapest fold; none at all where folding does not pay.

    Folds are tried from the widest down, of each width those that promise less than the best so
    far. More joined words let more through, and so do fewer words: once strays alone cost more
    than the best, as many joined words are not tried again, and the search ends when none are left.
    """
    best = full_fold(a)
    pairs = len(a.order) * len(b.order)
    if pairs < _WORTH_PLANNING:
        return best
    least = cost(engine.costs, best, share=0.0)
    size = min(SAMPLE, math.isqrt(pairs // _SAMPLED))
    left, right = sample(a, size), sample(b, size)
    joinable = best.words
    for width in range(best.words, 0, -1):
        sides = _blocks(left, right, width)
        for fold in _promising(engine.costs, width, joinable, least):
            share = strays(engine, Comparison(left, right, *sides, limits, fold, same))
            expected = cost(engine.costs, fold, share=share)
            if expected < least:
                best, least = fold, expected
            elif share * engine.costs.verify > least:
                joinable = fold.pairs
                break
        if not joinable:
            break
    return best


def _blocks(left: Sorted, right: Sorted, width: int) -> tuple[Blocks, Blocks]:
    return block(left, width=width, size=ROW_BLOCK), block(right, width=width, size=COLUMN_BLOCK)


def _promising(costs: Costs, width: int, joinable: int, least: float) -> Iterator[Fold]:
    """Folds to one width that would be cheaper than the best so far if nothing strayed."""
    for pairs in range(min(width // 2 + 1, joinable)):
        fold = Fold(pairs, width - 2 * pairs)
        if cost(costs, fold, share=0.0) < least:
            yield fold
