"""The best assignment is what trying everything finds, and what scipy finds."""

from itertools import permutations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment  # type: ignore[import-untyped]  # scipy has none

from linkage.classify import one_to_one
from linkage.decide.assignment import best_assignment, cheapest
from linkage.kernel import PairTable

CELLS = st.dictionaries(
    st.tuples(st.integers(0, 3), st.integers(0, 3)), st.integers(-5, 20).map(float), max_size=12
)


def table(cells: dict[tuple[int, int], float]) -> PairTable:
    ordered = sorted(cells.items())
    rows = [np.array([place[side] for place, _ in ordered], dtype=np.int32) for side in (0, 1)]
    return PairTable(rows[0], rows[1], np.array([score for _, score in ordered]), "", 0, 0)


def tried(cells: dict[tuple[int, int], float]) -> float:
    """Greatest total over every way to pair four rows with four columns."""
    return max(
        sum(max(cells.get((row, column), 0.0), 0.0) for row, column in enumerate(order))
        for order in permutations(range(4))
    )


@given(cells=CELLS)
def test_no_other_selection_adds_up_to_more(cells: dict[tuple[int, int], float]) -> None:
    found = best_assignment(table(cells))
    assert found.score.sum() == tried(cells)
    assert len(set(found.rows_a.tolist())) == len(set(found.rows_b.tolist())) == len(found)
    assert (found.score >= 0).all()
    assert found.score.sum() >= one_to_one(table(cells)).score.clip(0).sum()


@given(rows=st.integers(1, 7), more=st.integers(0, 4), seed=st.integers(0, 2**32 - 1))
def test_scipy_finds_the_same_total(rows: int, more: int, seed: int) -> None:
    cost = np.random.default_rng(seed).normal(size=(rows, rows + more))
    mine = cheapest(cost)
    row, column = linear_sum_assignment(cost)
    assert np.isclose(cost[np.arange(rows), mine].sum(), cost[row, column].sum())
    assert len(set(mine.tolist())) == rows


def test_greed_loses_a_pair_that_the_best_assignment_keeps() -> None:
    cells = {(0, 0): 10.0, (0, 1): 9.0, (1, 0): 9.0}
    assert len(one_to_one(table(cells))) == 1
    assert best_assignment(table(cells)).score.tolist() == [9.0, 9.0]


def test_nothing_to_choose_from_gives_nothing() -> None:
    assert len(best_assignment(table({}))) == 0
