"""The kernel finds exactly what comparing every pair in full finds."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.kernel import Words, pairs_above, self_pairs_above
from linkage.kernel.engine import select
from linkage.kernel.execution import Bounds, execute
from linkage.kernel.layout import Fold, sort_rows, xor_fold
from linkage.kernel.limits import hamming_limits
from linkage.kernel.tiles import compare_at, compare_by, cut
from tests.linkage.kernel.brute_force import brute_force, disturbed, listed, random_filters

ENGINES = ["numba", "numpy"]
THRESHOLDS = [0.001, 0.3, 0.5, 0.62, 2 / 3, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1.0]


def both_sides(seed: int, words: int = 4) -> tuple[Words, Words]:
    a = random_filters(seed, 150, bits=64 * words)
    b = np.vstack([disturbed(a[:90], seed, 0.06), random_filters(seed + 1, 61, bits=64 * words)])
    return a, b


@st.composite
def filters(draw: st.DrawFn, words: int) -> Words:
    """Few rows over few bits, so that ties, empty rows and threshold hits on the dot are common."""
    alphabet = st.sampled_from([0, 1, 2, 3, 7, 2**63, 2**64 - 1, 0b10110, 0b11110])
    row = st.lists(alphabet, min_size=words, max_size=words)
    rows = draw(st.lists(row, min_size=0, max_size=40))
    return np.array(rows, dtype=np.uint64).reshape(len(rows), words)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("threshold", THRESHOLDS)
@pytest.mark.parametrize("words", [1, 3, 8, 16])
def test_pairs_equal_brute_force(engine: str, threshold: float, words: int) -> None:
    a, b = both_sides(7, words)
    assert listed(pairs_above(a, b, threshold, engine=engine)) == brute_force(a, b, threshold)


@pytest.mark.parametrize("engine", ENGINES)
@given(data=st.data(), words=st.integers(1, 3), threshold=st.sampled_from(THRESHOLDS))
def test_pairs_equal_brute_force_on_hostile_filters(
    engine: str, data: st.DataObject, words: int, threshold: float
) -> None:
    a, b = data.draw(filters(words)), data.draw(filters(words))
    assert listed(pairs_above(a, b, threshold, engine=engine)) == brute_force(a, b, threshold)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("width", range(1, 9))
@pytest.mark.parametrize("pairs", range(5))
def test_every_fold_gives_the_same_pairs(engine: str, width: int, pairs: int) -> None:
    a, b = both_sides(3, words=8)
    joined = min(pairs, width // 2)
    fold = Fold(joined, width - 2 * joined)
    limits = hamming_limits(0.7, 512)
    work = compare_at(sort_rows(a), sort_rows(b), limits, fold=fold, same=False)
    assert listed(execute(work, select(engine), Bounds())) == brute_force(a, b, 0.7)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("same", [False, True])
def test_tiles_folded_in_different_ways_give_the_same_pairs(engine: str, same: bool) -> None:
    a, b = both_sides(3, words=8)
    left, right = sort_rows(a), sort_rows(a if same else b)
    folds = [(320, Fold(2, 1)), (280, Fold(0, 8)), (330, Fold(1, 2)), (350, Fold(2, 1))]
    work = compare_by(left, right, hamming_limits(0.7, 512), folds=folds, same=same)
    chosen = replace(select(engine), tile_pairs=1 << 10)
    used = {work.at(tile).fold for tile in cut(work, pairs=1 << 10)}
    expected = brute_force(a, a if same else b, 0.7)
    assert len(used) > 1
    assert listed(execute(work, chosen, Bounds())) == [
        pair for pair in expected if not same or pair[0] < pair[1]
    ]


@pytest.mark.parametrize("engine", ENGINES)
def test_self_pairs_are_the_upper_triangle(engine: str) -> None:
    a, b = both_sides(11)
    both = np.vstack([a, b])
    expected = [pair for pair in brute_force(both, both, 0.7) if pair[0] < pair[1]]
    assert listed(self_pairs_above(both, 0.7, engine=engine)) == expected


@given(data=st.data(), threshold=st.sampled_from(THRESHOLDS))
def test_self_pairs_are_the_upper_triangle_of_hostile_filters(
    data: st.DataObject, threshold: float
) -> None:
    rows = data.draw(filters(2))
    expected = [pair for pair in brute_force(rows, rows, threshold) if pair[0] < pair[1]]
    assert listed(self_pairs_above(rows, threshold)) == expected


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("tile_pairs", [1, 1 << 12, 1 << 26])
def test_threads_and_tiles_do_not_change_the_result(threads: int, tile_pairs: int) -> None:
    a, b = both_sides(5)
    engine = replace(select("numba", threads=threads), tile_pairs=tile_pairs)
    assert listed(pairs_above(a, b, 0.6, engine=engine)) == brute_force(a, b, 0.6)


@pytest.mark.parametrize("engine", ENGINES)
def test_two_empty_filters_carry_no_evidence(engine: str) -> None:
    empty = np.zeros((5, 4), dtype=np.uint64)
    assert len(pairs_above(empty, empty, 0.001, engine=engine)) == 0
    assert len(self_pairs_above(empty, 0.001, engine=engine)) == 0


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("sizes", [(0, 0), (0, 5), (5, 0), (1, 1)])
def test_tiny_inputs_are_no_special_case(engine: str, sizes: tuple[int, int]) -> None:
    a, b = (np.full((size, 2), 5, dtype=np.uint64) for size in sizes)
    expected = [(i, j, 1.0) for i in range(sizes[0]) for j in range(sizes[1])]
    assert listed(pairs_above(a, b, 1.0, engine=engine)) == expected


def test_the_limit_on_the_dot_is_kept_although_it_is_not_monotone() -> None:
    limits = hamming_limits(0.85, 1024)
    assert (np.diff(limits.exact) < 0).any(), "parity makes the limit fall and rise"
    assert (np.diff(limits.upper) >= 0).all()
    assert (limits.upper >= limits.exact).all()


@given(threshold=st.floats(0.001, 1.0), bits=st.sampled_from([64, 128, 512]))
def test_limits_say_what_the_division_says(threshold: float, bits: int) -> None:
    limits = hamming_limits(threshold, bits)
    for total in range(1, 2 * bits + 1, 7):
        reach = [c for c in range(total // 2 + 1) if 2.0 * c / total >= threshold]
        assert limits.exact[total] == (total - 2 * reach[0] if reach else -1)


@given(data=st.data(), width=st.integers(1, 5))
def test_folding_never_moves_two_filters_apart(data: st.DataObject, width: int) -> None:
    rows = data.draw(filters(5))
    folded = xor_fold(rows, width)
    for i in range(len(rows)):
        far = np.bitwise_count(rows[i] ^ rows).sum(axis=1, dtype=np.int64)
        near = np.bitwise_count(folded[i] ^ folded).sum(axis=1, dtype=np.int64)
        assert (near <= far).all()
