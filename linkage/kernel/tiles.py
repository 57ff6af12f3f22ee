"""Tiles: the unit of work; where and in which order tiles run never changes the result."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from linkage.kernel.layout import COLUMN_BLOCK, ROW_BLOCK, Blocks, Fold, Sorted, block
from linkage.kernel.limits import Limits


@dataclass(frozen=True, slots=True)
class Tile:
    """A rectangle of row blocks and column blocks; the stops are not part of it."""

    row_start: int
    row_stop: int
    column_start: int
    column_stop: int

    @property
    def pairs(self) -> int:
        """Comparisons in the tile, counting the padding of the last blocks."""
        rows = (self.row_stop - self.row_start) * ROW_BLOCK
        return rows * (self.column_stop - self.column_start) * COLUMN_BLOCK


@dataclass(frozen=True, slots=True)
class Found:
    """Pairs of one tile: row numbers of the inputs, common bits, and how many were read in full."""

    rows_a: NDArray[np.int32]
    rows_b: NDArray[np.int32]
    common: NDArray[np.int32]
    verified: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything a tile needs: both sides sorted and folded in one way, and the limits.

    ``same`` says that both sides are one set: pairs are then reported once. ``total`` is the sum
    of two popcounts for which the fold is best; ``others`` are the same comparison folded in other
    ways, best for other sums. Rows with more bits are allowed a larger distance, so a fold that
    tells them apart would be waste on rows with fewer.
    """

    a: Sorted
    b: Sorted
    blocks_a: Blocks
    blocks_b: Blocks
    limits: Limits
    fold: Fold
    same: bool
    total: int = 0
    others: tuple["Comparison", ...] = ()

    def at(self, tile: Tile) -> "Comparison":
        """The fold that suits the popcounts of a tile; all give the same pairs."""
        if not self.others:
            return self
        a, b = self.blocks_a, self.blocks_b
        least = a.least[tile.row_start] + b.least[tile.column_start]
        middle = (least + a.most[tile.row_stop - 1] + b.most[tile.column_stop - 1]) / 2
        return min((self, *self.others), key=lambda one: abs(one.total - middle))


def compare_at(a: Sorted, b: Sorted, limits: Limits, *, fold: Fold, same: bool) -> Comparison:
    """Lay both sides out for a scan of what ``fold`` leaves of them."""
    blocks_a = block(a, fold=fold, size=ROW_BLOCK)
    blocks_b = block(b, fold=fold, size=COLUMN_BLOCK)
    return Comparison(a, b, blocks_a, blocks_b, limits, fold, same)


def compare_by(
    a: Sorted, b: Sorted, limits: Limits, *, folds: Sequence[tuple[int, Fold]], same: bool
) -> Comparison:
    """Lay both sides out once for each fold; ``folds`` with the sum of popcounts it is best for."""
    chosen = {fold for _, fold in folds}
    made = {fold: compare_at(a, b, limits, fold=fold, same=same) for fold in chosen}
    placed = [replace(made[fold], total=total) for total, fold in folds]
    return replace(placed[0], others=tuple(placed[1:]))


def cut(comparison: Comparison, *, pairs: int) -> Iterator[Tile]:
    """Cut the comparison into tiles of about ``pairs`` pairs, rows at most 4096 at a time."""
    row_blocks = len(comparison.blocks_a.least)
    column_blocks = len(comparison.blocks_b.least)
    rows = min(max(row_blocks, 1), 1024)
    columns = max(pairs // (rows * ROW_BLOCK * COLUMN_BLOCK), 1)
    for row in range(0, row_blocks, rows):
        row_stop = min(row + rows, row_blocks)
        for column in range(0, column_blocks, columns):
            column_stop = min(column + columns, column_blocks)
            below = column_stop * COLUMN_BLOCK <= row * ROW_BLOCK
            if not (comparison.same and below):
                yield Tile(row, row_stop, column, column_stop)
