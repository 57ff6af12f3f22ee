"""NumPy scan: the same tile, the same answer as the compiled scan, where no compiler is there."""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from linkage.kernel.layout import COLUMN_BLOCK, ROW_BLOCK, Blocks, Fold, unfolded
from linkage.kernel.limits import cosine
from linkage.kernel.tiles import Comparison, Found, Tile

_ROWS: Final = 64
_COLUMNS: Final = 1024


def _unblock(blocks: Blocks, start: int, stop: int, fold: Fold) -> NDArray[np.uint64]:
    """Folded rows of some blocks, word by word: shape (width, rows)."""
    part = blocks.words[start:stop]
    words = part.transpose(0, 2, 1).reshape(-1, blocks.width)
    return np.ascontiguousarray(unfolded(words, fold).T)


def _distances(
    left: NDArray[np.uint64], right: NDArray[np.uint64], fold: Fold
) -> NDArray[np.uint16]:
    total = np.zeros((left.shape[1], right.shape[1]), dtype=np.uint16)
    differing, more = (np.empty(total.shape, dtype=np.uint64) for _ in range(2))
    ones = np.empty(total.shape, dtype=np.uint8)
    joined = 2 * fold.pairs
    for word in [*range(0, joined, 2), *range(joined, fold.words)]:
        np.bitwise_xor(left[word][:, None], right[word][None, :], out=differing)
        if word < joined:
            np.bitwise_xor(left[word + 1][:, None], right[word + 1][None, :], out=more)
            np.bitwise_or(differing, more, out=differing)
        np.bitwise_count(differing, out=ones)
        np.add(total, ones, out=total)
    return total


def _verify(work: Comparison, i: NDArray[np.int64], j: NDArray[np.int64]) -> Found:
    """Read the surviving pairs (positions in popcount order) in full."""
    inside = (i < len(work.a.order)) & (j < len(work.b.order))
    if work.same:
        inside &= j > i
    i, j = i[inside], j[inside]
    rows_a, rows_b = work.a.order[i], work.b.order[j]
    differing = work.a.rows[i] ^ work.b.rows[j]
    distance = np.bitwise_count(differing).sum(axis=1, dtype=np.int64)
    total = work.a.popcounts[i] + work.b.popcounts[j]
    near = distance <= work.limits.exact[total]
    common = (total - distance) // 2
    if work.limits.cosine >= 0.0:
        near &= cosine(common, work.a.popcounts[i], work.b.popcounts[j]) >= work.limits.cosine
    kept_a, kept_b, kept = (column[near].astype(np.int32) for column in (rows_a, rows_b, common))
    return Found(kept_a, kept_b, kept, len(i))


def _parts(tile: Tile) -> Iterator[Tile]:
    rows, columns = _ROWS // ROW_BLOCK, _COLUMNS // COLUMN_BLOCK
    for row in range(tile.row_start, tile.row_stop, rows):
        for column in range(tile.column_start, tile.column_stop, columns):
            stops = min(row + rows, tile.row_stop), min(column + columns, tile.column_stop)
            yield Tile(row, stops[0], column, stops[1])


def _scan_part(work: Comparison, part: Tile) -> Found:
    left = _unblock(work.blocks_a, part.row_start, part.row_stop, work.fold)
    right = _unblock(work.blocks_b, part.column_start, part.column_stop, work.fold)
    most_a = work.blocks_a.most[part.row_start : part.row_stop]
    most_b = work.blocks_b.most[part.column_stop - 1]
    limit = np.repeat(work.limits.upper[most_a + most_b], ROW_BLOCK)
    i, j = np.nonzero(_distances(left, right, work.fold) <= limit[:, None])
    return _verify(work, i + part.row_start * ROW_BLOCK, j + part.column_start * COLUMN_BLOCK)


def scan(work: Comparison, tile: Tile) -> Found:
    """Pairs of one tile that reach the threshold."""
    work = work.at(tile)
    parts = [_scan_part(work, part) for part in _parts(tile)]
    return Found(
        np.concatenate([part.rows_a for part in parts]),
        np.concatenate([part.rows_b for part in parts]),
        np.concatenate([part.common for part in parts]),
        sum(part.verified for part in parts),
    )
