"""Layout: filters sorted by popcount, XOR-folded and cut into the blocks the scan loads as vectors.

Folding keeps exactness: popcount(fold(a) ^ fold(b)) <= popcount(a ^ b), because a XOR of words can
only cancel differences; and popcount(x | y) <= popcount(x) + popcount(y), so words of differences
may be joined. A pair whose folds are already too far apart need not be read in full.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint64]

ROW_BLOCK: Final = 4
"""Rows of the left side that share one load of the right side."""
COLUMN_BLOCK: Final = 16
"""Rows of the right side held in two 512-bit vectors per word."""


LAYOUT: Final = 2
"""What lies in blocks; machines that share them must mean the same by it."""


@dataclass(frozen=True, slots=True, order=True)
class Fold:
    """What is compared of every pair before the few survivors are read in full.

    Filters are XOR-folded to ``words`` words. Differences of the first ``2 * pairs`` of them are
    joined two by two with OR and counted together, those of the other ``singles`` are all counted:
    joined words cost little more than one and, once folding has brought each bit to a half, are
    three quarters full of differences.
    """

    pairs: int
    singles: int

    @property
    def words(self) -> int:
        """Folded words of a filter."""
        return 2 * self.pairs + self.singles

    @property
    def couples(self) -> int:
        """Couples of single words counted together: all but the first, and the last of an even number."""
        return max(self.singles - 1, 0) // 2


@dataclass(frozen=True, slots=True)
class Sorted:
    """One side of a comparison: its non-empty rows in order of popcount.

    ``rows`` (n, words) stand in that order themselves, so that survivors, which come from one
    place of the order, are read from a cache; ``order`` has their numbers in the input, of which
    there were ``count``.
    """

    rows: Words
    order: NDArray[np.int64]
    popcounts: NDArray[np.int64]
    count: int

    @property
    def bits(self) -> int:
        """Length of a filter in bits."""
        return int(self.rows.shape[1]) * 64


@dataclass(frozen=True, slots=True)
class Blocks:
    """Folded rows of one side: ``words`` of shape (blocks, width, block) and popcount bounds.

    ``least`` and ``most`` are the smallest and largest popcount in each block. The last block is
    filled up with zero rows, which the scan ignores by their index.
    """

    width: int
    words: Words
    least: NDArray[np.int64]
    most: NDArray[np.int64]


def sort_rows(filters: Words) -> Sorted:
    """Sort the rows by popcount, stable, leaving out empty ones: they carry no evidence."""
    rows = np.ascontiguousarray(filters, dtype=np.uint64)
    popcounts = np.bitwise_count(rows).sum(axis=1, dtype=np.int64)
    order = np.argsort(popcounts, kind="stable")
    order = order[popcounts[order] > 0]
    kept = rows[order] if len(order) else rows[:0]
    return Sorted(kept, order, popcounts[order], len(rows))


def xor_fold(rows: Words, width: int) -> Words:
    """XOR-fold rows (n, words) to (n, width): word ``w`` goes to ``w mod width``."""
    folded = rows[:, :width].copy()
    for start in range(width, rows.shape[1], width):
        part = rows[:, start : start + width]
        folded[:, : part.shape[1]] ^= part
    return folded


def folded(rows: Words, fold: Fold) -> Words:
    """What is compared of rows (n, words): folded; of single words every second is the XOR of all up to it.

    Its XOR with another row's is the parity that counting by carry-save addition needs (`operands`).
    """
    words = xor_fold(rows, fold.words)
    _chain(words, fold)
    return words


def _chain(words: Words, fold: Fold) -> None:
    """Put parities in place of every second single word; words are numbered by the second axis."""
    for word in range(2 * fold.pairs + 2, fold.words, 2):
        words[:, word] ^= words[:, word - 1]
        words[:, word] ^= words[:, word - 2]


def unfolded(words: Words, fold: Fold) -> Words:
    """The words of `folded` (n, width), none of them an XOR of others."""
    single = words[:, 2 * fold.pairs :]
    plain = words.copy()
    plain[:, 2 * fold.pairs + 2 :: 2] = single[:, 2::2] ^ single[:, :-2:2] ^ single[:, 1:-1:2]
    return plain


def aligned(shape: tuple[int, ...]) -> Words:
    """Zero words from an address divisible by 64, so that no vector lies across two cache lines."""
    size = math.prod(shape)
    room = np.zeros(size + 8, dtype=np.uint64)
    start = -(room.ctypes.data // 8) % 8
    return room[start : start + size].reshape(shape)


def block(side: Sorted, *, fold: Fold, size: int) -> Blocks:
    """Fold the sorted rows and cut them into blocks of ``size`` rows."""
    count, width = len(side.order), fold.words
    blocks = -(-count // size)
    padded = np.zeros((blocks * size, width), dtype=np.uint64)
    padded[:count] = xor_fold(side.rows, width)
    words = aligned((blocks, width, size))
    words[:] = padded.reshape(blocks, size, width).transpose(0, 2, 1)
    _chain(words, fold)
    starts = np.arange(blocks) * size
    ends = np.minimum(starts + size, count) - 1
    return Blocks(width, words, side.popcounts[starts], side.popcounts[ends])
