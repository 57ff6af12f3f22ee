"""Plan: how many folded words to scan, judged on a sample, because a wrong guess costs 25-fold."""

from dataclasses import replace
from typing import Final

import numpy as np

from linkage.kernel.engine import Engine
from linkage.kernel.layout import Sorted
from linkage.kernel.limits import Limits
from linkage.kernel.tiles import Comparison, Tile, compare_at

SAMPLE: Final = 1024
"""Rows drawn from each side."""


def cost(engine: Engine, *, width: int, share: float) -> float:
    """Expected relative time per pair when ``share`` of the pairs is read in full."""
    return width * engine.word_cost + engine.pair_cost + share * engine.verify_cost


def _sample(side: Sorted) -> Sorted:
    """Evenly drawn rows in popcount order; the draw depends on nothing but the number of rows."""
    count = len(side.order)
    if count <= SAMPLE:
        return side
    chosen = np.sort(np.random.default_rng(count).choice(count, SAMPLE, replace=False))
    return replace(side, order=side.order[chosen], popcounts=side.popcounts[chosen])


def survivors(engine: Engine, work: Comparison) -> float:
    """Share of all pairs of a comparison that the folded scan lets through."""
    tile = Tile(0, len(work.blocks_a.least), 0, len(work.blocks_b.least))
    found = engine.scan(work, tile, tile.pairs)
    return found.verified / tile.pairs if found is not None else 1.0


def fold_width(engine: Engine, a: Sorted, b: Sorted, limits: Limits, *, same: bool) -> int:
    """Cheapest number of words to scan; the full number where folding does not pay.

    Widths are tried from the widest down and the search stops once survivors alone cost more than
    the best width so far, since narrower folds only let more through.
    """
    full = int(a.rows.shape[1])
    if not len(a.order) or not len(b.order):
        return full
    left, right = _sample(a), _sample(b)
    best, best_cost = full, cost(engine, width=full, share=0.0)
    for width in range(full - 1, 0, -1):
        work = compare_at(left, right, limits, width=width, same=same)
        share = survivors(engine, work)
        expected = cost(engine, width=width, share=share)
        if expected < best_cost:
            best, best_cost = width, expected
        elif share * engine.verify_cost > best_cost:
            break
    return best
