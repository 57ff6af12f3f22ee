"""Engines: where and how tiles are computed; every engine gives the same pairs."""

import importlib.util
import os
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Final, Protocol

import numpy as np

from linkage.kernel import fallback
from linkage.kernel.layout import COLUMN_BLOCK, ROW_BLOCK
from linkage.kernel.tiles import Comparison, Found, Tile
from linkage.refusals import UnknownEngine

Scan = Callable[[Comparison, Tile, int], Found | None]
"""Scan a tile; None when more pairs than the given number were found."""

KNOWN: Final = ("auto", "numba", "numpy")


@dataclass(frozen=True, slots=True)
class Costs:
    """Relative times of an engine, by which a fold is chosen; they never change a result.

    ``word`` for one folded word of one pair, ``couple`` for two counted together, ``joined`` for two
    joined by OR, ``pair`` for the pair itself, ``verify`` for reading one survivor in full.
    ``again``: pairs that are compared once more to tell which of them survived.
    """

    word: float
    couple: float
    joined: float
    pair: float
    verify: float
    again: int


class Engine(Protocol):
    """A way to compute tiles.

    ``name`` goes into reports; ``scan`` computes a tile here and now, as planning does;
    ``tile_pairs`` keeps a tile well under a second so that progress and cancelling stay prompt.
    """

    @property
    def name(self) -> str: ...  # noqa: D102 - told by the class
    @property
    def scan(self) -> Scan: ...  # noqa: D102
    @property
    def tile_pairs(self) -> int: ...  # noqa: D102
    @property
    def costs(self) -> Costs: ...  # noqa: D102

    def map(
        self, work: Comparison, tiles: Iterable[Tile], most: int
    ) -> Generator[tuple[Tile, Found | None], None, None]:
        """Compute tiles and give them in their order; None for one with more than ``most`` pairs."""
        ...


@dataclass(frozen=True, slots=True)
class LocalEngine:
    """Tiles computed by threads of this process."""

    name: str
    scan: Scan
    threads: int
    tile_pairs: int
    costs: Costs

    def map(
        self, work: Comparison, tiles: Iterable[Tile], most: int
    ) -> Generator[tuple[Tile, Found | None], None, None]:
        """Compute tiles in threads, a few ahead of the reader."""
        with ThreadPoolExecutor(self.threads) as pool:
            yield from ordered(
                tiles, lambda tile: pool.submit(self.scan, work, tile, most), self.threads * 2
            )


def ordered(
    tiles: Iterable[Tile], submit: Callable[[Tile], "Future[Found | None]"], ahead: int
) -> Generator[tuple[Tile, Found | None], None, None]:
    """Results of tiles in their order, of which at most ``ahead`` are under way."""
    waiting: deque[tuple[Tile, Future[Found | None]]] = deque()
    source = iter(tiles)
    try:
        while True:
            more = islice(source, ahead - len(waiting))
            waiting.extend((tile, submit(tile)) for tile in more)
            if not waiting:
                return
            tile, future = waiting.popleft()
            yield tile, future.result()
    finally:
        for _, future in waiting:
            future.cancel()


def _scan_numpy(work: Comparison, tile: Tile, most: int) -> Found | None:
    found = fallback.scan(work, tile)
    return found if len(found.rows_a) <= most else None


def _scan_numba(work: Comparison, tile: Tile, most: int) -> Found | None:
    from linkage.kernel import compiled  # noqa: PLC0415 - a second of import, only where used

    work = work.at(tile)
    a, b, left, right = work.a, work.b, work.blocks_a, work.blocks_b
    sides = ((a.rows, a.order, a.popcounts), (b.rows, b.order, b.popcounts))
    blocks = tuple((side.words.ravel(), side.least, side.most) for side in (left, right))
    limits = (work.limits.exact, work.limits.upper, work.limits.cosine)
    corners = (tile.row_start, tile.row_stop, tile.column_start, tile.column_stop)
    place = (*corners, 2 * work.fold.pairs, work.fold.words, work.same)
    room = min(most, 1 << 17)
    while True:
        out = tuple(np.empty(room, dtype=np.int32) for _ in range(3))
        found, verified = compiled.scan(sides, blocks, limits, place, out)
        if found > most:
            return None
        if found <= room:
            return Found(out[0][:found], out[1][:found], out[2][:found], verified)
        room = found


_BLOCK: Final = ROW_BLOCK * COLUMN_BLOCK
_NUMPY_COSTS: Final = Costs(word=1.0, couple=2.0, joined=1.6, pair=0.5, verify=60.0, again=0)
_COMPILED_COSTS: Final = {
    "avx512": Costs(word=0.067, couple=0.119, joined=0.09, pair=0.02, verify=40.0, again=_BLOCK),
    "avx2": Costs(word=0.22, couple=0.43, joined=0.28, pair=0.2, verify=40.0, again=_BLOCK),
}
"""Nanoseconds on a 2.9 GHz core; what counts is how they compare with each other."""


def _numba(threads: int) -> LocalEngine:
    from linkage.kernel.instructions import instruction_set  # noqa: PLC0415 - loads the compiler

    instructions = instruction_set()
    costs = _COMPILED_COSTS.get(instructions, _COMPILED_COSTS["avx2"])
    return LocalEngine(f"numba-{instructions}", _scan_numba, threads, 1 << 26, costs)


def _numpy(threads: int) -> LocalEngine:
    return LocalEngine("numpy", _scan_numpy, threads, 1 << 22, _NUMPY_COSTS)


def select(name: str = "auto", *, threads: int | None = None) -> LocalEngine:
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
