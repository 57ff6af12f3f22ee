"""Plan: what to compare before reading in full, judged on a sample, for a wrong guess costs 25-fold."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from linkage.kernel.engine import Costs, Engine
from linkage.kernel.layout import COLUMN_BLOCK, ROW_BLOCK, Blocks, Fold, Sorted, block
from linkage.kernel.limits import Limits
from linkage.kernel.tiles import Comparison, Tile

SAMPLE: Final = 1024
"""Rows drawn from each side."""


def full_fold(side: Sorted) -> Fold:
    """No fold at all: every word is compared."""
    return Fold(0, int(side.rows.shape[1]))


def cost(costs: Costs, fold: Fold, *, share: float) -> float:
    """Expected relative time per pair when ``share`` of the pairs is read in full."""
    words = fold.pairs * costs.joined + fold.singles * costs.word
    return words + costs.pair + share * costs.verify


def sample(side: Sorted) -> Sorted:
    """Evenly drawn rows in popcount order; the draw depends on nothing but the number of rows."""
    count = len(side.order)
    if count <= SAMPLE:
        return side
    chosen = np.sort(np.random.default_rng(count).choice(count, SAMPLE, replace=False))
    columns = side.rows[chosen], side.order[chosen], side.popcounts[chosen]
    return Sorted(*columns, side.count)


def survivors(engine: Engine, work: Comparison) -> float:
    """Share of all pairs of a comparison that the folded scan lets through."""
    tile = Tile(0, len(work.blocks_a.least), 0, len(work.blocks_b.least))
    found = engine.scan(work, tile, tile.pairs)
    return found.verified / tile.pairs if found is not None else 1.0


def choose_fold(engine: Engine, a: Sorted, b: Sorted, limits: Limits, *, same: bool) -> Fold:
    """The cheapest fold; none at all where folding does not pay.

    Folds are tried from the widest down, of each width those that promise less than the best so
    far. More joined words let more through, and so do fewer words: a width is left at the first
    fold whose survivors alone cost more than the best, and the search ends when that is already
    the one without joined words.
    """
    best = full_fold(a)
    if not len(a.order) or not len(b.order):
        return best
    least = cost(engine.costs, best, share=0.0)
    left, right = sample(a), sample(b)
    for width in range(best.words, 0, -1):
        sides = _blocks(left, right, width)
        for fold in _promising(engine.costs, width, least):
            work = Comparison(left, right, *sides, limits, fold, same)
            share = survivors(engine, work)
            expected = cost(engine.costs, fold, share=share)
            if expected < least:
                best, least = fold, expected
            elif share * engine.costs.verify > least:
                if not fold.pairs:
                    return best
                break
    return best


def _blocks(left: Sorted, right: Sorted, width: int) -> tuple[Blocks, Blocks]:
    return block(left, width=width, size=ROW_BLOCK), block(right, width=width, size=COLUMN_BLOCK)


def _promising(costs: Costs, width: int, least: float) -> Iterator[Fold]:
    """Folds to one width that would be cheaper than the best so far if nothing came through."""
    for pairs in range(width // 2 + 1):
        fold = Fold(pairs, width - 2 * pairs)
        if cost(costs, fold, share=0.0) < least:
            yield fold
