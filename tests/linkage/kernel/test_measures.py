"""By every measure, ranked or summed over views, exactly what comparing every pair in full finds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.kernel import (
    Measure,
    View,
    Words,
    best_per_row,
    pairs_above,
    self_pairs_above,
    summed_pairs,
)
from linkage.kernel.limits import limits_for, similarity
from linkage.refusals import LevelsInvalid, LimitTooLow
from tests.linkage.kernel.brute_force import Pairs, disturbed, listed, random_filters

ENGINES = ["numba", "numpy"]


def every_score(
    a: Words, b: Words, measure: Measure
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Similarity of every row of ``a`` with every row of ``b``."""
    common = np.bitwise_count(a[:, None] & b[None]).sum(axis=2, dtype=np.int64)
    counts_a, counts_b = (np.bitwise_count(side).sum(axis=1, dtype=np.int64) for side in (a, b))
    sizes = np.broadcast_arrays(counts_a[:, None], counts_b[None])
    scores = similarity(measure, common, *sizes, bits=64 * a.shape[1])
    return np.where((sizes[0] > 0) & (sizes[1] > 0), scores, 0.0)


def reaching(scores: np.ndarray[tuple[int, int], np.dtype[np.float64]], limit: float) -> Pairs:
    return [(int(i), int(j), float(scores[i, j])) for i, j in np.argwhere(scores >= limit)]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("measure", list(Measure))
@given(
    seed=st.integers(0, 99),
    words=st.sampled_from([1, 4, 16]),
    fill=st.sampled_from([0.05, 0.3, 0.5, 0.9]),
    threshold=st.sampled_from([0.05, 0.4, 0.6, 2 / 3, 0.75, 0.85, 0.95, 1.0]),
    sizes=st.tuples(st.integers(0, 50), st.integers(0, 70)),
)
def test_pairs_equal_brute_force_by_every_measure(
    engine: str,
    measure: Measure,
    seed: int,
    words: int,
    fill: float,
    threshold: float,
    sizes: tuple[int, int],
) -> None:
    a = random_filters(seed, sizes[0], bits=64 * words, fill=fill)
    close = disturbed(a[: sizes[1] // 2], seed, 0.05)
    b = np.vstack([close, random_filters(seed + 1, sizes[1] // 2, bits=64 * words, fill=fill / 2)])
    expected = reaching(every_score(a, b, measure), threshold)
    assert listed(pairs_above(a, b, threshold, measure=measure, engine=engine)) == expected
    triangle = [p for p in reaching(every_score(b, b, measure), threshold) if p[0] < p[1]]
    assert listed(self_pairs_above(b, threshold, measure=measure, engine=engine)) == triangle


@pytest.mark.parametrize("measure", list(Measure))
@pytest.mark.parametrize("threshold", [0.001, 0.5, 2 / 3, 0.85, 1.0])
def test_limits_lose_no_pair_of_popcounts(measure: Measure, threshold: float) -> None:
    limits, bits = limits_for(measure, threshold, 64), 64
    sizes_a, sizes_b, common = np.indices((bits + 1, bits + 1, bits + 1))
    real = (common <= np.minimum(sizes_a, sizes_b)) & (sizes_a + sizes_b - common <= bits)
    real &= (sizes_a > 0) & (sizes_b > 0)
    sizes_a, sizes_b, common = sizes_a[real], sizes_b[real], common[real]
    enough = similarity(measure, common, sizes_a, sizes_b, bits=bits) >= threshold
    within = sizes_a + sizes_b - 2 * common <= limits.exact[sizes_a + sizes_b]
    assert within[enough].all()
    if measure is not Measure.COSINE:
        assert (within == enough).all()


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("measure", [Measure.DICE, Measure.COSINE])
@pytest.mark.parametrize("most", [1, 3, 500])
def test_the_best_of_every_row_are_the_best_of_all(
    engine: str, measure: Measure, most: int
) -> None:
    a = random_filters(1, 60)
    b = np.vstack([disturbed(a[:40], 2, 0.04), disturbed(a[:40], 3, 0.2), random_filters(4, 50)])
    expected = []
    for row, scores in enumerate(every_score(a, b, measure)):
        order = [j for j in np.lexsort((np.arange(len(b)), -scores)) if scores[j] >= 0.45]
        expected += [(row, int(j), float(scores[j])) for j in order[:most]]
    found = best_per_row(a, b, most, floor=0.45, measure=measure, engine=engine)
    assert listed(found) == expected


def views(seed: int, *, absent: bool, same: bool = False) -> list[View]:
    """Three views of the same records, told apart by words, cuts and weights."""
    rng = np.random.default_rng(seed)
    made = []
    tables = [
        ((0.5, 0.8), (-3.0, 1.0, 6.0)),
        ((0.7,), (-2.0, 5.0)),
        ((0.4, 0.6, 0.9), (-4.0, 0.0, 2.0, 7.0)),
    ]
    for words, (cuts, weights) in zip((2, 1, 4), tables, strict=True):
        a = random_filters(seed + words, 80, bits=64 * words)
        b = a if same else disturbed(a, seed, 0.08)
        masks = [rng.random(80) > 0.2 for _ in range(2)]
        left, right = (masks[0], masks[0] if same else masks[1]) if absent else (None, None)
        made.append(View(a, b, cuts, weights, left, right, missing=0.5))
    return made


def every_sum(chosen: list[View]) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    size = len(chosen[0].a)
    rows = np.repeat(np.arange(size), size), np.tile(np.arange(size), size)
    total = np.zeros(size * size)
    for view in chosen:
        level = np.searchsorted(view.cuts, every_score(view.a, view.b, view.measure), side="right")
        weight = np.array(view.weights)[level].ravel()
        for mask, at in ((view.present_a, rows[0]), (view.present_b, rows[1])):
            weight = weight if mask is None else np.where(mask[at], weight, view.missing)
        total += weight
    return total.reshape(size, size)


@pytest.mark.parametrize("absent", [False, True])
@pytest.mark.parametrize("limit", [2.0, 4.5, 9.0, 18.0])
@pytest.mark.parametrize("seed", [1, 2])
def test_sums_over_views_equal_brute_force(absent: bool, limit: float, seed: int) -> None:
    chosen = views(seed, absent=absent)
    assert listed(summed_pairs(chosen, limit)) == reaching(every_sum(chosen), limit)


def test_sums_within_one_source_name_each_pair_once() -> None:
    chosen = views(3, absent=True, same=True)
    expected = [pair for pair in reaching(every_sum(chosen), 3.0) if pair[0] < pair[1]]
    assert listed(summed_pairs(chosen, 3.0, same=True)) == expected


def test_a_limit_that_pairs_alike_in_nothing_reach_is_refused() -> None:
    with pytest.raises(LimitTooLow):
        summed_pairs(views(1, absent=True), 1.5)
    assert len(summed_pairs(views(1, absent=False), 30.0)) == 0


@pytest.mark.parametrize(
    ("cuts", "weights"),
    [
        ((), (1.0,)),
        ((0.0,), (0.0, 1.0)),
        ((0.8, 0.5), (0.0, 1.0, 2.0)),
        ((0.5, 1.1), (0.0, 1.0, 2.0)),
        ((0.5,), (1.0,)),
    ],
    ids=["no_cut", "cut_at_zero", "cuts_that_fall", "cut_above_one", "weight_missing"],
)
def test_levels_that_make_no_sense_are_refused(
    cuts: tuple[float, ...], weights: tuple[float, ...]
) -> None:
    rows = random_filters(1, 3)
    with pytest.raises(LevelsInvalid):
        View(rows, rows, cuts, weights)
