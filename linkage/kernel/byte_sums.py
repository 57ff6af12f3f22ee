"""Byte sums: folded distances where no instruction counts the bits of a word, but tables count those of bytes.

Bytes are added up over many words and the bytes of a lane once. Sums begin below zero by the bound and one, so that
what stays negative is close.
"""

from collections.abc import Callable
from typing import Any, Final

import numba.core.cgutils

from linkage.kernel.operands import Operands, Registers, couples_end, each, less
from linkage.kernel.vectors import INT, in_lanes, integer, splat

cgutils: Any = numba.core.cgutils

_STEP: Final = 58
"""Words of which a byte can hold the counts of all couples, 8 at most each, beside those of two single words."""


def distances(operands: Operands, joined: Any, every: Any, bound: Any) -> list[Any]:
    """Folded distances less the bound and one; of ``every`` word the first ``joined`` are joined two by two.

    Few words are frequent and are not held up by loops over many.
    """
    builder, sums = operands.builder, Registers.of(operands)
    sums.fill(splat(builder, builder.sub(integer(-1), bound)))
    few = less(builder, builder.sub(every, joined), integer(3))
    few = builder.and_(few, less(builder, every, integer(_STEP + 1)))
    with builder.if_else(few) as (simple, general):
        with simple:
            _add_few(operands, joined, every, sums)
        with general:
            _add_many(operands, joined, every, sums)
    return sums.values


def _add_few(operands: Operands, joined: Any, every: Any, sums: Registers) -> None:
    """Add up to two single words and those joined."""
    builder, counts = operands.builder, Registers.of(operands)
    second = builder.add(joined, integer(1))
    counts.fill(splat(builder, integer(0)))
    with builder.if_then(less(builder, joined, every)):
        counts.put_count(operands.differing(joined))
        with builder.if_then(less(builder, second, every)):
            counts.add_count(operands.differing(second))
    each(builder, (integer(0), joined), lambda word: counts.add_count(operands.joined(word)))
    _settle(counts, sums)


def _add_many(operands: Operands, joined: Any, every: Any, sums: Registers) -> None:
    builder, counts = operands.builder, Registers.of(operands)
    counts.fill(splat(builder, integer(0)))
    with builder.if_then(less(builder, joined, every)):
        _add_singles(operands, joined, every, (counts, sums))
    _in_steps(
        builder,
        (integer(0), joined),
        lambda word: counts.add_count(operands.joined(word)),
        lambda: _settle(counts, sums),
    )
    _settle(counts, sums)


def _add_singles(operands: Operands, first: Any, every: Any, kept: tuple[Registers, ...]) -> None:
    builder, (counts, sums) = operands.builder, kept
    parities = Registers.of(operands)
    parities.put(operands.differing(first))
    stop = couples_end(builder, first, every)

    def settle_twice() -> None:
        sums.add_lanes([in_lanes(builder, value) for value in counts.values])
        _settle(counts, sums)

    _in_steps(
        builder,
        (builder.add(first, integer(1)), stop),
        lambda word: counts.add_count(operands.couple(word, parities)),
        settle_twice,
    )
    settle_twice()
    counts.put_count(parities.values)
    with builder.if_then(less(builder, stop, every)):
        counts.add_count(operands.differing(stop))


def _settle(counts: Registers, sums: Registers) -> None:
    """Move the counts of bytes into the sums."""
    sums.add_lanes([in_lanes(sums.builder, value) for value in counts.values])
    counts.fill(splat(sums.builder, integer(0)))


def _in_steps(
    builder: Any, words: tuple[Any, Any], work: Callable[[Any], None], settle: Callable[[], None]
) -> None:
    """Do the work at every second word and settle in between, before bytes overflow."""
    first, stop = words
    with cgutils.for_range_slice(builder, first, stop, integer(_STEP), INT) as (start, _):
        with builder.if_then(less(builder, first, start), likely=False):
            settle()
        end = builder.add(start, integer(_STEP))
        near = builder.select(less(builder, end, stop), end, stop)
        each(builder, (start, near), work)
