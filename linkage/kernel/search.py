"""Search: all pairs at or above a threshold, exact, none lost and none invented.

Source: Dice >= t is popcount(a ^ b) <= (1 - t)(|a| + |b|); the XOR-fold bound is in `layout`.
An empty filter carries no evidence, so it never appears, not even by the Hamming measure.
"""

from dataclasses import dataclass

import numpy as np

from linkage.kernel.engine import Engine, select
from linkage.kernel.execution import MAX_PAIRS, Bounds, Cancel, Progress, execute
from linkage.kernel.layout import (
    COLUMN_BLOCK,
    ROW_BLOCK,
    Blocks,
    Fold,
    Sorted,
    Words,
    block,
    sort_rows,
)
from linkage.kernel.limits import Limits, Measure, limits_for
from linkage.kernel.pairs import PairTable
from linkage.kernel.plan import choose_fold, choose_folds
from linkage.kernel.tiles import Comparison, compare_by
from linkage.refusals import FilterShapeInvalid, ThresholdInvalid


def _check(threshold: float, *sides: Words) -> None:
    if not 0.0 < threshold <= 1.0:
        raise ThresholdInvalid
    if any(side.ndim != 2 or side.dtype != np.uint64 or not side.shape[1] for side in sides):
        raise FilterShapeInvalid("each must be a table of rows of 64-bit words")
    if len({side.shape[1] for side in sides}) > 1:
        raise FilterShapeInvalid("they have different lengths")


def _engine(engine: str | Engine) -> Engine:
    return select(engine) if isinstance(engine, str) else engine


def pairs_above(
    a: Words,
    b: Words,
    threshold: float,
    *,
    measure: Measure = Measure.DICE,
    engine: str | Engine = "auto",
    max_pairs: int = MAX_PAIRS,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> PairTable:
    """All pairs of a row of ``a`` and a row of ``b`` with ``measure`` >= ``threshold``, by (row_a, row_b).

    ``a`` and ``b``: uint64 tables (rows, words). The result is the same for every engine and
    number of threads.

    Raises:
        ThresholdInvalid: outside (0, 1].
        FilterShapeInvalid: not tables of 64-bit words of one width.
        TooManyPairs: more than ``max_pairs`` reach the threshold.
        Cancelled: ``cancel`` said so.
    """
    _check(threshold, a, b)
    chosen = _engine(engine)
    left, right = sort_rows(a), sort_rows(b)
    limits = limits_for(measure, threshold, left.bits)
    folds = choose_folds(chosen, left, right, limits)
    work = compare_by(left, right, limits, folds=folds, same=False)
    return execute(work, chosen, Bounds(max_pairs, progress, cancel))


def self_pairs_above(
    filters: Words,
    threshold: float,
    *,
    measure: Measure = Measure.DICE,
    engine: str | Engine = "auto",
    max_pairs: int = MAX_PAIRS,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> PairTable:
    """All pairs of two rows of one table with ``measure`` >= ``threshold``, each once, row_a < row_b.

    Raises: as `pairs_above`.
    """
    _check(threshold, filters)
    chosen = _engine(engine)
    side = sort_rows(filters)
    limits = limits_for(measure, threshold, side.bits)
    folds = choose_folds(chosen, side, side, limits)
    work = compare_by(side, side, limits, folds=folds, same=True)
    return execute(work, chosen, Bounds(max_pairs, progress, cancel))


@dataclass(frozen=True, slots=True)
class Index:
    """Filters laid out once for many small searches at one threshold."""

    side: Sorted
    blocks: Blocks
    limits: Limits
    fold: Fold
    engine: Engine

    def __len__(self) -> int:
        """Number of filters, empty ones included."""
        return self.side.count


def build_index(
    filters: Words,
    threshold: float,
    *,
    measure: Measure = Measure.DICE,
    engine: str | Engine = "auto",
) -> Index:
    """Lay ``filters`` (rows, words) out for `best_matches` at ``threshold``.

    Raises: `ThresholdInvalid`, `FilterShapeInvalid`.
    """
    _check(threshold, filters)
    chosen = _engine(engine)
    side = sort_rows(filters)
    limits = limits_for(measure, threshold, side.bits)
    fold = choose_fold(chosen, side, side, limits)
    blocks = block(side, fold=fold, size=COLUMN_BLOCK)
    return Index(side, blocks, limits, fold, chosen)


def best_matches(queries: Words, index: Index, *, most: int = 200) -> PairTable:
    """For every query the up to ``most`` most similar filters at or above the index's threshold.

    ``rows_a`` numbers the queries, ``rows_b`` the filters; sorted by query, then falling score,
    then row. Exact; meant for up to some hundred queries at a time.

    Raises: `FilterShapeInvalid`, `TooManyPairs`.
    """
    _check(index.limits.threshold, queries, index.side.rows)
    left = sort_rows(queries)
    blocks = block(left, fold=index.fold, size=ROW_BLOCK)
    sides = left, index.side, blocks, index.blocks
    work = Comparison(*sides, index.limits, index.fold, same=False)
    return execute(work, index.engine, Bounds()).best(most)


def warm() -> None:
    """Compile the scan now (about two seconds), so that the first search does not wait for it.

    The compiled code is cached; the environment variable NUMBA_CACHE_DIR moves the cache.
    """
    filters = np.arange(32, dtype=np.uint64).reshape(16, 2)
    pairs_above(filters, filters, 0.5)
