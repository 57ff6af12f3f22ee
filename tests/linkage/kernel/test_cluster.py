"""A cluster finds what one process finds, also when a worker dies on the way."""

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import distributed
import numpy as np
import pytest

from linkage.kernel import Words, pairs_above, self_pairs_above
from linkage.kernel.cluster import on_cluster, scan_here
from linkage.kernel.layout import LAYOUT, Fold, sort_rows
from linkage.kernel.limits import hamming_limits
from linkage.kernel.stored import StoredEngine
from linkage.kernel.tiles import compare_at, cut
from linkage.refusals import Cancelled, ClusterMissing
from tests.linkage.kernel.brute_force import disturbed, listed, random_filters


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A scheduler and two worker processes."""
    options = {"dashboard_address": None, "silence_logs": 50, "host": "127.0.0.1"}
    start: Any = distributed.LocalCluster
    with start(n_workers=2, threads_per_worker=1, processes=True, **options) as started:
        yield started


def sides() -> tuple[Words, Words]:
    a = random_filters(1, 2000, bits=512)
    return a, np.vstack([disturbed(a[:1500], 2, 0.05), random_filters(3, 500, bits=512)])


def test_the_pairs_and_their_order_are_those_of_one_process(cluster: Any) -> None:
    a, b = sides()
    engine = on_cluster(cluster.scheduler_address, tile_pairs=1 << 18)
    seen: list[tuple[int, int]] = []
    pairs = pairs_above(a, b, 0.7, engine=engine, progress=lambda n, of: seen.append((n, of)))
    assert listed(pairs) == listed(pairs_above(a, b, 0.7))
    assert len(seen) > 4
    assert seen[-1][0] == seen[-1][1]
    assert pairs.engine.endswith("on dask")
    assert listed(self_pairs_above(b, 0.7, engine=engine)) == listed(self_pairs_above(b, 0.7))


def test_a_killed_worker_loses_no_pair(cluster: Any, tmp_path: Path) -> None:
    a, b = sides()
    engine = on_cluster(cluster.scheduler_address, engine="numpy", tile_pairs=1 << 18)
    killed: list[int] = []

    def kill_one(_done: int, _all: int) -> None:
        if not killed:
            killed.append(next(iter(cluster.workers.values())).pid)
            os.kill(killed[0], signal.SIGKILL)

    pairs = pairs_above(a, b, 0.7, engine=StoredEngine(engine, tmp_path), progress=kill_one)
    assert killed
    assert listed(pairs) == listed(pairs_above(a, b, 0.7))


def test_a_cancelled_cluster_run_goes_on_in_one_process(cluster: Any, tmp_path: Path) -> None:
    a, b = sides()
    engine = on_cluster(cluster.scheduler_address, tile_pairs=1 << 18)
    answers = iter([False] * 12)
    stored = StoredEngine(engine, tmp_path)
    with pytest.raises(Cancelled):
        pairs_above(a, b, 0.7, engine=stored, cancel=lambda: next(answers, True))
    assert list(tmp_path.rglob("*.tile"))
    local = replace(engine.local, tile_pairs=1 << 18)
    pairs = pairs_above(a, b, 0.7, engine=StoredEngine(local, tmp_path))
    assert listed(pairs) == listed(pairs_above(a, b, 0.7))


def test_a_scheduler_that_does_not_answer_is_refused() -> None:
    a, b = sides()
    with pytest.raises(ClusterMissing, match="does not answer"):
        pairs_above(a, b, 0.7, engine=on_cluster("tcp://127.0.0.1:9", timeout=0.5))


def test_a_worker_with_another_version_of_the_library_is_refused() -> None:
    rows = sort_rows(random_filters(1, 20))
    work = compare_at(rows, rows, hamming_limits(0.8, 256), fold=Fold(0, 4), same=False)
    tile = next(cut(work, pairs=1 << 20))
    with pytest.raises(ClusterMissing, match="another version"):
        scan_here(work, tile, 10, "numba", LAYOUT - 1)
