"""Execution: a laid-out comparison is run tile by tile, within bounds of memory and on request."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from linkage.kernel.engine import Engine
from linkage.kernel.layout import Sorted
from linkage.kernel.limits import similarity
from linkage.kernel.pairs import PairTable
from linkage.kernel.plan import cost, full_fold
from linkage.kernel.tiles import Comparison, Found, Tile, compare_at, cut
from linkage.refusals import Cancelled, TooManyPairs

Progress = Callable[[int, int], None]
"""Called with comparisons done and comparisons in all."""
Cancel = Callable[[], bool]
"""Asked between tiles; true stops the comparison."""

MAX_PAIRS: Final = 50_000_000
"""Default bound on the pairs held: 16 bytes each in the result."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a run may take: pairs held, and the callbacks that watch and stop it."""

    max_pairs: int = MAX_PAIRS
    progress: Progress | None = None
    cancel: Cancel | None = None


@dataclass(slots=True)
class _Run:
    """One comparison under way; switches to a full scan when the sample misjudged the fold."""

    engine: Engine
    work: Comparison
    bounds: Bounds
    found: list[Found] = field(default_factory=list)
    pairs: int = 0
    scanned: int = 0
    spent: float = 0.0

    def add(self, tile: Tile, found: Found | None) -> None:
        strays = 0
        if found is not None:
            self.found.append(found)
            self.pairs += len(found.rows_a)
            strays = found.verified - len(found.rows_a)
        self.scanned += tile.pairs
        share, fold = strays / tile.pairs, self.work.at(tile).fold
        self.spent += tile.pairs * cost(self.engine.costs, fold, share=share)
        if found is None or self.pairs > self.bounds.max_pairs:
            raise TooManyPairs(self.bounds.max_pairs, self.work.limits.threshold)

    def misjudged(self) -> bool:
        """Whether so many pairs come through in vain that comparing in full is cheaper."""
        costs, full = self.engine.costs, full_fold(self.work.a)
        return self.work.fold != full and self.spent > 1.25 * self.scanned * cost(
            costs, full, share=0.0
        )

    def compare_in_full(self) -> None:
        work = self.work
        fold = full_fold(work.a)
        self.work = compare_at(work.a, work.b, work.limits, fold=fold, same=work.same)


def _scan_all(run: _Run) -> None:
    tiles = list(cut(run.work, pairs=run.engine.tile_pairs))
    total = sum(tile.pairs for tile in tiles)
    while tiles:
        tiles = tiles[_scan_some(run, tiles, total) :]
        if tiles:
            run.compare_in_full()


def _scan_some(run: _Run, tiles: list[Tile], total: int) -> int:
    """Scan tiles until there are no more or the fold proves a bad choice; how many are done."""
    source = _stoppable(tiles, run.bounds.cancel)
    results = run.engine.map(run.work, source, run.bounds.max_pairs)
    with closing(results):
        for done, (tile, found) in enumerate(results, start=1):
            run.add(tile, found)
            if run.bounds.progress is not None:
                run.bounds.progress(run.scanned, total)
            if run.misjudged():
                return done
    return len(tiles)


def _stoppable(tiles: list[Tile], cancel: Cancel | None) -> Iterator[Tile]:
    for tile in tiles:
        if cancel is not None and cancel():
            raise Cancelled
        yield tile


def _join(parts: list[NDArray[np.int32]]) -> NDArray[np.int64]:
    return np.concatenate([np.empty(0, dtype=np.int64), *parts])


def _collect(run: _Run) -> PairTable:
    rows_a = _join([found.rows_a for found in run.found])
    rows_b = _join([found.rows_b for found in run.found])
    common = _join([found.common for found in run.found])
    run.found.clear()
    if run.work.same:
        rows_a, rows_b = np.minimum(rows_a, rows_b), np.maximum(rows_a, rows_b)
    order = np.argsort((rows_a << 32) | rows_b)
    rows_a, rows_b, common = rows_a[order], rows_b[order], common[order]
    counts = _popcounts(run.work.a)[rows_a], _popcounts(run.work.b)[rows_b]
    limits = run.work.limits
    score = similarity(limits.measure, common, *counts, bits=limits.bits)
    pairs = rows_a.astype(np.int32), rows_b.astype(np.int32)
    return PairTable(*pairs, score, run.engine.name, _compared(run.work), run.work.fold.words)


def _popcounts(side: Sorted) -> NDArray[np.int64]:
    """Popcounts by input row; empty rows are 0."""
    popcounts = np.zeros(side.count, dtype=np.int64)
    popcounts[side.order] = side.popcounts
    return popcounts


def _compared(work: Comparison) -> int:
    count_a, count_b = work.a.count, work.b.count
    return count_a * (count_a - 1) // 2 if work.same else count_a * count_b


def execute(work: Comparison, engine: Engine, bounds: Bounds) -> PairTable:
    """All pairs of the comparison at or above its threshold, sorted by (row_a, row_b).

    Raises:
        TooManyPairs: more than ``bounds.max_pairs``.
        Cancelled: ``bounds.cancel`` said so.
    """
    run = _Run(engine, work, bounds)
    _scan_all(run)
    return _collect(run)
