"""Co-occurrence: how often two bits are set in one record, for all pairs of bits, counted exactly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numba.core.cgutils
import numba.extending
import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]  # ships no types
from numba.core import types
from numpy.typing import NDArray

from linkage.compiling import compiled

cgutils: Any = numba.core.cgutils
intrinsic: Callable[[Callable[..., Any]], Any] = numba.extending.intrinsic
_STRETCH: Final = 128
"""Words of a column taken at a time, so that a column block stays in the cache."""


@intrinsic
def _ones(_typing: Any, _word: Any) -> Any:
    """Population count of one 64-bit word."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        kind = ir.IntType(64)
        count = cgutils.get_or_insert_function(
            builder.module, ir.FunctionType(kind, [kind]), "llvm.ctpop.i64"
        )
        return builder.call(count, [arguments[0]])

    return types.int64(types.uint64), generate


@compiled
def _block(columns: Any, out: Any, i: int, j: int, start: int, stop: int) -> None:
    """Add the counts of 4 columns with 4 others; written out so that all sums stay in registers."""
    a = b = c = d = e = f = g = h = k = m = n = o = p = q = r = s = 0
    for at in range(start, stop):
        x0, x1, x2, x3 = columns[i, at], columns[i + 1, at], columns[i + 2, at], columns[i + 3, at]
        y = columns[j, at]
        a, b, c, d = a + _ones(x0 & y), b + _ones(x1 & y), c + _ones(x2 & y), d + _ones(x3 & y)
        y = columns[j + 1, at]
        e, f, g, h = e + _ones(x0 & y), f + _ones(x1 & y), g + _ones(x2 & y), h + _ones(x3 & y)
        y = columns[j + 2, at]
        k, m, n, o = k + _ones(x0 & y), m + _ones(x1 & y), n + _ones(x2 & y), o + _ones(x3 & y)
        y = columns[j + 3, at]
        p, q, r, s = p + _ones(x0 & y), q + _ones(x1 & y), r + _ones(x2 & y), s + _ones(x3 & y)
    sums = ((a, b, c, d), (e, f, g, h), (k, m, n, o), (p, q, r, s))
    for place in range(4):
        for row in range(4):
            out[i + row, j + place] += sums[place][row]


@compiled
def _upper(columns: Any, out: Any, stretch: int) -> None:
    bits, words = columns.shape
    for start in range(0, words, stretch):
        stop = min(start + stretch, words)
        for i in range(0, bits, 4):
            for j in range(i, bits, 4):
                _block(columns, out, i, j, start, stop)


@compiled
def _mirror(out: Any) -> None:
    for i in range(len(out)):
        for j in range(i):
            out[i, j] = out[j, i]


def counts(columns: NDArray[np.uint64]) -> NDArray[np.int32]:
    """Counts (bits, bits) of records with both bits set; ``columns`` (bits, words), bits by fours."""
    found = np.zeros((len(columns), len(columns)), dtype=np.int32)
    _upper(columns, found, _STRETCH)
    _mirror(found)
    return found
