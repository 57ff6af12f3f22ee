"""Vectors: several 64-bit words at a time, in the compiler's own language.

Eight where one instruction counts the bits of a register of 512; else four, whose bits are counted byte by byte.
"""

from typing import Any, Final

import numba.core.cgutils
from llvmlite import ir  # type: ignore[import-untyped]  # ships no types

from linkage.kernel.instructions import instruction_set

cgutils: Any = numba.core.cgutils

WIDE: Final = instruction_set() == "avx512"
LANES: Final = 8 if WIDE else 4
INT: Final = ir.IntType(64)
VECTOR: Final = ir.VectorType(INT, LANES)
NARROW: Final = ir.VectorType(ir.IntType(32), 2 * LANES)
"""The same register as lanes of 32 bits."""
BYTES: Final = ir.VectorType(ir.IntType(8), 8 * LANES)
"""The same register as bytes."""
_MAJORITY: Final = 0xB2
"""Truth table of `majority` for VPTERNLOG (Intel SDM vol. 2)."""


def integer(value: int) -> Any:
    """A constant of 64 bits."""
    return ir.Constant(INT, value)


def splat(builder: Any, value: Any) -> Any:
    """A vector with the value in every lane."""
    empty = ir.Constant(VECTOR, ir.Undefined)
    first = builder.insert_element(empty, value, ir.Constant(ir.IntType(32), 0))
    mask = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
    return builder.shuffle_vector(first, empty, mask)


def function(builder: Any, name: str, kind: Any, *arguments: Any) -> Any:
    """The compiler's function of this name, from arguments of these types to a value of a type."""
    shape = ir.FunctionType(kind, arguments)
    return cgutils.get_or_insert_function(builder.module, shape, name)


def counted(builder: Any, vector: Any) -> Any:
    """Population count of each lane; where there is no instruction for it, of each byte of the vector."""
    if WIDE:
        count = function(builder, "llvm.ctpop.v8i64", VECTOR, VECTOR)
        return builder.call(count, [vector])
    count = function(builder, "llvm.ctpop.v32i8", BYTES, BYTES)
    return builder.bitcast(builder.call(count, [builder.bitcast(vector, BYTES)]), VECTOR)


def added(builder: Any, one: Any, other: Any) -> Any:
    """Sum of two vectors of `counted`."""
    if WIDE:
        return builder.add(one, other)
    parts = builder.bitcast(one, BYTES), builder.bitcast(other, BYTES)
    return builder.bitcast(builder.add(*parts), VECTOR)


def in_lanes(builder: Any, vector: Any) -> Any:
    """What the bytes of each lane add up to."""
    if instruction_set() == "avx2":
        add = function(builder, "llvm.x86.avx2.psad.bw", VECTOR, BYTES, BYTES)
        return builder.call(add, [builder.bitcast(vector, BYTES), ir.Constant(BYTES, None)])
    for width in (8, 16, 32):
        kept = splat(
            builder, integer(sum(((1 << width) - 1) << at for at in range(0, 64, 2 * width)))
        )
        upper = builder.lshr(vector, splat(builder, integer(width)))
        vector = builder.add(builder.and_(vector, kept), builder.and_(upper, kept))
    return vector


def majority(builder: Any, one: Any, parity: Any, other: Any) -> Any:
    """Bits set in two of three: ``one``, ``other`` and that which makes ``parity`` the XOR of all three."""
    if WIDE:
        logic = function(
            builder,
            "llvm.x86.avx512.pternlog.q.512",
            VECTOR,
            VECTOR,
            VECTOR,
            VECTOR,
            ir.IntType(32),
        )
        return builder.call(logic, [one, parity, other, ir.Constant(ir.IntType(32), _MAJORITY)])
    changed = builder.and_(builder.not_(builder.xor(one, parity)), builder.xor(one, other))
    return builder.xor(one, changed)


def within(builder: Any, vector: Any, limit: Any) -> Any:
    """Bit mask (a bit for each lane) of the lanes that are at most the limit, which is -1 where nothing is."""
    return builder.bitcast(builder.icmp_signed("<=", vector, limit), ir.IntType(LANES))
