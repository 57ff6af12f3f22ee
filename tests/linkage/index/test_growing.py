"""A growing index finds what counting every bit finds, whatever came, went or was laid out anew meanwhile."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.index import GrowingIndex, growing
from linkage.kernel.layout import Words
from linkage.refusals import FilterShapeInvalid, ThresholdInvalid
from tests.linkage.kernel.brute_force import disturbed, random_filters

WIDTH = 2
THRESHOLD = 0.65


def by_counting(
    queries: Words, rows: Words, alive: np.ndarray, most: int
) -> list[tuple[int, int, float]]:
    """Every pair compared bit by bit."""
    found = []
    for place, query in enumerate(queries):
        common = np.bitwise_count(query & rows).sum(axis=1, dtype=np.int64)
        both = np.bitwise_count(query).sum() + np.bitwise_count(rows).sum(axis=1, dtype=np.int64)
        scores = np.divide(2.0 * common, both, out=np.zeros(len(rows)), where=both > 0)
        hits = [row for row in np.flatnonzero(alive) if scores[row] >= THRESHOLD]
        ranked = sorted(hits, key=lambda row: (-scores[row], row))[:most]
        found += [(place, int(row), float(scores[row])) for row in ranked]
    return found


def similar(rng: np.random.Generator, count: int) -> Words:
    """Rows around a few centers, so that many pairs are close to the threshold; some are empty."""
    centers = rng.integers(0, 1 << 64, (4, WIDTH), dtype=np.uint64)
    noise = rng.integers(0, 1 << 64, (2, count, WIDTH), dtype=np.uint64)
    rows: Words = centers[rng.integers(0, 4, count)] ^ (noise[0] & noise[1])
    rows[rng.random(count) < 0.02] = 0
    return rows


@given(
    seed=st.integers(0, 10_000),
    sizes=st.lists(st.integers(1, 300), min_size=1, max_size=12),
    dead=st.floats(0, 0.9),
    most=st.sampled_from([1, 5, 10_000]),
)
def test_it_finds_what_counting_every_bit_finds(
    seed: int, sizes: list[int], dead: float, most: int
) -> None:
    rng = np.random.default_rng(seed)
    total = sum(sizes)
    rows, alive = similar(rng, total), np.ones(total, np.bool_)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(growing, "_WAITING", 64)
        patch.setattr(growing, "_LARGEST", 512)
        index = GrowingIndex(words=WIDTH, threshold=THRESHOLD, threads=2)
        done = 0
        for size in sizes:
            numbers = np.arange(done, done + size, dtype=np.int32)
            index.add(rows[numbers], numbers, alive)
            done += size
            alive[:done] &= rng.random(done) >= dead / len(sizes)
        queries = np.concatenate([rows[:3], similar(rng, 4)])
        found = index.search(queries, alive, most=most)
        index.close()
    listed = list(
        zip(found.queries.tolist(), found.rows.tolist(), found.scores.tolist(), strict=True)
    )
    assert listed == by_counting(queries, rows, alive, most)


def test_a_query_alone_finds_what_it_finds_among_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growing, "_WAITING", 1024)
    monkeypatch.setattr(growing, "_WORTH_A_FOLD", 2048)
    rows = random_filters(16, 4500, bits=1024, fill=0.3)
    numbers, alive = np.arange(len(rows), dtype=np.int32), np.ones(len(rows), np.bool_)
    index = GrowingIndex(words=16, threshold=0.85)
    index.add(rows, numbers, alive)
    queries = disturbed(rows[::450], 3, 0.05)
    together = index.search(queries, alive, most=5)
    alone = [index.search(query[None], alive, most=5) for query in queries]
    index.close()
    assert {segment.fold.pairs > 0 for segment in index._segments} == {True}
    assert len(together) >= len(queries)
    assert np.concatenate([one.rows for one in alone]).tolist() == together.rows.tolist()
    assert np.concatenate([one.scores for one in alone]).tolist() == together.scores.tolist()


def test_rows_that_no_longer_count_give_their_memory_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growing, "_WAITING", 64)
    monkeypatch.setattr(growing, "_LARGEST", 256)
    rng = np.random.default_rng(1)
    alive = np.ones(1 << 12, np.bool_)
    index = GrowingIndex(words=WIDTH, threshold=THRESHOLD)
    for start in range(0, len(alive), 64):
        numbers = np.arange(start, start + 64, dtype=np.int32)
        index.add(similar(rng, 64), numbers, alive)
        alive[:start] = False
    assert len(index) < len(alive) / 4
    index.close()


def test_no_segment_grows_beyond_its_largest_size() -> None:
    rng = np.random.default_rng(1)
    alive = np.ones(600_000, np.bool_)
    index = GrowingIndex(words=WIDTH, threshold=THRESHOLD)
    for start in range(0, len(alive), 20_000):
        numbers = np.arange(start, start + 20_000, dtype=np.int32)
        index.add(rng.integers(1, 1 << 64, (20_000, WIDTH), dtype=np.uint64), numbers, alive)
    sizes = [len(segment) for segment in index._segments]  # its law
    assert len(index) == len(alive)
    assert len(sizes) < 12
    assert max(sizes) <= 1 << 18
    index.close()


def test_an_empty_index_and_an_empty_query_find_nothing() -> None:
    alive = np.ones(1, np.bool_)
    index = GrowingIndex(words=WIDTH, threshold=THRESHOLD)
    some = np.ones((1, WIDTH), np.uint64)
    assert len(index.search(some, alive, most=5)) == 0
    index.add(some, np.zeros(1, np.int32), alive)
    assert len(index.search(np.zeros((1, WIDTH), np.uint64), alive, most=5)) == 0
    assert len(index.search(some, alive, most=5)) == 1
    index.close()


def test_filters_of_another_width_are_refused() -> None:
    index = GrowingIndex(words=WIDTH, threshold=THRESHOLD)
    alive = np.ones(2, np.bool_)
    with pytest.raises(FilterShapeInvalid):
        index.search(np.ones((1, 3), np.uint64), alive, most=5)
    with pytest.raises(FilterShapeInvalid):
        index.add(np.ones((1, 3), np.uint64), np.zeros(1, np.int32), alive)
    with pytest.raises(FilterShapeInvalid):
        index.add(np.ones((1, WIDTH), np.uint64), np.zeros(2, np.int32), alive)
    index.close()


@pytest.mark.parametrize("threshold", [0.0, -0.1, 1.1])
def test_a_threshold_lies_above_zero_and_at_most_at_one(threshold: float) -> None:
    with pytest.raises(ThresholdInvalid):
        GrowingIndex(words=WIDTH, threshold=threshold)
