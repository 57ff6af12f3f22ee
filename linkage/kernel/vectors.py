"""Vectors: eight 64-bit words at a time, in the compiler's own language; narrower processors split them."""

from typing import Any, Final

import numba.core.cgutils
from llvmlite import ir  # type: ignore[import-untyped]  # ships no types

cgutils: Any = numba.core.cgutils

LANES: Final = 8
INT: Final = ir.IntType(64)
VECTOR: Final = ir.VectorType(INT, LANES)
NARROW: Final = ir.VectorType(ir.IntType(32), 2 * LANES)
"""The same register as lanes of 32 bits."""


def integer(value: int) -> Any:
    """A constant of 64 bits."""
    return ir.Constant(INT, value)


def splat(builder: Any, value: Any) -> Any:
    """A vector with the value in every lane."""
    empty = ir.Constant(VECTOR, ir.Undefined)
    first = builder.insert_element(empty, value, ir.Constant(ir.IntType(32), 0))
    mask = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
    return builder.shuffle_vector(first, empty, mask)


def function(builder: Any, name: str, kind: Any, arguments: int) -> Any:
    """The compiler's function of this name, from some arguments of a kind to one of that kind."""
    shape = ir.FunctionType(kind, [kind] * arguments)
    return cgutils.get_or_insert_function(builder.module, shape, name)


def popcount(builder: Any, kind: Any, name: str) -> Any:
    """The population count of a kind."""
    return function(builder, name, kind, 1)


def within(builder: Any, vector: Any, limit: Any) -> Any:
    """Bit mask (8 bits) of the lanes that are at most the limit, which is -1 where nothing is."""
    return builder.bitcast(builder.icmp_signed("<=", vector, limit), ir.IntType(LANES))
