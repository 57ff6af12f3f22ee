"""Compiled scan: one thread, one tile, no Python objects; many threads may enter at the same time.

The inner step, `comparing`, takes 4 rows and 16 rows and answers whether any pair is close; which ones is asked of
those blocks alone in which one is.
"""

import math
from typing import Any, Final

import numpy as np

from linkage.compiling import compiled
from linkage.kernel.comparing import any_close, ones, which_close, which_close_to_one
from linkage.kernel.layout import COLUMN_BLOCK, ROW_BLOCK

_NOTED: Final = 1 << 12
"""Blocks with survivors that are noted before they are read."""


@compiled
def _hamming(left: Any, i: Any, right: Any, j: Any) -> Any:
    distance = 0
    for word in range(left.shape[1]):
        distance += ones(left[i, word] ^ right[j, word])
    return distance


@compiled
def _is_close(common: Any, count_a: Any, count_b: Any, cosine: Any) -> Any:
    """Whether the cosine reaches what is asked for; always where another measure is."""
    if cosine < 0.0:
        return True
    return common / math.sqrt(float(count_a) * float(count_b)) >= cosine


@compiled
def _read(sides: Any, blocks: Any, limits: Any, fold: Any, hits: Any, out: Any) -> Any:
    """Read the survivors of some blocks in full; how many pairs were found and how many were read.

    ``hits``: row block and column block, 32 bits each; ``fold``: words to join two by two, words in
    all, whether both sides are one set, and pairs found so far. The other arguments are `scan`'s.
    """
    rows_a, order_a, counts_a = sides[0]
    rows_b, order_b, counts_b = sides[1]
    words_a, _, most_a = blocks[0]
    words_b, _, most_b = blocks[1]
    exact, upper, cosine = limits
    joined, width, same, found = fold
    verified = 0
    for hit in hits:
        row, column = hit >> 32, hit & 0xFFFFFFFF
        limit = upper[most_a[row] + most_b[column]]
        at = row * width * ROW_BLOCK, column * width * COLUMN_BLOCK
        mask: Any = which_close(words_a, at[0], words_b, at[1], (joined, width), limit)
        while mask != np.uint64(0):
            bit: Any = ones((mask & (~mask + np.uint64(1))) - np.uint64(1))
            mask &= mask - np.uint64(1)
            i = row * ROW_BLOCK + bit // COLUMN_BLOCK
            j = column * COLUMN_BLOCK + bit % COLUMN_BLOCK
            if i >= len(counts_a) or j >= len(counts_b) or (same and j <= i):
                continue
            verified += 1
            total = counts_a[i] + counts_b[j]
            distance = _hamming(rows_a, i, rows_b, j)
            common = (total - distance) // 2
            if distance <= exact[total] and _is_close(common, counts_a[i], counts_b[j], cosine):
                if found < len(out[0]):
                    out[0][found], out[1][found] = order_a[i], order_b[j]
                    out[2][found] = common
                found += 1
    return found, verified


@compiled
def scan(sides: Any, blocks: Any, limits: Any, tile: Any, out: Any) -> Any:
    """Scan one tile; returns (found, verified). ``found`` may exceed the room in ``out``.

    ``sides``: (rows, order, popcounts) of both sides; ``blocks``: (flat words, least, most) of
    both sides; ``limits``: (exact, upper, cosine); ``tile``: first and last row block, first and
    last column block; words to join two by two, words in all, and whether both sides are one set
    whose pairs are reported once; ``out``: row numbers and common bits.

    Blocks with survivors are noted without a jump, which no processor could foretell, and read later.
    """
    words_a, least_a, most_a = blocks[0]
    words_b, least_b, most_b = blocks[1]
    upper = limits[1]
    row_start, row_stop, column_start, column_stop, joined, width, same = tile
    group = max(4, 256 // width)
    hits = np.empty(_NOTED + group, np.int64)
    noted: Any = 0
    found, verified = 0, 0
    for first in range(column_start, column_stop, group):
        last = min(first + group, column_stop)
        for row in range(row_start, row_stop):
            if same and last * COLUMN_BLOCK <= row * ROW_BLOCK:
                continue
            widest = upper[most_a[row] + most_b[last - 1]]
            if least_b[first] - most_a[row] > widest or least_a[row] - most_b[last - 1] > widest:
                continue
            start = row * width * ROW_BLOCK
            for column in range(first, last):
                at = column * width * COLUMN_BLOCK
                limit = upper[most_a[row] + most_b[column]]
                hits[noted] = (row << 32) | column
                noted += any_close(words_a, start, words_b, at, (joined, width), limit)
            if noted >= _NOTED:
                fold = joined, width, same, found
                found, more = _read(sides, blocks, limits, fold, hits[:noted], out)
                verified, noted = verified + more, 0
    fold = joined, width, same, found
    found, more = _read(sides, blocks, limits, fold, hits[:noted], out)
    return found, verified + more


@compiled
def _read_rows(query: Any, table: Any, limits: Any, hits: Any, out: Any, found: Any) -> Any:
    """Read the survivors of some blocks in full; how many were found with those before.

    ``hits``: blocks and masks of their rows, and rows in all. The other arguments are `probe`'s.
    """
    words, _, size = query
    rows, counts = table[0], table[1]
    exact, _, cosine = limits
    blocks, masks, rows_in_all = hits
    for hit in range(len(blocks)):
        mask: Any = masks[hit]
        while mask != np.uint64(0):
            bit: Any = ones((mask & (~mask + np.uint64(1))) - np.uint64(1))
            mask &= mask - np.uint64(1)
            row = blocks[hit] * COLUMN_BLOCK + bit
            if row >= rows_in_all:
                continue
            total = size + counts[row]
            distance = _hamming(rows, row, words, 0)
            if distance <= exact[total] and counts[row] > 0:
                common = (total - distance) // 2
                if _is_close(common, size, counts[row], cosine):
                    if found < len(out[0]):
                        out[0][found] = row
                        out[1][found] = common
                    found += 1
    return found


@compiled
def probe(query: Any, table: Any, limits: Any, place: Any, out: Any) -> Any:
    """Rows of a table that reach the threshold with one query; how many, maybe more than ``out`` holds.

    ``query``: its words, its folded words, its popcount; ``table``: rows in full, popcounts (0 for
    a row that was removed), flat folded words and least and most popcount of blocks; ``limits``:
    (exact, upper, cosine); ``place``: first and last block, rows in all, words to join two by two;
    ``out``: positions and common bits.

    Survivors lie anywhere in memory: read one behind the other, many are on their way at a time.
    """
    _, folded, size = query
    flat, least, most = table[2:]
    upper = limits[1]
    start, stop, rows_in_all, joined = place
    width = len(folded)
    blocks, masks = np.empty(_NOTED, np.int64), np.empty(_NOTED, np.uint64)
    noted: Any = 0
    found = 0
    for block in range(start, stop):
        limit = upper[size + most[block]]
        if least[block] - size > limit or size - most[block] > limit:
            continue
        at = block * width * COLUMN_BLOCK
        mask = which_close_to_one(folded, 0, flat, at, (joined, width), limit)
        blocks[noted], masks[noted] = block, mask
        noted += mask != np.uint64(0)
        if noted == _NOTED:
            found = _read_rows(query, table, limits, (blocks, masks, rows_in_all), out, found)
            noted = 0
    hits = blocks[:noted], masks[:noted], rows_in_all
    return _read_rows(query, table, limits, hits, out, found)
