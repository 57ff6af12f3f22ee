"""Compiled scan: one thread, one tile, no Python objects; many threads may enter at the same time.

The inner step compares 4 rows with 16 rows and answers with a 64-bit mask. It is written as vector
instructions rather than left to the vectorizer, which would settle for 256-bit registers on
several processors; where 512-bit registers are missing the compiler splits them.
"""

import math
import os
from collections.abc import Callable
from typing import Any, Final

import numba
import numba.core.cgutils
import numba.extending
import numpy as np
from llvmlite import binding, ir  # type: ignore[import-untyped]  # ships no types
from numba.core import types

from linkage.kernel.layout import COLUMN_BLOCK, ROW_BLOCK

cgutils: Any = numba.core.cgutils
intrinsic: Callable[[Callable[..., Any]], Any] = numba.extending.intrinsic

_LANES: Final = 8
_HALVES: Final = COLUMN_BLOCK // _LANES
_INT: Final = ir.IntType(64)
_VECTOR: Final = ir.VectorType(_INT, _LANES)
_ZERO: Final = ir.Constant(_VECTOR, [0] * _LANES)


def _int(value: int) -> Any:
    return ir.Constant(_INT, value)


def _splat(builder: Any, value: Any) -> Any:
    empty = ir.Constant(_VECTOR, ir.Undefined)
    first = builder.insert_element(empty, value, ir.Constant(ir.IntType(32), 0))
    mask = ir.Constant(ir.VectorType(ir.IntType(32), _LANES), [0] * _LANES)
    return builder.shuffle_vector(first, empty, mask)


def _popcount(builder: Any, kind: Any, name: str) -> Any:
    return cgutils.get_or_insert_function(builder.module, ir.FunctionType(kind, [kind]), name)


def _negative(builder: Any, vector: Any) -> Any:
    """Bit mask (8 bits) of the negative lanes."""
    return builder.bitcast(builder.icmp_signed("<", vector, _ZERO), ir.IntType(8))


def _columns_of(builder: Any, columns: Any, word: Any) -> list[Any]:
    """One word of the 16 rows of a column block, as vectors."""
    vectors = []
    for half in range(_HALVES):
        offset = builder.add(builder.mul(word, _int(COLUMN_BLOCK)), _int(half * _LANES))
        pointer = builder.bitcast(builder.gep(columns, [offset]), _VECTOR.as_pointer())
        vectors.append(builder.load(pointer, align=8))
    return vectors


def _add_distances(
    builder: Any, blocks: tuple[Any, Any], words: tuple[Any, Any], joined: int, sums: list[Any]
) -> None:
    """Add to the sums what the words from start to stop differ in, ``joined`` at a time by OR."""
    height = len(sums) // _HALVES
    rows, columns = blocks
    count = _popcount(builder, _VECTOR, "llvm.ctpop.v8i64")
    with cgutils.for_range_slice(builder, *words, _int(joined), _INT) as (first, _):
        places = [builder.add(first, _int(step)) for step in range(joined)]
        vectors = [_columns_of(builder, columns, place) for place in places]
        for row in range(height):
            offsets = [builder.add(builder.mul(at, _int(height)), _int(row)) for at in places]
            ones = [_splat(builder, builder.load(builder.gep(rows, [at]))) for at in offsets]
            for half in range(_HALVES):
                differing = builder.xor(ones[0], vectors[0][half])
                for step in range(1, joined):
                    more = builder.xor(ones[step], vectors[step][half])
                    differing = builder.or_(differing, more)
                total = sums[row * _HALVES + half]
                counted = builder.call(count, [differing])
                builder.store(builder.add(builder.load(total), counted), total)


def _survivors(builder: Any, sums: list[Any]) -> Any:
    """Mask of the pairs whose sum stayed negative; bit ``16 * row + column``."""
    values = [builder.load(total) for total in sums]
    together = values[0]
    for value in values[1:]:
        together = builder.or_(together, value)
    answer = cgutils.alloca_once_value(builder, _int(0))
    builder.store(_int(0), answer)
    some = builder.icmp_unsigned("!=", _negative(builder, together), ir.Constant(ir.IntType(8), 0))
    with builder.if_then(some, likely=False):
        mask = _int(0)
        for position, value in enumerate(values):
            bits = builder.zext(_negative(builder, value), _INT)
            mask = builder.or_(mask, builder.shl(bits, _int(position * _LANES)))
        builder.store(mask, answer)
    return builder.load(answer)


def _mask_of(height: int) -> Callable[..., Any]:
    """Compiled comparison of ``height`` rows that lie side by side with the 16 of a column block."""

    @intrinsic
    def block_mask(  # compiled code takes flat arguments
        _typing: Any, rows: Any, row: Any, columns: Any, column: Any, fold: Any, limit: Any
    ) -> Any:
        """Mask of the pairs with folded distance <= limit; bit ``16 * row + column``.

        ``fold``: words to join two by two, and words in all.
        """
        del row, column, limit
        flat = rows, types.int64, columns, types.int64, fold, types.int64
        return types.uint64(*flat), _generator(height)

    mask: Callable[..., Any] = block_mask
    return mask


def _generator(height: int) -> Callable[..., Any]:
    def generate(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
        left, row_start, right, column_start, words, bound = arguments
        joined, every = cgutils.unpack_tuple(builder, words, 2)
        left = context.make_array(sig.args[0])(context, builder, left).data
        right = context.make_array(sig.args[2])(context, builder, right).data
        start = _splat(builder, builder.sub(_int(-1), bound))
        sums = [cgutils.alloca_once(builder, _VECTOR) for _ in range(height * _HALVES)]
        for total in sums:
            builder.store(start, total)
        at = builder.gep(left, [row_start]), builder.gep(right, [column_start])
        _add_distances(builder, at, (_int(0), joined), 2, sums)
        _add_distances(builder, at, (joined, every), 1, sums)
        return _survivors(builder, sums)

    return generate


_block_mask = _mask_of(ROW_BLOCK)
_row_mask = _mask_of(1)


@intrinsic
def _ones(_typing: Any, _word: Any) -> Any:
    """Population count of one 64-bit word."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.call(_popcount(builder, _INT, "llvm.ctpop.i64"), arguments)

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
def scan(  # noqa: C901 - a call with arrays inside the loop costs more than a survivor
    sides: Any, blocks: Any, limits: Any, tile: Any, out: Any
) -> Any:
    """Scan one tile; returns (found, verified). ``found`` may exceed the room in ``out``.

    ``sides``: (rows, order, popcounts) of both sides; ``blocks``: (flat words, least, most) of
    both sides; ``limits``: (exact, upper, cosine); ``tile``: first and last row block, first and
    last column block; words to join two by two, words in all, and whether both sides are one set
    whose pairs are reported once; ``out``: row numbers and common bits.
    """
    rows_a, order_a, counts_a = sides[0]
    rows_b, order_b, counts_b = sides[1]
    out_a, out_b, out_common = out
    words_a, least_a, most_a = blocks[0]
    words_b, least_b, most_b = blocks[1]
    exact, upper, cosine = limits
    row_start, row_stop, column_start, column_stop, joined, width, same = tile
    group = max(4, 256 // width)
    found = 0
    verified = 0
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
                mask: Any = _block_mask(words_a, start, words_b, at, (joined, width), limit)
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
                    if distance > exact[total]:
                        continue
                    common = (total - distance) // 2
                    if not _is_close(common, counts_a[i], counts_b[j], cosine):
                        continue
                    if found < len(out_a):
                        out_a[found] = order_a[i]
                        out_b[found] = order_b[j]
                        out_common[found] = common
                    found += 1
    return found, verified


@_compile
def probe(query: Any, table: Any, limits: Any, place: Any, out: Any) -> Any:
    """Rows of a table that reach the threshold with one query; how many, maybe more than ``out`` holds.

    ``query``: its words, its folded words, its popcount; ``table``: rows in full, popcounts (0 for
    a row that was removed), flat folded words and least and most popcount of blocks; ``limits``:
    (exact, upper, cosine); ``place``: first and last block, rows in all; ``out``: positions and
    common bits.
    """
    words, folded, size = query
    rows, counts, flat, least, most = table
    exact, upper, cosine = limits
    start, stop, rows_in_all = place
    width = len(folded)
    found = 0
    for block in range(start, stop):
        limit = upper[size + most[block]]
        if least[block] - size > limit or size - most[block] > limit:
            continue
        at = block * width * COLUMN_BLOCK
        mask: Any = _row_mask(folded, 0, flat, at, (0, width), limit)
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


def instruction_set() -> str:
    """Vector instructions the compiler uses here: ``avx512``, ``avx2`` or ``generic``.

    NUMBA_CPU_FEATURES, if set, says which it may use.
    """
    named = os.environ.get("NUMBA_CPU_FEATURES")
    if named is not None:
        features = {name[1:]: name[0] == "+" for name in named.split(",") if name}
    else:
        features = dict(binding.get_host_cpu_features())
    if features.get("avx512vpopcntdq"):
        return "avx512"
    return "avx2" if features.get("avx2") else "generic"
