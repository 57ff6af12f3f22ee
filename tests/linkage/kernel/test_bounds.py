"""A comparison stays within what it was given: memory, time, input it can read."""

from dataclasses import replace

import numpy as np
import pytest

from linkage.kernel import best_matches, build_index, pairs_above, self_pairs_above, warm
from linkage.kernel.engine import LocalEngine, select
from linkage.kernel.execution import Bounds, execute
from linkage.kernel.layout import Fold, sort_rows
from linkage.kernel.limits import hamming_limits
from linkage.kernel.tiles import compare_at
from linkage.refusals import (
    Cancelled,
    FilterShapeInvalid,
    ThresholdInvalid,
    TooManyPairs,
    UnknownEngine,
)
from tests.linkage.kernel.brute_force import brute_force, disturbed, listed, random_filters

ENGINES = ["numba", "numpy"]


def small_tiles(name: str) -> LocalEngine:
    return replace(select(name), tile_pairs=1 << 12)


@pytest.mark.parametrize("engine", ENGINES)
def test_more_pairs_than_allowed_are_refused_with_advice(engine: str) -> None:
    same = np.ones((50, 2), dtype=np.uint64)
    with pytest.raises(TooManyPairs, match="higher threshold"):
        pairs_above(same, same, 0.9, engine=engine, max_pairs=2499)
    assert len(pairs_above(same, same, 0.9, engine=engine, max_pairs=2500)) == 2500


def test_more_pairs_in_one_tile_than_its_buffer_are_all_found() -> None:
    same = np.ones((500, 2), dtype=np.uint64)
    assert len(pairs_above(same, same, 0.9, engine="numba")) == 250_000


@pytest.mark.parametrize("engine", ENGINES)
def test_progress_rises_to_the_total(engine: str) -> None:
    rows = random_filters(1, 300)
    seen: list[tuple[int, int]] = []
    pairs_above(
        rows, rows, 0.9, engine=small_tiles(engine), progress=lambda n, of: seen.append((n, of))
    )
    done, totals = zip(*seen, strict=True)
    assert list(done) == sorted(set(done))
    assert set(totals) == {done[-1]}


@pytest.mark.parametrize("engine", ENGINES)
def test_a_cancelled_comparison_stops(engine: str) -> None:
    rows = random_filters(1, 300)
    answers = iter([False, True])
    with pytest.raises(Cancelled):
        self_pairs_above(rows, 0.9, engine=small_tiles(engine), cancel=lambda: next(answers, True))


@pytest.mark.parametrize("threshold", [0.0, -0.5, 1.0001, float("nan")])
def test_a_threshold_outside_its_range_is_refused(threshold: float) -> None:
    rows = random_filters(1, 3)
    with pytest.raises(ThresholdInvalid):
        pairs_above(rows, rows, threshold)


def test_filters_of_different_length_are_refused() -> None:
    with pytest.raises(FilterShapeInvalid, match="different lengths"):
        pairs_above(random_filters(1, 3, bits=128), random_filters(1, 3, bits=256), 0.8)


@pytest.mark.parametrize("shape", [(4,), (2, 2, 2), (3, 0)])
def test_what_is_no_table_of_words_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(FilterShapeInvalid):
        self_pairs_above(np.zeros(shape, dtype=np.uint64), 0.8)


def test_an_unknown_engine_is_refused_by_name() -> None:
    with pytest.raises(UnknownEngine, match="quantum"):
        select("quantum")


def test_the_engine_used_is_reported() -> None:
    rows = random_filters(1, 10)
    assert pairs_above(rows, rows, 0.8, engine="numpy").engine == "numpy"
    assert pairs_above(rows, rows, 0.8, engine="numba").engine.startswith("numba-")


@pytest.mark.parametrize("engine", ENGINES)
def test_a_misjudged_fold_is_given_up_without_losing_pairs(engine: str) -> None:
    filters = random_filters(1, 400, bits=512)
    rows = sort_rows(filters)
    work = compare_at(rows, rows, hamming_limits(0.6, 512), fold=Fold(0, 1), same=False)
    found = execute(work, small_tiles(engine), Bounds())
    assert found.width == 8
    assert listed(found) == brute_force(filters, filters, 0.6)


@pytest.mark.parametrize("engine", ENGINES)
def test_best_matches_are_the_best_of_all_matches(engine: str) -> None:
    stored = random_filters(4, 300)
    queries = np.vstack([disturbed(stored[:40], 5, 0.05), np.zeros((1, 4), dtype=np.uint64)])
    index = build_index(stored, 0.5, engine=engine)
    expected = sorted(brute_force(queries, stored, 0.5), key=lambda p: (p[0], -p[2], p[1]))
    assert listed(best_matches(queries, index, most=1000)) == expected
    best: dict[int, list[tuple[int, int, float]]] = {}
    for pair in expected:
        best.setdefault(pair[0], []).append(pair)
    few = [pair for pairs in best.values() for pair in pairs[:2]]
    assert listed(best_matches(queries, index, most=2)) == few


def test_warming_up_compiles_without_input() -> None:
    warm()
