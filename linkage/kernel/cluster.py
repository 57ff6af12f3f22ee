"""Cluster: tiles on the workers of a Dask scheduler; the data goes to every worker once.

The protocol between scheduler and workers carries Python objects: whoever may speak it may run code.
Give it a network of its own or the scheduler's TLS, and only machines that may see the encodings.
A worker that dies loses nothing: its tiles are computed elsewhere, and its copy of the data has
others.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Generator, Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Final

from linkage.kernel.engine import Costs, LocalEngine, Scan, ordered, select
from linkage.kernel.layout import LAYOUT
from linkage.kernel.tiles import Comparison, Found, Tile
from linkage.refusals import ClusterMissing

_TILE_PAIRS: Final = 1 << 29
"""A fifth of a second on one core: a task costs the scheduler some milliseconds."""
_TIMEOUT: Final = 10.0
"""Seconds in which the scheduler has to answer."""
_AHEAD: Final = 4
"""Tiles under way for each thread of the cluster."""


@dataclass(frozen=True, slots=True)
class ClusterEngine:
    """Tiles computed by the workers of the Dask scheduler at ``address``.

    ``local`` plans here and names what computes; workers with another version of the library are refused.
    """

    address: str
    local: LocalEngine
    tile_pairs: int = _TILE_PAIRS
    timeout: float = _TIMEOUT

    @property
    def name(self) -> str:
        """What reports show: the local engine, on Dask."""
        return f"{self.local.name} on dask"

    @property
    def scan(self) -> Scan:
        """The scan of the local engine."""
        return self.local.scan

    @property
    def costs(self) -> Costs:
        """The costs of the local engine."""
        return self.local.costs

    def map(
        self, work: Comparison, tiles: Iterable[Tile], most: int
    ) -> Generator[tuple[Tile, Found | None], None, None]:
        """Compute tiles on the cluster and give them in their order.

        Raises:
            ClusterMissing: the extra is not installed, the scheduler does not answer, or a worker has
                another version of the library.
        """
        client = _client(self.address, self.timeout)
        try:
            data = client.scatter(work, broadcast=True, hash=False)
            kind = self.local.name.partition("-")[0]
            ahead = _AHEAD * max(sum(client.nthreads().values()), 1)

            def submit(tile: Tile) -> Future[Found | None]:
                task: Future[Found | None] = client.submit(
                    scan_here, data, tile, most, kind, LAYOUT, pure=False, retries=_RETRIES
                )
                return task

            yield from ordered(tiles, submit, ahead)
        finally:
            client.close()


_RETRIES: Final = 3


def on_cluster(
    address: str,
    *,
    engine: str = "auto",
    tile_pairs: int = _TILE_PAIRS,
    timeout: float = _TIMEOUT,
) -> ClusterEngine:
    """An engine for the scheduler at ``address`` (``tcp://host:8786``, ``tls://host:8786``).

    Raises:
        ClusterMissing: the extra is not installed.
        UnknownEngine: no such engine to compute with on the workers.
    """
    if importlib.util.find_spec("distributed") is None:
        raise ClusterMissing("the extra 'dask' is not installed")
    return ClusterEngine(address, select(engine), tile_pairs, timeout)


def _client(address: str, timeout: float) -> Any:
    import distributed  # noqa: PLC0415 - an extra, and a second of import

    connect: Any = distributed.Client
    try:
        return connect(address, timeout=timeout, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ClusterMissing(f"the scheduler at {address} does not answer") from error


def scan_here(work: Comparison, tile: Tile, most: int, engine: str, layout: int) -> Found | None:
    """What a worker does for a tile.

    Raises:
        ClusterMissing: the rows were laid out by another version of the library.
    """
    if layout != LAYOUT:
        raise ClusterMissing("a worker has another version of the library")
    return select(engine, threads=1).scan(work, tile, most)
