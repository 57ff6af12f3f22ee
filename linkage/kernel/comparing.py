"""Comparing: 4 rows with 16 rows at once, or one row with 16, in the compiler's own language.

Written as vector instructions rather than left to the vectorizer, which would settle for 256-bit registers on several
processors; where 512-bit registers are missing the compiler splits them. Two of a processor's ports take them at most,
so what counts is their number: sums begin with the first words instead of zero and are compared with the limit once, by
their least. Where registers are few, sums begin below zero by the limit, and what stays negative is close.
"""

import functools
from collections.abc import Callable
from typing import Any, Final

import numba.core.cgutils
import numba.extending
from llvmlite import ir  # type: ignore[import-untyped]  # ships no types
from numba.core import types

from linkage.kernel.instructions import instruction_set
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
_WIDE: Final = instruction_set() == "avx512"


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
    """Lane by lane the least, or what is negative where the least is: by OR, if sums begin below zero."""
    if not _WIDE:
        return functools.reduce(builder.or_, values)
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
        if not _WIDE:
            below = splat(builder, builder.sub(integer(-1), bound))
            for total in sums:
                builder.store(below, total)
            _add(builder, at, (integer(0), joined), 2, sums)
            _add(builder, at, (joined, every), 1, sums)
            values = [builder.load(total) for total in sums]
            return answer(builder, values, splat(builder, integer(-1)))
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


any_close = _compared(ROW_BLOCK, _some, types.int64)
which_close = _compared(ROW_BLOCK, _survivors, types.uint64)
which_close_to_one = _compared(1, _survivors, types.uint64)


@intrinsic
def ones(_typing: Any, _word: Any) -> Any:
    """Population count of one 64-bit word."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.call(popcount(builder, INT, "llvm.ctpop.i64"), arguments)

    return types.int64(types.uint64), generate
