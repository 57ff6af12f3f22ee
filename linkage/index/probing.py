"""Probing: one query against the rows of a table, in parts that threads take."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from linkage.index.table import Table
from linkage.kernel.layout import COLUMN_BLOCK, Fold, Words, folded
from linkage.kernel.limits import Limits, similarity

_PART: Final = 1 << 16
"""Rows worth a thread of their own."""
Positions = NDArray[np.int64]
Columns = tuple[Words, Positions, Words, Positions, Positions]


@dataclass(frozen=True, slots=True)
class Matches:
    """Keys of records with their similarity to one query, by falling score, then key."""

    keys: NDArray[np.int64]
    scores: NDArray[np.float64]

    def __len__(self) -> int:
        """Number of matches."""
        return len(self.keys)


@dataclass(frozen=True, slots=True)
class Probe:
    """A table as it was when the query began, and what it is searched for."""

    table: Table
    limits: Limits
    compiled: bool

    def best(
        self, record: Words, most: int, pool: ThreadPoolExecutor | None, threads: int
    ) -> Matches:
        """The up to ``most`` likeliest records; in ``pool``, if given and worth it."""
        size = int(np.bitwise_count(record).sum(dtype=np.int64))
        found = list(self._found(record, size, pool, threads)) if size else []
        if not found:
            return Matches(np.empty(0, np.int64), np.empty(0))
        positions, common, counts = map(np.concatenate, zip(*found, strict=True))
        keys = self.table.keys[positions]
        sizes = np.full(len(positions), size)
        bits = self.limits.bits
        scores = similarity(self.limits.measure, common, sizes, counts, bits=bits)
        order = np.lexsort((keys, -scores))
        order = order[_youngest(keys[order], positions[order])][:most]
        return Matches(keys[order], scores[order])

    def _found(
        self, record: Words, size: int, pool: ThreadPoolExecutor | None, threads: int
    ) -> Iterator[tuple[Positions, Positions, Positions]]:
        """Position, common bits and popcount of the hits among the rows there are, then among later ones.

        What is replaced while we search comes behind its older version before that stops counting:
        so who sees the older one no more sees the younger, in the next round at the latest.
        """
        done, count = 0, self.table.count
        while done < count:
            positions, common = self._positions(record, size, (done, count), pool, threads)
            counts = self.table.counts[positions]
            there = (counts > 0) & (positions >= done)
            yield positions[there], common[there], counts[there]
            done, count = count, self.table.count

    def _positions(
        self,
        record: Words,
        size: int,
        rows: tuple[int, int],
        pool: ThreadPoolExecutor | None,
        threads: int,
    ) -> tuple[Positions, Positions]:
        first, count = rows
        start, stop = first // COLUMN_BLOCK, -(-count // COLUMN_BLOCK)
        parts = max(min(threads, (count - first) // _PART), 1)
        search = self._compiled if self.compiled else self._numpy
        if pool is None or parts == 1:
            return search(record, size, (start, stop, count))
        cuts = [start + (stop - start) * part // parts for part in range(parts + 1)]
        places = [(one, other, count) for one, other in pairwise(cuts)]
        found = list(pool.map(lambda place: search(record, size, place), places))
        positions, common = zip(*found, strict=True)
        return np.concatenate(positions), np.concatenate(common)

    def _compiled(
        self, record: Words, _size: int, place: tuple[int, int, int]
    ) -> tuple[Positions, Positions]:
        table, width = self.table, self.table.shape.folded
        columns = table.rows, table.counts, table.blocks.reshape(-1), table.least, table.most
        return near(record[None], columns, Fold(0, width), self.limits, place)

    def _numpy(
        self, record: Words, size: int, place: tuple[int, int, int]
    ) -> tuple[Positions, Positions]:
        start, stop, count = place
        rows = slice(start * COLUMN_BLOCK, min(stop * COLUMN_BLOCK, count))
        counts = self.table.counts[rows]
        differing = np.bitwise_count(self.table.rows[rows] ^ record)
        distance = differing.sum(axis=1, dtype=np.int64)
        common = (size + counts - distance) // 2
        near = (distance <= self.limits.exact[size + counts]) & (counts > 0)
        if self.limits.cosine >= 0.0:
            sizes = np.full(len(counts), size)
            score = similarity(self.limits.measure, common, sizes, counts, bits=self.limits.bits)
            near &= score >= self.limits.cosine
        hits = np.flatnonzero(near)
        return hits + rows.start, common[hits]


def _youngest(keys: NDArray[np.int64], positions: Positions) -> NDArray[np.intp]:
    """Places, ascending, of each key's last position: a record that is being replaced stands there twice."""
    by_key = np.lexsort((positions, keys))
    last = np.append(keys[by_key][1:] != keys[by_key][:-1], True)[: len(keys)]
    return np.sort(by_key[last])


def near(
    record: Words, columns: Columns, fold: Fold, limits: Limits, place: tuple[int, int, int]
) -> tuple[Positions, Positions]:
    """Rows that reach the threshold with one filter (1, words), and the bits they have in common; compiled.

    ``columns``: rows in full, popcounts (0 for none that counts), words of the folded rows in blocks,
    least and most popcount of each block. ``place``: first and last block, rows in all.
    """
    from linkage.kernel import compiled  # noqa: PLC0415 - a second of import, only where used

    size = int(np.bitwise_count(record).sum(dtype=np.int64))
    query = np.ascontiguousarray(record), folded(record, fold)[0], size
    rule = limits.exact, limits.upper, limits.cosine
    room = 1 << 12
    while True:
        out = np.empty(room, np.int64), np.empty(room, np.int64)
        found = compiled.probe(query, columns, rule, (*place, 2 * fold.pairs), out)
        if found <= room:
            return out[0][:found], out[1][:found]
        room = 2 * found
