"""A run goes on where it was ended, and takes no stored tile for another's."""

import errno
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from linkage.kernel import Words, pairs_above, self_pairs_above
from linkage.kernel.engine import LocalEngine, select
from linkage.kernel.stored import StoredEngine
from linkage.kernel.tiles import Comparison, Found, Tile
from linkage.refusals import Cancelled
from tests.linkage.kernel.brute_force import brute_force, disturbed, listed, random_filters


def counting() -> tuple[LocalEngine, list[Tile]]:
    """An engine of small tiles that tells which of them it computed."""
    inner = select("numba")
    done: list[Tile] = []

    def scan(work: Comparison, tile: Tile, most: int) -> Found | None:
        if len(work.a.order) == 300:
            done.append(tile)
        return inner.scan(work, tile, most)

    return replace(inner, scan=scan, tile_pairs=1 << 12, threads=1), done


def sides() -> tuple[Words, Words]:
    a = random_filters(1, 300)
    return a, np.vstack([disturbed(a[:200], 2, 0.05), random_filters(3, 100)])


def cancelled_after(tiles: int) -> Callable[[], bool]:
    answers = iter([False] * tiles)
    return lambda: next(answers, True)


def test_a_cancelled_run_goes_on_with_the_tiles_that_are_missing(tmp_path: Path) -> None:
    (a, b), (inner, done) = sides(), counting()
    engine = StoredEngine(inner, tmp_path)
    with pytest.raises(Cancelled):
        pairs_above(a, b, 0.6, engine=engine, cancel=cancelled_after(9))
    before = list(tmp_path.rglob("*.tile"))
    done.clear()
    seen: list[tuple[int, int]] = []
    pairs = pairs_above(a, b, 0.6, engine=engine, progress=lambda n, of: seen.append((n, of)))
    everything = list(tmp_path.rglob("*.tile"))
    planned = done.count(done[0]) if done[0].pairs > 1 << 16 else 0
    assert 0 < len(before) < len(everything)
    assert len([t for t in done if t.pairs <= 1 << 12]) - planned <= len(everything) - len(before)
    assert listed(pairs) == brute_force(a, b, 0.6)
    assert seen[-1][0] == seen[-1][1]


def test_a_finished_run_is_read_without_computing(tmp_path: Path) -> None:
    (a, b), (inner, done) = sides(), counting()
    engine = StoredEngine(inner, tmp_path)
    first = pairs_above(a, b, 0.6, engine=engine)
    computed = len([tile for tile in done if tile.pairs <= 1 << 12])
    assert listed(pairs_above(a, b, 0.6, engine=engine)) == listed(first)
    assert len([tile for tile in done if tile.pairs <= 1 << 12]) == computed


def test_tiles_of_other_inputs_or_thresholds_are_not_taken(tmp_path: Path) -> None:
    (a, b), engine = sides(), StoredEngine(counting()[0], tmp_path)
    changed = a.copy()
    changed[7] ^= np.uint64(1)
    for left, right, threshold in [(a, b, 0.6), (a, b, 0.7), (changed, b, 0.6), (b, a, 0.6)]:
        found = listed(pairs_above(left, right, threshold, engine=engine))
        assert found == brute_force(left, right, threshold)
    triangle = [pair for pair in brute_force(a, a, 0.6) if pair[0] < pair[1]]
    assert listed(pairs_above(a, a, 0.6, engine=engine)) == brute_force(a, a, 0.6)
    assert listed(self_pairs_above(a, 0.6, engine=engine)) == triangle


@pytest.mark.parametrize("defect", ["truncated", "one_bit_flipped", "empty"])
def test_a_damaged_tile_is_computed_again(tmp_path: Path, defect: str) -> None:
    (a, b), engine = sides(), StoredEngine(counting()[0], tmp_path)
    pairs_above(a, b, 0.6, engine=engine)
    for path in tmp_path.rglob("*.tile"):
        raw = path.read_bytes()
        flipped = raw[:-1] + bytes([raw[-1] ^ 1])
        path.write_bytes({"truncated": raw[:-5], "one_bit_flipped": flipped, "empty": b""}[defect])
    assert listed(pairs_above(a, b, 0.6, engine=engine)) == brute_force(a, b, 0.6)


def test_stored_tiles_are_for_their_owner_alone(tmp_path: Path) -> None:
    a, b = sides()
    pairs_above(a, b, 0.6, engine=StoredEngine(counting()[0], tmp_path))
    files = [*tmp_path.rglob("*.tile")]
    assert files
    assert all(path.stat().st_mode & 0o077 == 0 for path in [*files, files[0].parent])
    assert not list(tmp_path.rglob("*.part"))


def test_a_full_disk_is_named_and_leaves_nothing_half(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    (a, b), (inner, _) = sides(), counting()
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match=str(tmp_path)):
        pairs_above(a, b, 0.6, engine=StoredEngine(inner, tmp_path))
    assert list(tmp_path.rglob("*.part")) == []
