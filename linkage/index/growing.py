"""Growing: the filters of a stock that is asked in batches and never stands still, searched exactly.

Rows come in at the end and wait as they are; then they are laid out for the kernel as a segment, and
segments of like size are laid out anew as one, without the rows that no longer count. A segment has a
largest size, so that no batch ever waits for more than the laying out of that many rows, however large
the stock is. A search runs through the segments in threads.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from linkage.index.probing import near
from linkage.kernel.engine import select
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
from linkage.kernel.limits import Limits, Measure, hamming_limits, similarity
from linkage.kernel.plan import choose_fold, full_fold
from linkage.kernel.tiles import Comparison, Found, Tile
from linkage.refusals import FilterShapeInvalid, ThresholdInvalid, TooManyPairs

_WAITING: Final = 1 << 12
_LARGEST: Final = 1 << 18
_RATIO: Final = 3
_WORTH_A_FOLD: Final = 1 << 15
"""Rows of a segment from which the cheapest fold is looked for; that takes a tenth of a second."""
_MOST_PAIRS: Final = 1 << 30
_NUMBERS: Final = np.arange(_LARGEST)

Rows = NDArray[np.int32]
Alive = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Likenesses:
    """Pairs of a query and a row at or above the threshold, by query, then falling score, then row."""

    queries: NDArray[np.int64]
    rows: NDArray[np.int64]
    scores: NDArray[np.float64]

    def __len__(self) -> int:
        """Number of pairs."""
        return len(self.queries)


@dataclass(frozen=True, slots=True)
class _Segment:
    """Filters laid out for the kernel, in order of popcount; ``rows`` has the number of each in the stock."""

    side: Sorted
    blocks: Blocks
    fold: Fold
    rows: Rows

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def nbytes(self) -> int:
        parts = self.side.rows, self.side.popcounts, self.blocks.words, self.rows
        return sum(part.nbytes for part in parts)


class GrowingIndex:
    """Filters of ``words`` 64-bit words, exact at Dice >= ``threshold``; row numbers are the caller's.

    One caller at a time. ``threads``: at most so many of them search; none means all cores.

    Raises:
        ThresholdInvalid: outside (0, 1].
    """

    def __init__(
        self, *, words: int, threshold: float, threads: int | None = None, engine: str = "auto"
    ) -> None:
        if not 0.0 < threshold <= 1.0:
            raise ThresholdInvalid
        self._limits = hamming_limits(threshold, 64 * words)
        self._engine = select(engine, threads=threads)
        self._compiled = self._engine.name != "numpy"
        self._pool = ThreadPoolExecutor(self._engine.threads, "matching")
        self._fold = Fold(0, words)
        self._fold_of = 0
        self._segments: list[_Segment] = []
        self._inspected = 0
        self._filters: Words = np.zeros((_WAITING, words), np.uint64)
        self._rows: Rows = np.zeros(_WAITING, np.int32)
        self._waiting = 0

    def __len__(self) -> int:
        """Number of filters held; those that no longer count leave when they are laid out anew."""
        return sum(map(len, self._segments)) + self._waiting

    @property
    def nbytes(self) -> int:
        """Bytes of its arrays."""
        laid_out = sum(segment.nbytes for segment in self._segments)
        return self._filters.nbytes + self._rows.nbytes + laid_out

    def add(self, filters: Words, rows: Rows, alive: Alive) -> None:
        """Add filters (n, words) as these rows; ``alive[row]`` tells which rows of the stock count.

        Raises:
            FilterShapeInvalid: filters of another width, or not one row for each.
        """
        if filters.shape[1:] != self._filters.shape[1:] or len(filters) != len(rows):
            raise FilterShapeInvalid("each row must have a filter of the index's width")
        for start in range(0, len(rows), _WAITING):
            self._add(filters[start : start + _WAITING], rows[start : start + _WAITING], alive)

    def search(self, queries: Words, alive: Alive, *, most: int) -> Likenesses:
        """For each query (n, words) the up to ``most`` rows most like it among those that count; exact.

        Raises:
            FilterShapeInvalid: queries of another width.
        """
        if queries.shape[1:] != self._filters.shape[1:]:
            raise FilterShapeInvalid("they have different lengths")
        left = sort_rows(queries)
        segments = [*self._segments, *self._unsettled()] if len(left.order) else []
        folded = {
            fold: block(left, fold=fold, size=ROW_BLOCK)
            for fold in {segment.fold for segment in segments}
        }
        found = self._pool.map(
            lambda segment: self._scan(left, folded[segment.fold], segment), segments
        )
        parts = zip(segments, found, strict=True)
        return _best(left, [_counting(segment, one, alive) for segment, one in parts], most)

    def close(self) -> None:
        """End its threads."""
        self._pool.shutdown()

    def _add(self, filters: Words, rows: Rows, alive: Alive) -> None:
        if self._waiting + len(rows) > _WAITING:
            self._settle(alive)
        place = slice(self._waiting, self._waiting + len(rows))
        self._filters[place], self._rows[place] = filters, rows
        self._waiting = place.stop

    def _settle(self, alive: Alive) -> None:
        """Lay out what waits, together with the youngest segments that are not much larger."""
        parts = [(self._filters[: self._waiting], self._rows[: self._waiting])]
        size = self._waiting
        while self._segments and _joins(len(self._segments[-1]), size):
            youngest = self._segments.pop()
            size += len(youngest)
            parts.append((youngest.side.rows, youngest.rows))
        self._waiting = 0
        self._segments.append(self._living(parts, alive))
        self._inspect(alive)

    def _inspect(self, alive: Alive) -> None:
        """Lay one segment after the other out anew in which a quarter of the rows no longer counts."""
        self._inspected = (self._inspected + 1) % len(self._segments)
        segment = self._segments[self._inspected]
        if np.count_nonzero(alive[segment.rows]) < 0.75 * len(segment):
            self._segments[self._inspected] = self._living(
                [(segment.side.rows, segment.rows)], alive
            )

    def _living(self, parts: Sequence[tuple[Words, Rows]], alive: Alive) -> _Segment:
        """A segment of those rows that count."""
        rows = np.concatenate([one for _, one in parts])
        filters = np.concatenate([one for one, _ in parts])
        kept = alive[rows]
        side, rows = _in_order(filters[kept], rows[kept])
        if len(rows) >= max(_WORTH_A_FOLD, 2 * self._fold_of):
            self._fold = choose_fold(self._engine, side, side, self._limits)
            self._fold_of = len(rows)
        return _laid_out(side, rows, self._fold)

    def _unsettled(self) -> list[_Segment]:
        if not self._waiting:
            return []
        side, rows = _in_order(self._filters[: self._waiting], self._rows[: self._waiting])
        return [_laid_out(side, rows, full_fold(side))]

    def _scan(self, left: Sorted, blocks: Blocks, segment: _Segment) -> Found:
        if len(left.order) == 1 and self._compiled:
            return _scan_for_one(left, segment, self._limits)
        sides = left, segment.side, blocks, segment.blocks
        work = Comparison(*sides, self._limits, segment.fold, same=False)
        tile = Tile(0, len(blocks.least), 0, len(segment.blocks.least))
        found = self._engine.scan(work, tile, _MOST_PAIRS)
        if found is None:
            raise TooManyPairs(_MOST_PAIRS, self._limits.threshold)
        return found


def _scan_for_one(left: Sorted, segment: _Segment, limits: Limits) -> Found:
    """What a scan finds for a single query, which would else be compared as a block of its own."""
    side, laid = segment.side, segment.blocks
    columns = side.rows, side.popcounts, laid.words.reshape(-1), laid.least, laid.most
    place = 0, len(laid.least), len(side.order)
    positions, common = near(left.rows, columns, segment.fold, limits, place)
    query = np.full(len(positions), left.order[0], np.int32)
    found = positions.astype(np.int32), common.astype(np.int32)
    return Found(query, *found, len(positions))


def _joins(older: int, size: int) -> bool:
    return older < _RATIO * size and older + size <= _LARGEST


def _in_order(filters: Words, rows: Rows) -> tuple[Sorted, Rows]:
    """Filters in order of popcount and their rows; nobody is like an empty filter, it is left out."""
    side = sort_rows(filters)
    numbers = _NUMBERS[: len(side.order)]
    return Sorted(side.rows, numbers, side.popcounts, len(numbers)), rows[side.order]


def _laid_out(side: Sorted, rows: Rows, fold: Fold) -> _Segment:
    return _Segment(side, block(side, fold=fold, size=COLUMN_BLOCK), fold, rows)


def _counting(segment: _Segment, found: Found, alive: Alive) -> tuple[NDArray[np.int64], ...]:
    """Query, row in the stock, common bits and popcount of what was found among rows that count."""
    rows = segment.rows[found.rows_b]
    kept = alive[rows]
    counts = segment.side.popcounts[found.rows_b[kept]]
    return (
        found.rows_a[kept].astype(np.int64),
        rows[kept].astype(np.int64),
        found.common[kept].astype(np.int64),
        counts,
    )


def _best(left: Sorted, parts: Sequence[tuple[NDArray[np.int64], ...]], most: int) -> Likenesses:
    none = np.empty(0, np.int64)
    columns = zip((none, none, none, none), *parts, strict=True)
    queries, rows, common, counts = (np.concatenate(column) for column in columns)
    sizes = np.zeros(left.count, np.int64)
    sizes[left.order] = left.popcounts
    scores = similarity(Measure.DICE, common, sizes[queries], counts, bits=left.bits)
    order = np.lexsort((rows, -scores, queries))
    queries, rows, scores = queries[order], rows[order], scores[order]
    kept = np.arange(len(queries)) - np.searchsorted(queries, queries, "left") < most
    return Likenesses(queries[kept], rows[kept], scores[kept])
