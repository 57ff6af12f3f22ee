"""Lane sums: folded distances where an instruction counts the bits of each lane of a register of 512.

Two of a processor's ports take such registers at most, so what counts is the number of instructions: sums begin with
the first count instead of zero.
"""

from collections.abc import Callable, Sequence
from typing import Any

from linkage.kernel.operands import Operands, Registers, couples_end, each, less
from linkage.kernel.vectors import integer


def distances(operands: Operands, joined: Any, every: Any) -> list[Any]:
    """Folded distances; of ``every`` word the first ``joined`` are joined two by two."""
    builder, sums = operands.builder, Registers.of(operands)

    def join(word: Any) -> None:
        sums.add_count(operands.joined(word))

    with builder.if_else(less(builder, joined, every)) as (singles, none):
        with singles:
            _begin(operands, joined, every, sums)
            each(builder, (integer(0), joined), join)
        with none:
            sums.put_count(operands.joined(integer(0)))
            each(builder, (integer(2), joined), join)
    return sums.values


def _begin(operands: Operands, first: Any, every: Any, sums: Registers) -> None:
    """Begin the sums with the single words, the ``first`` to the last."""
    builder, parities = operands.builder, Registers.of(operands)
    parities.put(operands.differing(first))
    start, stop = builder.add(first, integer(1)), couples_end(builder, first, every)
    with builder.if_else(less(builder, start, stop)) as (couples, none):
        with couples:
            _count_couples(operands, (start, stop), parities, sums)
        with none:
            sums.put_count(parities.values)
    with builder.if_then(less(builder, stop, every)):
        sums.add_count(operands.differing(stop))


def _count_couples(
    operands: Operands, words: tuple[Any, Any], parities: Registers, sums: Registers
) -> None:
    builder, (start, stop) = operands.builder, words

    def count(word: Any, keep: Callable[[Sequence[Any]], None]) -> None:
        keep(operands.couple(word, parities))

    count(start, sums.put_count)
    rest = builder.add(start, integer(2)), stop
    each(builder, rest, lambda word: count(word, sums.add_count))
    sums.add_lanes(sums.values)
    sums.add_count(parities.values)
