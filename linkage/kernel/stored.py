"""Stored tiles: what is computed once is kept in a folder, so that a restarted run goes on from there.

A folder serves any number of comparisons: each has a part of its own, named by the fingerprint of
everything its pairs depend on. A file holds row numbers and counts of common bits, and no filter;
it appears under its name only when complete, readable by its owner alone, and a damaged one counts
as missing.
"""

from __future__ import annotations

import os
import tempfile
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from linkage.digests import sha256
from linkage.kernel.engine import Costs, Engine, Scan
from linkage.kernel.layout import Sorted
from linkage.kernel.tiles import Comparison, Found, Tile

_FORMAT: Final = b"tile-1\n"
_DIGEST: Final = 64


@dataclass(frozen=True, slots=True)
class StoredEngine:
    """An engine whose tiles are kept in ``folder``; those already there are not computed again.

    The folder may be deleted whenever no run uses it.
    """

    inner: Engine
    folder: Path

    @property
    def name(self) -> str:
        """The name of the engine that computes."""
        return self.inner.name

    @property
    def scan(self) -> Scan:
        """The scan of the engine that computes; planning is not stored."""
        return self.inner.scan

    @property
    def tile_pairs(self) -> int:
        """The tile of the engine that computes."""
        return self.inner.tile_pairs

    @property
    def costs(self) -> Costs:
        """The costs of the engine that computes."""
        return self.inner.costs

    def map(
        self, work: Comparison, tiles: Iterable[Tile], most: int
    ) -> Generator[tuple[Tile, Found | None], None, None]:
        """Read what is there, compute and keep what is not; in the order of the tiles."""
        part = self.folder / fingerprint(work)
        part.mkdir(parents=True, exist_ok=True, mode=0o700)
        listed: deque[Tile] = deque()
        with closing(self.inner.map(work, _missing(part, tiles, listed), most)) as computed:
            for tile, found in computed:
                while listed[0] != tile:
                    yield self._known(work, part, listed.popleft(), most)
                _keep(part, listed.popleft(), found)
                yield tile, found
        while listed:
            yield self._known(work, part, listed.popleft(), most)

    def _known(
        self, work: Comparison, part: Path, tile: Tile, most: int
    ) -> tuple[Tile, Found | None]:
        found = read(part, tile)
        if found is None:
            found = self.inner.scan(work, tile, most)
            _keep(part, tile, found)
        return tile, found


def _missing(part: Path, tiles: Iterable[Tile], listed: deque[Tile]) -> Iterator[Tile]:
    """The tiles still to compute; all that were looked at are listed, in their order."""
    for tile in tiles:
        listed.append(tile)
        if not _path(part, tile).exists():
            yield tile


def fingerprint(work: Comparison) -> str:
    """Name of a comparison by what its pairs depend on: both inputs, measure and threshold."""
    limits = work.limits
    rule = f"{limits.measure} {limits.threshold!r} {limits.bits} {work.same}"
    parts = [rule, *_named(work.a), *([] if work.same else _named(work.b))]
    return sha256("\n".join(parts).encode())[:32]


def _named(side: Sorted) -> list[str]:
    columns = np.ascontiguousarray(side.rows), np.ascontiguousarray(side.order)
    return [str(side.count), *(sha256(column.data) for column in columns)]


def _path(part: Path, tile: Tile) -> Path:
    corners = tile.row_start, tile.row_stop, tile.column_start, tile.column_stop
    return part / ("-".join(map(str, corners)) + ".tile")


def _keep(part: Path, tile: Tile, found: Found | None) -> None:
    if found is None:
        return
    columns = found.rows_a, found.rows_b, found.common
    counts = np.array([found.verified, len(found.rows_a)], dtype="<i8")
    body = counts.tobytes() + b"".join(column.astype("<i4").tobytes() for column in columns)
    handle, name = tempfile.mkstemp(dir=part, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(_FORMAT + sha256(body).encode() + body)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(_path(part, tile))
    except OSError as error:  # a full disk says nothing of the file
        Path(name).unlink(missing_ok=True)
        error.filename = str(part)
        raise


def read(part: Path, tile: Tile) -> Found | None:
    """A tile as it was kept; None where it is damaged."""
    raw = _path(part, tile).read_bytes()
    start = len(_FORMAT) + _DIGEST
    body = raw[start:]
    if raw[:start] != _FORMAT + sha256(body).encode():
        return None
    verified, count = np.frombuffer(body, dtype="<i8", count=2)
    columns = np.frombuffer(body, dtype="<i4", offset=16).astype(np.int32).reshape(3, int(count))
    return Found(columns[0], columns[1], columns[2], int(verified))
