"""A record matches at most one record of a source; what is unclear goes to review."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from linkage.classify import classify, one_to_one
from linkage.kernel import PairTable

Rows = list[tuple[int, int, float]]


def table(rows: Rows) -> PairTable:
    kept = sorted({(a, b): (a, b, score) for a, b, score in rows}.values())
    a, b, score = (np.array(column) for column in zip(*kept, strict=True)) if kept else [[]] * 3
    return PairTable(
        np.array(a, dtype=np.int32),
        np.array(b, dtype=np.int32),
        np.array(score, dtype=np.float64),
        "test",
        0,
        1,
    )


def listed(pairs: PairTable) -> Rows:
    columns = pairs.rows_a.tolist(), pairs.rows_b.tolist(), pairs.score.tolist()
    return list(zip(*columns, strict=True))


pairs = st.lists(
    st.tuples(st.integers(0, 8), st.integers(0, 8), st.sampled_from([0.5, 0.6, 0.7, 0.8, 0.9]))
).map(table)


@given(candidates=pairs)
def test_one_to_one_uses_every_row_at_most_once(candidates: PairTable) -> None:
    chosen = one_to_one(candidates)
    assert len(set(chosen.rows_a.tolist())) == len(chosen)
    assert len(set(chosen.rows_b.tolist())) == len(chosen)
    assert set(listed(chosen)) <= set(listed(candidates))


@given(candidates=pairs)
def test_what_one_to_one_passes_over_lost_to_a_pair_at_least_as_good(candidates: PairTable) -> None:
    chosen = listed(one_to_one(candidates))
    for a, b, score in set(listed(candidates)) - set(chosen):
        assert any((x == a or y == b) and better >= score for x, y, better in chosen)


@given(candidates=pairs, most=st.integers(0, 5))
def test_matches_and_possible_matches_are_disjoint_and_bounded(
    candidates: PairTable, most: int
) -> None:
    split = classify(candidates, match_at=0.75, possible_at=0.55, most_possible=most)
    assert set(listed(split.matches)).isdisjoint(listed(split.possible))
    assert all(score >= 0.75 for score in split.matches.score.tolist())
    assert all(score >= 0.55 for score in split.possible.score.tolist())
    assert len(split.possible) <= most


def test_a_pair_whose_records_both_match_others_is_not_asked_about() -> None:
    found = table([(0, 0, 0.9), (1, 1, 0.9), (0, 1, 0.7), (0, 2, 0.7)])
    split = classify(found, match_at=0.8, possible_at=0.6, most_possible=10)
    assert listed(split.possible) == [(0, 2, 0.7)]


def test_ties_are_broken_by_row_numbers() -> None:
    assert listed(one_to_one(table([(0, 1, 0.9), (0, 0, 0.9), (1, 0, 0.9)]))) == [(0, 0, 0.9)]
