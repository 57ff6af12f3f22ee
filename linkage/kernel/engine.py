"""Engines: where and how tiles are computed; every engine gives the same pairs."""

import importlib.util
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Final

import numpy as np

from linkage.kernel import fallback
from linkage.kernel.tiles import Comparison, Found, Tile
from linkage.refusals import UnknownEngine

Scan = Callable[[Comparison, Tile, int], Found | None]
"""Scan a tile; None when more pairs than the given number were found."""

KNOWN: Final = ("auto", "numba", "numpy")


@dataclass(frozen=True, slots=True)
class Engine:
    """A way to compute tiles.

    ``name`` goes into reports. ``word_cost``, ``pair_cost`` and ``verify_cost`` are relative times
    for one folded word of one pair, for the pair itself and for reading one survivor in full;
    ``tile_pairs`` keeps a tile well under a second so that progress and cancelling stay prompt.
    """

    name: str
    scan: Scan
    threads: int
    tile_pairs: int
    word_cost: float
    pair_cost: float
    verify_cost: float

    def map(
        self, work: Callable[[Tile], Found], tiles: Iterable[Tile]
    ) -> Iterator[tuple[Tile, Found]]:
        """Compute tiles and give them in their order, a few ahead of the reader."""
        waiting: deque[tuple[Tile, Future[Found]]] = deque()
        source = iter(tiles)
        with ThreadPoolExecutor(self.threads) as pool:
            try:
                while True:
                    ahead = islice(source, self.threads * 2 - len(waiting))
                    waiting.extend((tile, pool.submit(work, tile)) for tile in ahead)
                    if not waiting:
                        return
                    done, future = waiting.popleft()
                    yield done, future.result()
            finally:
                for _, future in waiting:
                    future.cancel()


def _scan_numpy(work: Comparison, tile: Tile, most: int) -> Found | None:
    found = fallback.scan(work, tile)
    return found if len(found.rows_a) <= most else None


def _scan_numba(work: Comparison, tile: Tile, most: int) -> Found | None:
    from linkage.kernel import compiled  # noqa: PLC0415 - a second of import, only where used

    a, b, left, right = work.a, work.b, work.blocks_a, work.blocks_b
    sides = ((a.rows, a.order, a.popcounts), (b.rows, b.order, b.popcounts))
    blocks = tuple((side.words.ravel(), side.least, side.most) for side in (left, right))
    limits = (work.limits.exact, work.limits.upper)
    corners = (tile.row_start, tile.row_stop, tile.column_start, tile.column_stop)
    place = (*corners, work.width, work.same)
    room = min(most, 1 << 17)
    while True:
        out = tuple(np.empty(room, dtype=np.int32) for _ in range(3))
        found, verified = compiled.scan(sides, blocks, limits, place, out)
        if found > most:
            return None
        if found <= room:
            return Found(out[0][:found], out[1][:found], out[2][:found], verified)
        room = found


def _numba(threads: int) -> Engine:
    from linkage.kernel import compiled  # noqa: PLC0415 - a second of import, only where used

    instructions = compiled.instruction_set()
    return Engine(f"numba-{instructions}", _scan_numba, threads, 1 << 26, 1.0, 0.7, 500.0)


def _numpy(threads: int) -> Engine:
    return Engine("numpy", _scan_numpy, threads, 1 << 22, 1.0, 0.5, 60.0)


def select(name: str = "auto", *, threads: int | None = None) -> Engine:
    """Engine by name: ``numba``, ``numpy``, or ``auto`` (numba where installed).

    Raises:
        UnknownEngine: no such engine, or numba asked for and not installed.
    """
    if threads is None:
        threads = os.cpu_count() or 1
    compiled = importlib.util.find_spec("numba") is not None
    if name == "numpy" or (name == "auto" and not compiled):
        return _numpy(threads)
    if name in {"numba", "auto"} and compiled:
        return _numba(threads)
    raise UnknownEngine(name, KNOWN if compiled else ("auto", "numpy"))
