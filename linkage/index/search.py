"""Search: every record that reaches the threshold with a query, whatever was added or removed since.

One process owns an index and changes it; any number of others read the same memory through its
`Handle`. A record that is being added or removed while a query runs may or may not be among its
answers; one added before the query began always is.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Lock
from typing import Final

import numpy as np
from numpy.typing import NDArray

from linkage.index.memory import PAGE, Handle, Memory, identity, mapped
from linkage.index.probing import Matches, Probe
from linkage.index.table import Shape, Table, attached
from linkage.kernel.engine import Costs, select
from linkage.kernel.layout import COLUMN_BLOCK, Words, sort_rows
from linkage.kernel.limits import Limits, Measure, limits_for
from linkage.kernel.plan import choose_fold
from linkage.refusals import FilterShapeInvalid, IndexGone, ThresholdInvalid

_ROOM: Final = 4096
"""Least room for rows that come later; a quarter of the rows where that is more."""
_READING: Final = Costs(word=0.29, couple=0.58, joined=0.61, pair=0.07, verify=40.0, again=0)
"""Nanoseconds of one thread that reads memory: a word of eight bytes, and a row from anywhere."""
_MEASURES: Final = list(Measure)
Keys = NDArray[np.int64]


class _Root:
    """A page at a fixed place: which table is the present one, and what it is searched for."""

    def __init__(self, memory: memoryview) -> None:
        self._words = np.frombuffer(memory, np.int64, 4)
        self._threshold = np.frombuffer(memory, np.float64, 1, 32)

    def found(self, measure: Measure, threshold: float) -> None:
        self._words[3] = _MEASURES.index(measure)
        self._threshold[0] = threshold

    def point(self, generation: int, descriptor: int) -> None:
        self._words[1] = descriptor
        self._words[0] = generation

    def tell(self, alive: int) -> None:
        self._words[2] = alive

    @property
    def present(self) -> tuple[int, int]:
        """Generation and descriptor of the present table."""
        return int(self._words[0]), int(self._words[1])

    @property
    def alive(self) -> int:
        return int(self._words[2])

    def limits(self, bits: int) -> Limits:
        return limits_for(_MEASURES[int(self._words[3])], float(self._threshold[0]), bits)


class SharedView:
    """An index as any process sees it: read only, always the owner's present state.

    Raises:
        IndexGone: the owner ended, or does not share its memory with this process.
    """

    def __init__(self, handle: Handle, *, threads: int | None = None, engine: str = "auto") -> None:
        self._handle, self._identity = handle, identity(handle)
        self._root = _Root(memoryview(mapped(handle)))
        self._seen: tuple[Table, Limits] | None = None
        self._compiled = select(engine).name != "numpy"
        self._threads = threads or os.cpu_count() or 1
        self._pool = ThreadPoolExecutor(self._threads)

    def __len__(self) -> int:
        """Number of records, removed ones not counted."""
        return self._root.alive

    def query(self, record: Words, *, most: int = 200) -> Matches:
        """The up to ``most`` records most like a filter (words,), likeliest first, then by key.

        Exact: every record at or above the threshold is considered. An empty filter finds nothing.

        Raises:
            FilterShapeInvalid: not one filter of the index's length.
            IndexGone: the owner ended.
        """
        return self._probe(record[None]).best(record, most, self._pool, self._threads)

    def query_many(self, records: Words, *, most: int = 200) -> list[Matches]:
        """What `query` gives for each of the filters (rows, words), several at a time.

        Raises: as `query`.
        """
        probe = self._probe(records)
        return list(self._pool.map(lambda record: probe.best(record, most, None, 1), records))

    def close(self) -> None:
        """End its threads and let go of the memory."""
        self._pool.shutdown()
        self._seen = None

    def _probe(self, records: Words) -> Probe:
        if records.ndim != 2 or records.dtype != np.uint64:
            raise FilterShapeInvalid("a query must be a row of 64-bit words")
        table, limits = self._present()
        if records.shape[1] != table.shape.words:
            raise FilterShapeInvalid("they have different lengths")
        return Probe(table, limits, self._compiled)

    def _present(self) -> tuple[Table, Limits]:
        """The present table; looked for again while the owner is replacing it."""
        if identity(self._handle) != self._identity:
            raise IndexGone
        while True:
            generation, descriptor = self._root.present
            if self._seen is not None and self._seen[0].generation == generation:
                return self._seen
            try:
                table = attached(mapped(Handle(self._handle.process, descriptor)))
            except IndexGone:
                if self._root.present == (generation, descriptor):
                    raise
                continue
            if self._root.present == (generation, descriptor):  # else its number may be another's
                self._seen = table, self._root.limits(64 * table.shape.words)


class SearchIndex:
    """An index that this process owns; records have whole numbers of the caller's as keys.

    Exact at ``threshold`` (0, 1] of ``measure``. ``words``: 64-bit words of a filter. Adding,
    removing and querying may come from several threads.

    Raises:
        ThresholdInvalid: outside (0, 1].
    """

    def __init__(
        self,
        *,
        words: int,
        threshold: float,
        measure: Measure = Measure.DICE,
        threads: int | None = None,
        engine: str = "auto",
    ) -> None:
        if not 0.0 < threshold <= 1.0:
            raise ThresholdInvalid
        self._memory = Memory(PAGE)
        self._root = _Root(memoryview(self._memory.bytes))
        self._root.found(measure, threshold)
        self._planner = replace(select(engine), costs=_READING)
        self._limits = limits_for(measure, threshold, 64 * words)
        self._guard = Lock()
        self._positions: dict[int, int] = {}
        self._held: Memory | None = None
        self._lay_out(np.empty(0, np.int64), np.empty((0, words), np.uint64))
        self._view = SharedView(self.handle, threads=threads, engine=engine)

    @property
    def handle(self) -> Handle:
        """What another process needs for a `SharedView` of this index."""
        return self._memory.handle

    def __len__(self) -> int:
        """Number of records, removed ones not counted."""
        return len(self._positions)

    def add(self, keys: Keys, filters: Words) -> None:
        """Add records (rows, words); one with a known key takes the place of the older.

        Of a key given twice the last counts. An empty filter is found by no query.

        Raises:
            FilterShapeInvalid: not a table of the index's width, or not one key for each row.
        """
        if filters.ndim != 2 or filters.dtype != np.uint64 or len(keys) != len(filters):
            raise FilterShapeInvalid("each key must have a row of 64-bit words")
        if filters.shape[1] != self._table.shape.words:
            raise FilterShapeInvalid("they have different lengths")
        keys = np.asarray(keys, np.int64)
        _, from_end = np.unique(keys[::-1], return_index=True)
        last = np.sort(len(keys) - 1 - from_end)
        with self._guard:
            self._add(keys[last], filters[last])

    def remove(self, keys: Keys) -> int:
        """Take records out; how many of the keys were there."""
        with self._guard:
            places = [self._positions.pop(int(key), None) for key in keys]
            gone = [place for place in places if place is not None]
            self._table.counts[gone] = 0
            self._root.tell(len(self._positions))
        return len(gone)

    def query(self, record: Words, *, most: int = 200) -> Matches:
        """As `SharedView.query`."""
        return self._view.query(record, most=most)

    def query_many(self, records: Words, *, most: int = 200) -> list[Matches]:
        """As `SharedView.query_many`."""
        return self._view.query_many(records, most=most)

    def close(self) -> None:
        """Let go of the memory; views of other processes find the index gone."""
        self._view.close()
        self._memory.close()
        if self._held is not None:
            self._held.close()

    def _add(self, keys: Keys, filters: Words) -> None:
        table = self._table
        if table.count + len(keys) > table.shape.capacity:
            places = np.fromiter(self._positions.values(), np.int64, len(self._positions))
            kept = np.sort(places[~np.isin(table.keys[places], keys)])
            older = table.keys[kept], table.rows[kept]
            self._lay_out(np.concatenate([older[0], keys]), np.concatenate([older[1], filters]))
            return
        replaced = [
            place for key in keys.tolist() if (place := self._positions.get(key)) is not None
        ]
        self._place(keys, table.append(keys, filters))
        table.counts[replaced] = 0

    def _lay_out(self, keys: Keys, filters: Words) -> None:
        """Make a new table, sorted by popcount, and make it the present one."""
        side = sort_rows(filters)
        fold = choose_fold(self._planner, side, side, self._limits)
        room = len(keys) + max(_ROOM, len(keys) // 4)
        capacity = -(-room // COLUMN_BLOCK) * COLUMN_BLOCK
        shape = Shape(capacity, int(filters.shape[1]), fold.words)
        held, older = Memory(shape.size), self._held
        table = Table(held.bytes, shape)
        generation = self._root.present[0] + 1
        table.begin(generation)
        empty = np.setdiff1d(np.arange(len(keys)), side.order)
        order = np.concatenate([side.order, empty])
        positions = table.append(keys[order], filters[order])
        self._table, self._held = table, held
        self._root.point(generation, held.handle.descriptor)
        self._positions.clear()
        self._place(keys[order], positions)
        if older is not None:
            older.close()

    def _place(self, keys: Keys, positions: range) -> None:
        self._positions.update(zip(keys.tolist(), positions, strict=True))
        self._root.tell(len(self._positions))
