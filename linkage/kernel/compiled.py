"""Compiled scan: one thread, one tile, no Python objects; many threads may enter at the same time.

The inner step compares 4 rows with 16 rows and answers whether any pair is close. It is written as
vector instructions rather than left to the vectorizer, which would settle for 256-bit registers on
several processors; where 512-bit registers are missing the compiler splits them. Two of a processor's
ports take them at most, so what counts is their number: sums begin with the first words instead of
zero, and are compared with the limit once, by their least.
"""

import math
from collections.abc import Callable
from typing import Any, Final

import numba
import numba.core.cgutils
import numba.extending
import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]  # ships no types
from numba.core import types

from linkage.kernel.layout import COLUMN_BLOCK, ROW_BLOCK
from linkage.kernel.vectors import (
    INT,
    LANES,
    NARROW,
    VECTOR,
    function,
    integer,
    popcount,
    splat,
    within,
)

cgutils: Any = numba.core.cgutils
intrinsic: Callable[[Callable[..., Any]], Any] = numba.extending.intrinsic

_HALVES: Final = COLUMN_BLOCK // LANES
_NOTED: Final = 1 << 12
"""Blocks with survivors that are noted before they are read."""


def _columns_of(builder: Any, columns: Any, word: Any) -> list[Any]:
    """One word of the 16 rows of a column block, as vectors."""
    vectors = []
    for half in range(_HALVES):
        offset = builder.add(builder.mul(word, integer(COLUMN_BLOCK)), integer(half * LANES))
        pointer = builder.bitcast(builder.gep(columns, [offset]), VECTOR.as_pointer())
        vectors.append(builder.load(pointer, align=8))
    return vectors


def _counted(builder: Any, blocks: tuple[Any, Any], first: Any, joined: int, height: int) -> Any:
    """Number of bits, pair by pair, in which ``joined`` words from the first on differ, joined by OR."""
    rows, columns = blocks
    count = popcount(builder, VECTOR, "llvm.ctpop.v8i64")
    places = [builder.add(first, integer(step)) for step in range(joined)]
    vectors = [_columns_of(builder, columns, place) for place in places]
    for row in range(height):
        offsets = [builder.add(builder.mul(at, integer(height)), integer(row)) for at in places]
        ones = [splat(builder, builder.load(builder.gep(rows, [at]))) for at in offsets]
        for half in range(_HALVES):
            differing = builder.xor(ones[0], vectors[0][half])
            for step in range(1, joined):
                more = builder.xor(ones[step], vectors[step][half])
                differing = builder.or_(differing, more)
            yield builder.call(count, [differing])


def _begin(builder: Any, blocks: tuple[Any, Any], joined: int, sums: list[Any]) -> None:
    """Set the sums to what the first words differ in."""
    counts = _counted(builder, blocks, integer(0), joined, len(sums) // _HALVES)
    for total, counted in zip(sums, counts, strict=True):
        builder.store(counted, total)


def _add(
    builder: Any, blocks: tuple[Any, Any], words: tuple[Any, Any], joined: int, sums: list[Any]
) -> None:
    """Add to the sums what the words from start to stop differ in, ``joined`` at a time by OR."""
    with cgutils.for_range_slice(builder, *words, integer(joined), INT) as (first, _):
        counts = _counted(builder, blocks, first, joined, len(sums) // _HALVES)
        for total, counted in zip(sums, counts, strict=True):
            builder.store(builder.add(builder.load(total), counted), total)


def _least(builder: Any, values: list[Any]) -> Any:
    """Lane by lane the least; of 32 bits, which suffice for a distance and take one instruction."""
    least = function(builder, "llvm.umin.v16i32", NARROW, 2)
    found = builder.bitcast(values[0], NARROW)
    for value in values[1:]:
        found = builder.call(least, [found, builder.bitcast(value, NARROW)])
    return builder.bitcast(found, VECTOR)


def _some(builder: Any, values: list[Any], limit: Any) -> Any:
    """1 if any pair's sum is within the limit, else 0; decided without a jump."""
    close = within(builder, _least(builder, values), limit)
    some = builder.icmp_unsigned("!=", close, ir.Constant(ir.IntType(8), 0))
    return builder.zext(some, INT)


def _survivors(builder: Any, values: list[Any], limit: Any) -> Any:
    """Mask of the pairs whose sum is within the limit; bit ``16 * row + column``."""
    mask = integer(0)
    for position, value in enumerate(values):
        bits = builder.zext(within(builder, value, limit), INT)
        mask = builder.or_(mask, builder.shl(bits, integer(position * LANES)))
    return mask


def _compared(height: int, answer: Callable[..., Any], kind: Any) -> Callable[..., Any]:
    """Compiled comparison of ``height`` rows that lie side by side with the 16 of a column block."""

    @intrinsic
    def compare(  # compiled code takes flat arguments
        _typing: Any, rows: Any, row: Any, columns: Any, column: Any, fold: Any, limit: Any
    ) -> Any:
        """``answer`` to which of the pairs have a folded distance <= limit.

        ``fold``: words to join two by two, and words in all.
        """
        del row, column, limit
        flat = rows, types.int64, columns, types.int64, fold, types.int64
        return kind(*flat), _generator(height, answer)

    made: Callable[..., Any] = compare
    return made


def _generator(height: int, answer: Callable[..., Any]) -> Callable[..., Any]:
    def generate(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
        left, row_start, right, column_start, words, bound = arguments
        joined, every = cgutils.unpack_tuple(builder, words, 2)
        left = context.make_array(sig.args[0])(context, builder, left).data
        right = context.make_array(sig.args[2])(context, builder, right).data
        sums = [cgutils.alloca_once(builder, VECTOR) for _ in range(height * _HALVES)]
        at = builder.gep(left, [row_start]), builder.gep(right, [column_start])
        some = builder.icmp_signed(">", joined, integer(0))
        with builder.if_else(some, likely=True) as (pairs, singles):
            with pairs:
                _begin(builder, at, 2, sums)
                _add(builder, at, (integer(2), joined), 2, sums)
                _add(builder, at, (joined, every), 1, sums)
            with singles:
                _begin(builder, at, 1, sums)
                _add(builder, at, (integer(1), every), 1, sums)
        return answer(builder, [builder.load(total) for total in sums], splat(builder, bound))

    return generate


_any_close = _compared(ROW_BLOCK, _some, types.int64)
_which_close = _compared(ROW_BLOCK, _survivors, types.uint64)
_which_close_to_one = _compared(1, _survivors, types.uint64)


@intrinsic
def _ones(_typing: Any, _word: Any) -> Any:
    """Population count of one 64-bit word."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.call(popcount(builder, INT, "llvm.ctpop.i64"), arguments)

    return types.int64(types.uint64), generate


def _compile(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile with a cache on disk; without one where no directory can be written."""
    try:
        compiled = numba.njit(nogil=True, cache=True)(function)
    except RuntimeError:
        compiled = numba.njit(nogil=True)(function)
    return compiled


@_compile
def _hamming(left: Any, i: Any, right: Any, j: Any) -> Any:
    distance = 0
    for word in range(left.shape[1]):
        distance += _ones(left[i, word] ^ right[j, word])
    return distance


@_compile
def _is_close(common: Any, count_a: Any, count_b: Any, cosine: Any) -> Any:
    """Whether the cosine reaches what is asked for; always where another measure is."""
    if cosine < 0.0:
        return True
    return common / math.sqrt(float(count_a) * float(count_b)) >= cosine


@_compile
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
        mask: Any = _which_close(words_a, at[0], words_b, at[1], (joined, width), limit)
        while mask != np.uint64(0):
            bit: Any = _ones((mask & (~mask + np.uint64(1))) - np.uint64(1))
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


@_compile
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
                noted += _any_close(words_a, start, words_b, at, (joined, width), limit)
            if noted >= _NOTED:
                fold = joined, width, same, found
                found, more = _read(sides, blocks, limits, fold, hits[:noted], out)
                verified, noted = verified + more, 0
    fold = joined, width, same, found
    found, more = _read(sides, blocks, limits, fold, hits[:noted], out)
    return found, verified + more


@_compile
def probe(query: Any, table: Any, limits: Any, place: Any, out: Any) -> Any:
    """Rows of a table that reach the threshold with one query; how many, maybe more than ``out`` holds.

    ``query``: its words, its folded words, its popcount; ``table``: rows in full, popcounts (0 for
    a row that was removed), flat folded words and least and most popcount of blocks; ``limits``:
    (exact, upper, cosine); ``place``: first and last block, rows in all, words to join two by two;
    ``out``: positions and common bits.
    """
    words, folded, size = query
    rows, counts, flat, least, most = table
    exact, upper, cosine = limits
    start, stop, rows_in_all, joined = place
    width = len(folded)
    found = 0
    for block in range(start, stop):
        limit = upper[size + most[block]]
        if least[block] - size > limit or size - most[block] > limit:
            continue
        at = block * width * COLUMN_BLOCK
        mask: Any = _which_close_to_one(folded, 0, flat, at, (joined, width), limit)
        while mask != np.uint64(0):
            bit: Any = _ones((mask & (~mask + np.uint64(1))) - np.uint64(1))
            mask &= mask - np.uint64(1)
            row = block * COLUMN_BLOCK + bit
            if row >= rows_in_all or counts[row] == 0:
                continue
            total = size + counts[row]
            distance = _hamming(rows, row, words, 0)
            common = (total - distance) // 2
            if distance <= exact[total] and _is_close(common, size, counts[row], cosine):
                if found < len(out[0]):
                    out[0][found] = row
                    out[1][found] = common
                found += 1
    return found
