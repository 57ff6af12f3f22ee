"""Operands: what a compiled comparison reads, and the vectors it keeps while it does, in the compiler's own language.

Single words are counted in couples, by carry-save addition: of an earlier parity and two words of differences, the bits
add up to their new parity and twice their majority. Only majorities are counted and, at the end, the last parity; a
parity costs one XOR, as `layout.folded` stores the XOR of all words so far in place of every second one. (Muła, Kurz,
Lemire: Faster population counts using AVX2 instructions, The Computer Journal 61(1), 2018, section 4.)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numba.core.cgutils

from linkage.kernel.layout import COLUMN_BLOCK
from linkage.kernel.vectors import INT, LANES, VECTOR, added, counted, integer, majority, splat

cgutils: Any = numba.core.cgutils

Place = tuple[int, int]
"""A row, and a part of a column block."""


@dataclass(frozen=True, slots=True)
class Operands:
    """Some rows against some parts of a column block; a word of all these pairs is a vector for each place."""

    builder: Any
    rows: Any
    columns: Any
    height: int
    parts: Sequence[int]

    @property
    def places(self) -> list[Place]:
        """Whose pairs each vector holds."""
        return [(row, part) for row in range(self.height) for part in self.parts]

    def differing(self, word: Any) -> list[Any]:
        """Bits of a word in which the rows differ."""
        columns = [self._column(word, part) for part in self.parts]
        ones = [splat(self.builder, self._row(word, row)) for row in range(self.height)]
        return [self.builder.xor(one, column) for one in ones for column in columns]

    def joined(self, word: Any) -> list[Any]:
        """Bits in which the rows differ in a word or in the one behind it."""
        sides = self.differing(word), self.differing(self._behind(word))
        return [self.builder.or_(*both) for both in zip(*sides, strict=True)]

    def couple(self, word: Any, parities: Registers) -> list[Any]:
        """Majorities of the parities so far and two words, which the parities take in."""
        ones, after = self.differing(word), self.differing(self._behind(word))
        three = zip(parities.values, after, ones, strict=True)
        majorities = [majority(self.builder, *each) for each in three]
        parities.put(after)
        return majorities

    def _behind(self, word: Any) -> Any:
        return self.builder.add(word, integer(1))

    def _row(self, word: Any, row: int) -> Any:
        builder = self.builder
        at = builder.add(builder.mul(word, integer(self.height)), integer(row))
        return builder.load(builder.gep(self.rows, [at]))

    def _column(self, word: Any, part: int) -> Any:
        builder = self.builder
        at = builder.add(builder.mul(word, integer(COLUMN_BLOCK)), integer(part * LANES))
        pointer = builder.bitcast(builder.gep(self.columns, [at]), VECTOR.as_pointer())
        return builder.load(pointer, align=8)


@dataclass(frozen=True, slots=True)
class Registers:
    """Vectors that live through loops, one for each place."""

    builder: Any
    cells: Sequence[Any]

    @classmethod
    def of(cls, operands: Operands) -> Registers:
        """Room for a vector for each place of the operands."""
        builder = operands.builder
        return cls(builder, [cgutils.alloca_once(builder, VECTOR) for _ in operands.places])

    @property
    def values(self) -> list[Any]:
        """What they hold."""
        return [self.builder.load(cell) for cell in self.cells]

    def put(self, values: Sequence[Any]) -> None:
        """Hold these."""
        for cell, value in zip(self.cells, values, strict=True):
            self.builder.store(value, cell)

    def fill(self, value: Any) -> None:
        """Hold one value everywhere."""
        self.put([value for _ in self.cells])

    def put_count(self, vectors: Sequence[Any]) -> None:
        """Hold the counts of bits."""
        self.put([counted(self.builder, vector) for vector in vectors])

    def add_count(self, vectors: Sequence[Any]) -> None:
        """Add the counts of bits."""
        counts = [counted(self.builder, vector) for vector in vectors]
        both = zip(self.values, counts, strict=True)
        self.put([added(self.builder, *each) for each in both])

    def add_lanes(self, vectors: Sequence[Any]) -> None:
        """Add whole lanes."""
        self.put([self.builder.add(*each) for each in zip(self.values, vectors, strict=True)])


def couples_end(builder: Any, joined: Any, every: Any) -> Any:
    """The word behind the last couple: the first single word is in none, nor is the last of an even number."""
    couples = builder.ashr(builder.sub(builder.sub(every, joined), integer(1)), integer(1))
    return builder.add(builder.add(joined, integer(1)), builder.shl(couples, integer(1)))


def each(builder: Any, words: tuple[Any, Any], work: Callable[[Any], None]) -> None:
    """Do the work at every second word from start to stop."""
    with cgutils.for_range_slice(builder, *words, integer(2), INT) as (word, _):
        work(word)


def less(builder: Any, one: Any, other: Any) -> Any:
    """Whether one number is less than the other."""
    return builder.icmp_signed("<", one, other)
