"""Table: filters laid out for one query at a time: as few bytes of each as tell nearly all apart.

One query is bound by memory, not by arithmetic: a narrow fold of every filter is read in full, the
few survivors alone in their entirety. Rows laid out at the start stand in order of popcount; later
ones follow as they come, and count from the moment the number of rows is raised.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from mmap import mmap
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from linkage.index.memory import PAGE
from linkage.kernel.layout import COLUMN_BLOCK, Fold, Words, folded
from linkage.refusals import IndexGone

_HEAD: Final = 8
"""Words of the head: mark, generation, capacity, words, folded words, rows."""
_MARK: Final = 0x4C494E4B494E4458


@dataclass(frozen=True, slots=True)
class Shape:
    """Size of a table: rows it has room for (a multiple of 16), words of a filter and of its fold."""

    capacity: int
    words: int
    folded: int

    @property
    def parts(self) -> list[tuple[str, tuple[int, ...], str]]:
        """Name, shape and type of the arrays, in the order in which they lie."""
        blocks = self.capacity // COLUMN_BLOCK
        return [
            ("head", (_HEAD,), "i8"),
            ("rows", (self.capacity, self.words), "u8"),
            ("keys", (self.capacity,), "i8"),
            ("counts", (self.capacity,), "i8"),
            ("blocks", (blocks, self.folded, COLUMN_BLOCK), "u8"),
            ("least", (blocks,), "i8"),
            ("most", (blocks,), "i8"),
        ]

    @property
    def size(self) -> int:
        """Bytes of the table; each array begins on a page."""
        return sum(-(-8 * math.prod(shape) // PAGE) * PAGE for _, shape, _ in self.parts)


class Table:
    """The arrays of a table in a stretch of memory."""

    def __init__(self, memory: mmap, shape: Shape) -> None:
        self.shape = shape
        at = 0
        arrays: dict[str, NDArray[Any]] = {}
        for name, form, kind in shape.parts:
            count = math.prod(form)
            arrays[name] = np.frombuffer(memory, kind, count, at).reshape(form)
            at += -(-8 * count // PAGE) * PAGE
        self.head: NDArray[np.int64] = arrays["head"]
        self.rows: Words = arrays["rows"]
        self.keys: NDArray[np.int64] = arrays["keys"]
        self.counts: NDArray[np.int64] = arrays["counts"]
        self.blocks: Words = arrays["blocks"]
        self.least: NDArray[np.int64] = arrays["least"]
        self.most: NDArray[np.int64] = arrays["most"]

    @property
    def count(self) -> int:
        """Rows that count, removed ones included."""
        return int(self.head[5])

    @property
    def generation(self) -> int:
        """How many tables the index had before this one."""
        return int(self.head[1])

    def begin(self, generation: int) -> None:
        """Write the head of an empty table."""
        shape = self.shape
        self.head[:6] = _MARK, generation, shape.capacity, shape.words, shape.folded, 0
        self.least[:] = np.iinfo(np.int64).max >> 1

    def append(self, keys: NDArray[np.int64], filters: Words) -> range:
        """Add rows behind those there are; their positions. The caller has seen to the room."""
        first, last = self.count, self.count + len(filters)
        counts = np.bitwise_count(filters).sum(axis=1, dtype=np.int64)
        self.rows[first:last] = filters
        self.keys[first:last] = keys
        self.counts[first:last] = counts
        positions = np.arange(first, last)
        block, lane = positions // COLUMN_BLOCK, positions % COLUMN_BLOCK
        self.blocks[block, :, lane] = folded(filters, Fold(0, self.shape.folded))
        np.minimum.at(self.least, block, counts)
        np.maximum.at(self.most, block, counts)
        self.head[5] = last
        return range(first, last)


def attached(memory: mmap) -> Table:
    """The table that another process laid out.

    Raises:
        IndexGone: what lies there is none.
    """
    head = np.frombuffer(memory, "i8", _HEAD)
    if len(memory) < PAGE or head[0] != _MARK:
        raise IndexGone
    shape = Shape(int(head[2]), int(head[3]), int(head[4]))
    if shape.size != len(memory):
        raise IndexGone
    return Table(memory, shape)
