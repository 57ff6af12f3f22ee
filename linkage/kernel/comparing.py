"""Comparing: 4 rows with 16 rows at once, or one row with 16, in the compiler's own language.

Written as vector instructions rather than left to the vectorizer, which would settle for 256-bit registers on several
processors. All sums of a block are compared with the limit at once, by their least.
"""

import functools
from collections.abc import Callable
from typing import Any, Final

import numba.core.cgutils
import numba.extending
from llvmlite import ir  # type: ignore[import-untyped]  # ships no types
from numba.core import types

from linkage.kernel import byte_sums, lane_sums
from linkage.kernel.layout import COLUMN_BLOCK, ROW_BLOCK
from linkage.kernel.operands import Operands, Place
from linkage.kernel.vectors import (
    INT,
    LANES,
    NARROW,
    VECTOR,
    WIDE,
    function,
    integer,
    splat,
    within,
)

cgutils: Any = numba.core.cgutils
intrinsic: Callable[[Callable[..., Any]], Any] = numba.extending.intrinsic

_PARTS: Final = COLUMN_BLOCK // LANES
_TOGETHER: Final = 2 if WIDE else 1
"""Parts of a column block at once: as many as there are registers for."""
Sums = list[tuple[Place, Any]]


def _least(builder: Any, values: list[Any]) -> Any:
    """Lane by lane the least, or what is negative where the least is: by OR, if sums begin below zero."""
    if not WIDE:
        return functools.reduce(builder.or_, values)
    least = function(builder, "llvm.umin.v16i32", NARROW, NARROW, NARROW)
    found = builder.bitcast(values[0], NARROW)
    for value in values[1:]:
        found = builder.call(least, [found, builder.bitcast(value, NARROW)])
    return builder.bitcast(found, VECTOR)


def _least_of(builder: Any, sums: Sums, _limit: Any) -> Any:
    return _least(builder, [value for _, value in sums])


def _some(builder: Any, parts: list[Any], limit: Any) -> Any:
    """1 if any pair's sum is within the limit, else 0; decided without a jump."""
    close = within(builder, _least(builder, parts), limit)
    some = builder.icmp_unsigned("!=", close, ir.Constant(ir.IntType(LANES), 0))
    return builder.zext(some, INT)


def _close_in(builder: Any, sums: Sums, limit: Any) -> Any:
    mask = integer(0)
    for (row, part), value in sums:
        bits = builder.zext(within(builder, value, limit), INT)
        mask = builder.or_(mask, builder.shl(bits, integer(row * COLUMN_BLOCK + part * LANES)))
    return mask


def _survivors(builder: Any, parts: list[Any], _limit: Any) -> Any:
    """Mask of the pairs whose sum is within the limit; bit ``16 * row + column``."""
    return functools.reduce(builder.or_, parts)


def _compared(
    height: int, of_part: Callable[..., Any], of_all: Callable[..., Any], kind: Any
) -> Callable[..., Any]:
    """Compiled comparison of ``height`` rows that lie side by side with the 16 of a column block.

    What is left of the sums of a part, before the next is begun, decides how many registers it takes.
    """

    @intrinsic
    def compare(  # compiled code takes flat arguments
        _typing: Any, rows: Any, row: Any, columns: Any, column: Any, fold: Any, limit: Any
    ) -> Any:
        """``of_all`` parts: which of the pairs have a folded distance <= limit.

        ``fold``: words to join two by two, and words in all.
        """
        del row, column, limit
        flat = rows, types.int64, columns, types.int64, fold, types.int64
        return kind(*flat), _generator(height, of_part, of_all)

    made: Callable[..., Any] = compare
    return made


def _generator(
    height: int, of_part: Callable[..., Any], of_all: Callable[..., Any]
) -> Callable[..., Any]:
    def generate(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
        left, row_start, right, column_start, words, bound = arguments
        fold = cgutils.unpack_tuple(builder, words, 2)
        left = context.make_array(sig.args[0])(context, builder, left).data
        right = context.make_array(sig.args[2])(context, builder, right).data
        at = builder.gep(left, [row_start]), builder.gep(right, [column_start])
        limit = splat(builder, bound if WIDE else integer(-1))
        parts = []
        for part in range(0, _PARTS, _TOGETHER):
            operands = Operands(builder, *at, height, range(part, part + _TOGETHER))
            sums = zip(operands.places, _distances(operands, fold, bound), strict=True)
            parts.append(of_part(builder, list(sums), limit))
        return of_all(builder, parts, limit)

    return generate


def _distances(operands: Operands, fold: Any, bound: Any) -> list[Any]:
    """Folded distances, which are within the bound or, less the bound and one, below zero."""
    joined, every = fold
    if WIDE:
        return lane_sums.distances(operands, joined, every)
    return byte_sums.distances(operands, joined, every, bound)


any_close = _compared(ROW_BLOCK, _least_of, _some, types.int64)
which_close = _compared(ROW_BLOCK, _close_in, _survivors, types.uint64)
which_close_to_one = _compared(1, _close_in, _survivors, types.uint64)


@intrinsic
def ones(_typing: Any, _word: Any) -> Any:
    """Population count of one 64-bit word."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.call(function(builder, "llvm.ctpop.i64", INT, INT), arguments)

    return types.int64(types.uint64), generate
